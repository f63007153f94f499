"""Which figures of sensitive programs are kept back from whoever is not of their department (SECURITY, people and households).

By township such a program is not told by name at all. Over the county its small figures stay out, by the group they belong to, and so does
another program of its department, or of the place, whose figure would give it away as the rest of a sum; where the department has no
other, the department's own figure stays out with both. Nor is a department told by township that has nothing there but such programs:
its figure would be theirs under another name, however large.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from households.small_counts import least_shown
from organization.models import Post

from ..models import SummaryCell

if TYPE_CHECKING:
    from .read import Cell

# Figures that tell each other: the counts by which a group is found small, and what goes with them.
GROUPS: dict[str, tuple[str, ...]] = {
    "standing": ("records", "households", "people", "amount", "paid"),
    "new": ("new_households", "new_people"),
    "stopped": ("stopped_households", "stopped_people"),
    "once": ("once_records", "once_households", "once_people", "once_amount", "paid"),
}
SUMS = frozenset({"amount", "paid", "once_amount"})
COUNTS = sorted({name for figures in GROUPS.values() for name in figures} - SUMS)
# As text: asked with each reading, compiling it would take longer than the answer.
SMALL = f"""
    SELECT * FROM (
        SELECT c.*, c.township_code <> '' AND NOT EXISTS (
            SELECT FROM monitoring_summarycell o JOIN programs_program q ON q.code = o.program_id AND NOT q.is_sensitive
            WHERE o.month = c.month AND o.township_code = c.township_code AND o.department_id = c.department_id) AS is_all
        FROM monitoring_summarycell c JOIN programs_program p ON p.code = c.program_id AND p.is_sensitive
        WHERE c.month = ANY (%s) AND c.township_code = ANY (%s)) c
    WHERE c.is_all OR {" OR ".join(f"c.{name} > 0 AND c.{name} < %s" for name in COUNTS)}
"""  # noqa: S608 - constants
Place = tuple[date, str]


def kept_back(post: Post, cells: "Iterable[Cell]") -> "list[Cell]":
    """The cells without what this post may not know; those of a township's sensitive programs are not among them."""
    found = list(cells)
    places = {(cell.month, cell.township_code) for cell in found if cell.department_id}
    if post.unit.kind == "department" or not places:
        return found
    hidden = _hidden(places)
    return [_without(cell, hidden) for cell in found] if hidden else found


def _without(cell: "Cell", hidden: set[tuple[Place, str, object, str]]) -> "Cell":
    place = (cell.month, cell.township_code)
    key = ("program", cell.program_id) if cell.program_id else ("department", cell.department_id)
    groups = [figures for group, figures in GROUPS.items() if (place, *key, group) in hidden]
    blank: dict[str, Any] = {name: None for figures in groups for name in figures}
    return replace(cell, **blank) if blank else cell


def _hidden(places: set[Place]) -> set[tuple[Place, str, object, str]]:
    """(place, program or department, which, group)."""
    least = least_shown()
    months, towns = {month for month, _ in places}, {town for _, town in places}
    small: dict[tuple[Place, str], list[SummaryCell]] = defaultdict(list)
    found: set[tuple[Place, str, object, str]] = set()
    found_small: Iterable[Any] = SummaryCell._base_manager.raw(SMALL, [sorted(months), sorted(towns), *[least] * len(COUNTS)])
    for row in found_small:
        for group in GROUPS:
            if _is_small(row, group, least):
                small[(row.month, row.township_code), group].append(row)
            if row.is_all:
                found.add(((row.month, row.township_code), "department", row.department_id, group))
    if not small:
        return found
    beside: dict[Place, list[SummaryCell]] = defaultdict(list)
    rows = SummaryCell._base_manager.filter(month__in=months, township_code__in=towns, program__isnull=False)
    for row in rows.order_by("program"):
        beside[row.month, row.township_code].append(row)
    for (place, group), few in small.items():
        found |= {(place, *key, group) for key in _together(few, beside[place], group)}
    return found


def _is_small(row: SummaryCell, group: str, least: int) -> bool:
    return any(0 < getattr(row, name) < least for name in GROUPS[group] if name not in SUMS)


def _together(few: list[SummaryCell], beside: list[SummaryCell], group: str) -> set[tuple[str, object]]:
    """Of one place: the small ones, and what would tell one that is alone as the rest of a sum."""
    hidden = {row.program_id: row for row in few}
    for home in {row.department_id for row in few}:
        theirs = [row for row in hidden.values() if row.department_id == home]
        others = [row for row in beside if row.department_id == home and row.program_id not in hidden and _weight(row, group)]
        if len(theirs) == 1 and others:
            least = min(others, key=lambda row: (_weight(row, group), row.program_id))
            hidden[least.program_id] = least
    found: set[tuple[str, object]] = {("program", code) for code in hidden}
    alone = {home for home in {row.department_id for row in few} if sum(row.department_id == home for row in hidden.values()) == 1}
    if alone:
        found |= {("department", home) for home in alone}
        others = [row for row in beside if row.program_id not in hidden and _weight(row, group)]
        if len(alone) == 1 and len(hidden) == 1 and others:
            least = min(others, key=lambda row: (_weight(row, group), row.program_id))
            found |= {("program", least.program_id), ("department", least.department_id)}
    return found


def _weight(row: SummaryCell, group: str) -> int:
    return int(sum(getattr(row, name) for name in GROUPS[group] if name not in SUMS))
