"""Until when deliveries are to be handed in: to the round's last day, and again within some working days once they were sent back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from deadlines import counting
from deadlines.lamps import Lamp
from deadlines.models import Duty
from deadlines.rules import date_of

from .models import Delivery
from .round_rules import late_days
from .transitions.rounds import HAND_IN


@dataclass(frozen=True, slots=True)
class Clock:
    """`due_at`: None while it stands still."""

    due_at: datetime | None
    lamp: Lamp


@dataclass(frozen=True, slots=True)
class Again:
    """重报: how what was sent back stands with its own clock for coming again, which is late by itself, however early the first one came.

    `lamp`: while it is awaited. It leads nowhere: the delivery's own page does, to whoever may open it.
    """

    due_at: datetime | None
    lamp: Lamp | None
    late_days: int

    @property
    def late_word(self) -> str:
        """Of what has come; while it is awaited the lamp says it."""
        return f"重报超期{self.late_days}日" if self.late_days and self.lamp is None else ""


def clocks_of(deliveries: Iterable[Delivery], now: datetime) -> dict[str, Clock]:
    """By delivery that its unit has still to hand in. Three statements at most, however many they are."""
    asked = [str(delivery.pk) for delivery in deliveries]
    rows = Duty.objects.open().filter(subject_label=Delivery._meta.label_lower, subject_id__in=asked, kind=HAND_IN) if asked else ()
    duties = list(rows)
    if not duties:
        return {}
    calendar = counting.calendar_since(date_of(now))
    return {duty.subject_id: Clock(duty.due_at, counting.lamp_of(duty, now, calendar)) for duty in duties}


def again_of(deliveries: Iterable[Delivery], now: datetime) -> dict[str, Again]:
    """By delivery that was sent back; of one that was so more than once, the last time."""
    returned = [str(delivery.pk) for delivery in deliveries if delivery.returned_at]
    if not returned:
        return {}
    rows = Duty.objects.filter(subject_label=Delivery._meta.label_lower, subject_id__in=returned, kind=HAND_IN, is_return=True)
    last = {duty.subject_id: duty for duty in rows.order_by("opened_at", "pk")}
    calendar = counting.calendar_since(date_of(now))
    return {
        key: Again(
            duty.due_at,
            counting.lamp_of(duty, now, calendar) | {"url": ""} if duty.is_open else None,
            late_days(duty.due_at, duty.closed_at or now) if duty.due_at else 0,
        )
        for key, duty in last.items()
    }
