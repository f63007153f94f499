"""Which late matters somebody ticked, on the way from their list into a form: by the keys of the duties, which name nobody."""

from dataclasses import dataclass
from uuid import UUID

from config import clock
from config.verbs import TransitionError
from organization.requests import StaffRequest

from . import matters
from .lateness import late

MOST = 100


@dataclass(frozen=True, slots=True)
class Matter:
    key: str
    unit: str
    said: str


def late_matters(request: StaffRequest) -> list[Matter]:
    """Those of the request that are late, longest first; empty where none was named.

    Raises:
        TransitionError: none of those that were ticked is late any more, or too many.
    """
    keys = _keys([*request.POST.getlist("duty"), *request.GET.getlist("duty")])
    if not keys:
        return []
    if len(keys) > MOST:
        raise TransitionError(f"一次最多选{MOST}件，请分几次办理。")
    rows = list(late(request.post, clock.now()).filter(pk__in=keys).select_related("unit").order_by("due_at", "pk"))
    if not rows:
        raise TransitionError("所选事项已经办结或不再超期，请返回超期事项重新选择。")
    said = matters.said_of(rows)
    return [Matter(str(row.pk), row.unit.short_name, said[row.pk]) for row in rows]


def _keys(typed: list[str]) -> set[UUID]:
    found = set()
    for text in typed:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found
