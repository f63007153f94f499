"""Opening: called by `intake` when it accepts (ZX-20), inside its transaction, after its gates."""

from typing import Any
from uuid import UUID

from django.db import models, transaction

from audit.transitions import record
from config import clock
from config.verbs import lock, save
from deadlines.rules import Limit, Rule
from deadlines.transitions import open_duty
from documents.transitions import next_number
from households.models import Household
from organization.figures import figure
from organization.models import Post, Unit

from ..models import Verification

START_DUTY = "start_verification"
START_BASIS = "《最低生活保障审核确认办法》第15条"


@transaction.atomic
def open_for(*, household: Household, subject: models.Model, unit: Unit, title: str, by: Post) -> Verification:
    """The verification that serves the household: the one under way, the newest that is valid (ZX-40 互认), or a new one.

    A new one is to be started within its working days (C-03). `title` is masked, for the duty. Two acceptances of one household at once
    wait for each other at the household's lock: the second finds what the first opened.
    """
    household = lock(household)
    usable = Verification.objects.usable_for(household.pk, clock.today()).first()
    if usable:
        record(
            "verification.recognised", usable, by=by, new=usable.number, household_id=household.pk, application_id=application_of(subject)
        )
        return usable
    verification = Verification(
        number=next_number("verification", unit.region_id, clock.today()), household=household, unit=unit, opened_at=clock.now(),
        opened_by=by, opened_for_label=subject._meta.label_lower, opened_for_id=str(subject.pk),
    )  # fmt: skip
    save(verification)
    open_duty(
        subject=verification, kind=START_DUTY, kind_name="启动核查", unit=unit, title=title, by=by,
        limit=Limit(Rule.WORKING_DAYS, figure("verification_start_within")), url=verification.get_absolute_url(),
        region_code=unit.region_id, basis=START_BASIS,
    )  # fmt: skip
    record("verification.opened", verification, by=by, new=verification.number, **about(verification))
    return verification


def about(verification: Verification) -> dict[str, Any]:
    """Under which household and application its events are found."""
    return {
        "household_id": verification.household_id,
        "application_id": _application(verification.opened_for_label, verification.opened_for_id),
    }


def application_of(subject: models.Model) -> UUID | None:
    return _application(subject._meta.label_lower, str(subject.pk))


def _application(label: str, pk: str) -> UUID | None:
    return UUID(pk) if label == "intake.application" else None
