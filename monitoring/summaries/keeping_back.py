"""Which figures of sensitive programs are kept back from whoever is not of their department (SECURITY, people and households).

Such a program is told by name over the county alone, and stands in no sum of several. What is small of it stays out, by the group it
belongs to: no other number, and no list of rows, gives it away as a rest.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from households.small_counts import least_shown
from organization.models import Post

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


def kept_back(post: Post, cells: "Iterable[Cell]") -> "list[Cell]":
    """The cells without what this post may not know."""
    found = list(cells)
    if post.unit.kind == "department" or not any(cell.with_sensitive for cell in found):
        return found
    least = least_shown()
    return [_without_few(cell, least) if cell.with_sensitive else cell for cell in found]


def _without_few(cell: "Cell", least: int) -> "Cell":
    small = [group for group in GROUPS.values() if any(0 < getattr(cell, name) < least for name in group if name not in SUMS)]
    blank: dict[str, Any] = {name: None for group in small for name in group}
    if _pays_few_others(cell, least):
        blank["paid"] = None
    return replace(cell, **blank)


def _pays_few_others(cell: "Cell", least: int) -> bool:
    """Whether what was paid, beside what stands and what was given once, tells of few: who stopped in the month, began and stopped in it,
    is held, or is paid by the year. The first alone are counted."""
    others = (cell.paid or 0) - (cell.amount or 0) - (cell.once_amount or 0)
    return bool(others) and min(cell.stopped_households or 0, cell.stopped_people or 0) < least
