"""What a run found, by kind, as its page tells it; and how much stands of each kind today."""

from dataclasses import dataclass

from django.db.models import Count, Q

from ..models import Doubt, DoubtRun


@dataclass(frozen=True, slots=True)
class KindLine:
    kind: str
    word: str
    found: int
    new: int
    opened: int
    changed: int
    closed: int
    open: int
    pool: int


def numbers_of(run: DoubtRun) -> list[KindLine]:
    """A line for each kind of which there is anything, in their order."""
    standing = {
        row["kind"]: row
        for row in Doubt.objects.standing()
        .order_by()
        .values("kind")
        .annotate(open=Count("pk", filter=Q(status="open")), pool=Count("pk", filter=Q(status="pool")))
    }
    lines = []
    for kind, word in Doubt.Kind.choices:
        told, here = run.counts.get(kind, {}), standing.get(kind, {})
        numbers = {what: told.get(what, 0) for what in ("found", "new", "opened", "changed", "closed")}
        if told or here:
            lines.append(KindLine(kind, str(word), **numbers, open=here.get("open", 0), pool=here.get("pool", 0)))
    return lines
