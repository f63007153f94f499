"""What a bulletin says of each unit: seven statements over the county, whatever its size. Numbers alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet

from config import clock
from deadlines.models import Duty
from deadlines.rules import due_on
from referrals.models import Dispute

from .models import SupervisionOrder, WrittenReminder
from .periods import Period, bounds_of

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
    return figures


def counted_by_unit(year: int, now: datetime) -> Iterable[dict[str, Any]]:
    """未做到应保尽保、应救尽救 of a year, by the unit reminded: those that came due in it (QJ-23)."""
    since, end = bounds_of(year)
    return _by_unit(WrittenReminder.objects.counted(now).falling_due(since, end), counted=Count("pk"))


def _open(now: datetime) -> Iterable[dict[str, Any]]:
    """The to-do lists; a promise is watched, not worked on (DESIGN 6)."""
    rows = Duty.objects.open().filter(is_promise=False)
    return _by_unit(rows, pending=Count("pk"), overdue=Count("pk", filter=Q(due_at__lte=now)), oldest=Min("due_at"))


def _closed(period: Period) -> Iterable[dict[str, Any]]:
    """What was done or given back in the period, each charged to the unit that held it; what fell away is neither late nor in time."""
    rows = Duty.objects.closed().filter(is_promise=False, closed_at__gte=period.since, closed_at__lt=period.end)
    return _by_unit(rows.exclude(outcome="cancelled"), finished=Count("pk"), in_time=Count("pk", filter=Q(closed_at__lt=F("due_at"))))


def _by_unit(rows: "QuerySet[Any]", **counts: Any) -> Iterable[dict[str, Any]]:
    return rows.order_by().values("unit_id").annotate(**counts)


def _add(figures: Figures, rows: Iterable[dict[str, Any]], *names: str) -> None:
    for row in rows:
        figures.setdefault(row["unit_id"], {}).update({name: row[name] for name in names})
