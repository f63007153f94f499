"""A bulletin as it is read: a row for each unit, and the county's sum."""

from collections.abc import Iterable
from dataclasses import dataclass

from referrals.names import names

from .models import Bulletin
from .on_time import rate_of

COUNTS = ("pending", "overdue", "disputes", "finished", "in_time", "orders", "reminders", "counted", "deliveries")


@dataclass(frozen=True, slots=True)
class Row:
    unit: str
    pending: int
    overdue: int
    longest_days: int
    disputes: int
    finished: int
    in_time: int
    orders: int
    reminders: int
    counted: int
    deliveries: int

    @property
    def rate(self) -> str:
        """按期率 of the period."""
        return rate_of(self.in_time, self.finished)


def rows_of(bulletin: Bulletin) -> list[Row]:
    """Most overdue first."""
    units = names().units
    return [
        Row(units.get(line.unit_id, ""), line.pending, line.overdue, line.longest_days, line.disputes, line.finished, line.in_time,
            line.orders, line.reminders, line.counted, line.deliveries)
        for line in bulletin.lines.all()
    ]  # fmt: skip


def total_of(rows: Iterable[Row]) -> Row:
    listed = list(rows)
    sums = {name: sum(getattr(row, name) for row in listed) for name in COUNTS}
    return Row(unit="全县合计", longest_days=max((row.longest_days for row in listed), default=0), **sums)
