"""Until when deliveries are to be handed in: to the round's last day, and again within some working days once they were sent back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from deadlines import counting
from deadlines.lamps import Lamp
from deadlines.models import Duty
from deadlines.rules import date_of

from .models import Delivery
from .transitions.rounds import HAND_IN


@dataclass(frozen=True, slots=True)
class Clock:
    """`due_at`: None while it stands still."""

    due_at: datetime | None
    lamp: Lamp


def clocks_of(deliveries: Iterable[Delivery], now: datetime) -> dict[str, Clock]:
    """By delivery that its unit has still to hand in. Three statements at most, however many they are."""
    asked = [str(delivery.pk) for delivery in deliveries]
    rows = Duty.objects.open().filter(subject_label=Delivery._meta.label_lower, subject_id__in=asked, kind=HAND_IN) if asked else ()
    duties = list(rows)
    if not duties:
        return {}
    calendar = counting.calendar_since(date_of(now))
    return {duty.subject_id: Clock(duty.due_at, counting.lamp_of(duty, now, calendar)) for duty in duties}


def clocks_of_returned(deliveries: Iterable[Delivery], now: datetime) -> dict[str, Clock]:
    """By delivery that was sent back, for a list: it is late by itself, however early the first one came. The lamp leads nowhere: the
    delivery's own page does, to whoever may open it."""
    found = clocks_of([delivery for delivery in deliveries if delivery.status == Delivery.Status.RETURNED], now)
    return {key: replace(clock, lamp=clock.lamp | {"url": ""}) for key, clock in found.items()}
