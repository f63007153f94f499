"""What a bulletin says of each unit: eight statements over the county, whatever its size. Numbers alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from config import clock
from deadlines.models import Duty
from deadlines.querysets import IN_TIME, DutyQuerySet
from deadlines.rules import due_on
from referrals.models import Dispute
from referrals.names import names

from .matters import SUPERVISE
from .models import SupervisionOrder, WrittenReminder
from .periods import Period, bounds_of
from .round_board import late_by_unit


@dataclass(frozen=True, slots=True)
class LateUnit:
    pk: int
    name: str
    pending: int
    overdue: int
    longest_days: int


Figures = dict[int, dict[str, int]]


def of_period(period: Period, now: datetime) -> Figures:
    """By unit; units of which there is nothing to say are left out."""
    figures: Figures = {}
    for row in _open(now):
        longest = (clock.local(now).date() - due_on(row["oldest"])).days if row["oldest"] and row["oldest"] <= now else 0
        figures[row["unit_id"]] = {"pending": row["pending"], "overdue": row["overdue"], "longest_days": longest}
    _add(figures, _closed(period), "finished", "in_time")
    _add(figures, _by_unit(Dispute._base_manager.filter(answer=""), disputes=Count("pk")), "disputes")
    _add(figures, _by_unit(SupervisionOrder.objects.open(), orders=Count("pk")), "orders")
    _add(figures, _by_unit(WrittenReminder.objects.standing(), reminders=Count("pk")), "reminders")
    _add(figures, counted_by_unit(period.last.year, now), "counted")
    for unit, late in late_by_unit(period.first, period.last, now).items():
        figures.setdefault(unit, {})["deliveries"] = late
    return figures


def counted_by_unit(year: int, now: datetime) -> Iterable[dict[str, Any]]:
    """未做到应保尽保、应救尽救 of a year, by the unit reminded: those that came due in it (QJ-23)."""
    since, end = bounds_of(year)
    return _by_unit(WrittenReminder.objects.counted(now).falling_due(since, end), counted=Count("pk"))


def late_units(now: datetime) -> list[LateUnit]:
    """Units with something overdue, most of it first, then the longest: of the same matters as the list of late ones (`lateness.late`)."""
    rows = [row for row in _open(now, Duty.objects.exclude(kind=SUPERVISE)) if row["overdue"]]
    units, today = names().units, clock.local(now).date()
    found = [
        LateUnit(row["unit_id"], units.get(row["unit_id"], ""), row["pending"], row["overdue"], (today - due_on(row["oldest"])).days)
        for row in rows
    ]
    return sorted(found, key=lambda unit: (-unit.overdue, -unit.longest_days, unit.pk))


def year_of_reminders(year: int, now: datetime) -> list[dict[str, Any]]:
    """By unit: how many reminders came due in a year, and what became of them (QJ-23)."""
    since, end = bounds_of(year)
    rows = WrittenReminder.objects.with_state(now).falling_due(since, end)
    by_state = {state: Count("pk", filter=Q(state=state)) for state in WrittenReminder.State.values}
    units = names().units
    found = [dict(row) for row in _by_unit(rows, issued=Count("pk"), **by_state)]
    for row in found:
        row["unit"] = units.get(row["unit_id"], "")
        row["assessed"] = row["counted"] + row["done_late"]
    return sorted(found, key=lambda row: (-row["assessed"], row["unit_id"]))


def _open(now: datetime, of: DutyQuerySet | None = None) -> Iterable[dict[str, Any]]:
    """The to-do lists; a promise is watched, not worked on (DESIGN 6)."""
    rows = (Duty.objects.all() if of is None else of).open().filter(is_promise=False)
    return _by_unit(rows, pending=Count("pk"), overdue=Count("pk", filter=Q(due_at__lte=now)), oldest=Min("due_at"))


def _closed(period: Period) -> Iterable[dict[str, Any]]:
    """What was done or given back in the period, each charged to the unit that held it: the same duties as those of 按期率."""
    rows = Duty.objects.ended_between(period.since, period.end).filter(is_promise=False)
    return _by_unit(rows, finished=Count("pk"), in_time=Count("pk", filter=IN_TIME))


def _by_unit(rows: "QuerySet[Any]", **counts: Any) -> Iterable[dict[str, Any]]:
    return rows.order_by().values("unit_id").annotate(**counts)


def _add(figures: Figures, rows: Iterable[dict[str, Any]], *names: str) -> None:
    for row in rows:
        figures.setdefault(row["unit_id"], {}).update({name: row[name] for name in names})
