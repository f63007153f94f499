"""Which cases wait for the verification of a household, told to the room that does it (ZX-20, ZX-40)."""

from collections.abc import Iterator
from typing import Any

from intake.models import Application, ApplicationItem
from intake.querysets import GIVEN_UP
from intake.transitions.applications import duty_title
from programs.models import Track
from verification.needs import Need

from .conditions import walks_a_road_of_grants
from .models import Referral

BEFORE = Track.Verification.BEFORE
GOING_ON = (Application.Status.ACCEPTED, Application.Status.IN_PROGRESS)


def needs(household_id: Any) -> Iterator[Need]:
    """Accepted items that are to be sent out, now or when they open, and referrals before their decision; by what decides first, none."""
    items = ApplicationItem.objects.filter(track__verification=BEFORE, referral=None).exclude(waiting__outcome__in=GIVEN_UP)
    unsent = Application.objects.filter(household_id=household_id, status__in=GOING_ON, pk__in=items.order_by().values("application_id"))
    for application in unsent.select_related("unit", "applicant"):
        if application.accepted_at:
            yield Need(application, application.unit, application.accepted_at, duty_title(application))
    sent = Referral.objects.filter(case_household_id=household_id, track__verification=BEFORE).undecided()
    for referral in sent.select_related("window", "track", "application"):
        if not walks_a_road_of_grants(referral):
            yield Need(referral.application or referral, referral.window, referral.accepted_at, referral.title)
