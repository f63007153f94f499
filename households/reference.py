"""Which programs follow which dated figure, and how: from `fixtures/standard_rules.csv` (TZ-36). Loading twice changes nothing."""

from audit.transitions import record
from config import clock
from organization.models import Post
from organization.reference import rows

from .models import StandardRule


def load(*, by: Post) -> None:
    """Add what is missing, put right what the file says otherwise; one event where anything changed."""
    known = {rule.program_id: rule for rule in StandardRule.objects.visible_to(by)}
    changed = []
    for row in rows("standard_rules.csv"):
        said = {"key": row["key"], "how": row["how"], "fact": row["fact"], "grades": _grades(row["grades"])}
        rule = known.get(row["program"])
        if rule is not None and all(getattr(rule, name) == value for name, value in said.items()):
            continue
        StandardRule.objects.update_or_create(program_id=row["program"], defaults={**said, "set_at": clock.now(), "set_by": by})
        changed.append(row["program"])
    if changed:
        record("reference.loaded", by.unit, by=by, data={"programs": changed}, note="待遇计算规则")


def _grades(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(";") if part)
