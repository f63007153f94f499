"""Whose place a unit has taken (RULES F7): what was closed at a desk that has ended is asked of those who work on for it.

Held in the process for half a minute, as figures are: units end rarely, and every gate of a department asks.
"""

import time
from dataclasses import dataclass, field
from datetime import date

from config import clock
from config.verbs import TransitionError

from .desks import successor_of
from .figures import HELD_SECONDS
from .models import Post, Unit
from .permissions import ENDABLE


@dataclass(frozen=True, slots=True)
class Lineage:
    """By the unit that works on, on one day: which units it works on for, which departments' these were, and their codes."""

    on: date
    at: float
    units: dict[int, tuple[int, ...]] = field(default_factory=dict)
    departments: dict[int, tuple[int, ...]] = field(default_factory=dict)
    codes: dict[int, tuple[str, ...]] = field(default_factory=dict)


_held: Lineage | None = None


def desks(post: Post) -> tuple[int, ...]:
    """The post's own unit, and the ended ones that it works on for."""
    return (post.unit_id, *(_lineage().units.get(post.unit_id, ()) if post.unit.kind in ENDABLE else ()))


def departments(post: Post) -> tuple[int, ...]:
    """The post's own department, and the dissolved ones whose work it has taken over."""
    own = post.unit.department_id
    return (own, *_lineage().departments.get(post.unit_id, ())) if own else ()


def codes(post: Post) -> frozenset[str]:
    """The same by their codes, as what belongs to certain departments names them; empty for whoever is of none."""
    if post.unit.kind != Unit.Kind.DEPARTMENT or post.unit.department is None:
        return frozenset()
    return frozenset({post.unit.department.code, *_lineage().codes.get(post.unit_id, ())})


def hold(lineage: Lineage | None) -> None:
    """For today, instead of what would be read; None: read afresh the next time."""
    global _held
    _held = lineage


def _lineage() -> Lineage:
    """As of today: a unit that ends is followed from the next day on."""
    global _held
    today, moment, held = clock.today(), time.monotonic(), _held
    if held is None or held.on != today or moment - held.at >= HELD_SECONDS:
        held = _held = _read(today, moment)
    return held


def _read(today: date, moment: float) -> Lineage:
    units: dict[int, list[Unit]] = {}
    for unit in Unit.objects.succeeded(today).select_related("department__successor", "successor").order_by("pk"):
        try:
            heir = successor_of(unit, today)
        except TransitionError:  # the job says so in its log: nobody works on for it yet
            continue
        if heir is not None:
            units.setdefault(heir.pk, []).append(unit)
    gone = {heir: [unit.department for unit in rows if unit.department is not None] for heir, rows in units.items()}
    return Lineage(
        today, moment,
        {heir: tuple(unit.pk for unit in rows) for heir, rows in units.items()},
        {heir: tuple(department.pk for department in rows) for heir, rows in gone.items()},
        {heir: tuple(department.code for department in rows) for heir, rows in gone.items()},
    )  # fmt: skip
