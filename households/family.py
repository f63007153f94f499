"""When a family was made another one, so that what was found of its means no longer speaks of it (分户, 成员转入他户, 并户). Reads alone.

RULES leaves a birth, a death and what a report tells of them to the review and the change that comes of it (C-14, C-15, C-19), and a
correction of a member says only what was so all along: neither makes the valid checks of a family void (ZX-40 互认). What two people have
confirmed to have parted or joined does: a sum over people of whom some are gone, or others have come, is nobody's.
"""

from datetime import date, datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from config import clock

from .models import RegistryChange


def remade(household: Any) -> "QuerySet[RegistryChange]":
    """The confirmed changes by which somebody left the household for another, or came from one. `household`: its key, or a column."""
    rows = RegistryChange.objects.filter(Q(household=household) | Q(target=household), kind__in=RegistryChange.REMAKING)
    return rows.filter(status=RegistryChange.Status.CONFIRMED).order_by()


def remade_at(household_id: Any) -> datetime | None:
    """The last of them; None where the family is as it was entered, but for births, deaths and corrections."""
    moment: datetime | None = remade(household_id).aggregate(at=Max("answered_at"))["at"]
    return moment


def remade_on(household_id: Any) -> date | None:
    moment = remade_at(household_id)
    return clock.local(moment).date() if moment else None
