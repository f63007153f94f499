"""督办: which open duties of a unit somebody above it looks at (ZX-48, QJ-23)."""

from datetime import datetime

from deadlines.models import Duty
from deadlines.querysets import DutyQuerySet

from .matters import SUPERVISE
from .models import SupervisionOrder, WrittenReminder


def among(rows: DutyQuerySet, now: datetime) -> DutyQuerySet:
    """Of these duties the open ones that an order or a written reminder is about, that went over the unit's head for being late, and the
    orders to answer. Read from where each stands, never stored."""
    open_ones = rows.open()
    parts = [
        open_ones.filter(kind=SUPERVISE),
        rows.escalated(now),
        open_ones.filter(pk__in=SupervisionOrder.objects.open().order_by().values("duty")),
        open_ones.filter(pk__in=WrittenReminder.objects.standing().order_by().values("duty")),
    ]
    first, *others = [part.order_by().values("pk") for part in parts]
    return Duty.objects.filter(pk__in=first.union(*others, all=True))
