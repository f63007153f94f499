"""Opening and letting go: called by the rooms above when they accept (ZX-20) and when a case ends, inside their transactions, after
their gates."""

from typing import Any

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
from ..needs import Need, keeper, needs_of
from .cancelling import cancel
from .telling import about, application_of

START_DUTY = "start_verification"
START_BASIS = "《最低生活保障审核确认办法》第15条"


def hold(household_id: Any) -> Verification | None:
    """The one under way, locked: before the household, as everybody locks them. Who accepts a case and who ends one wait here for each
    other, so that nobody leans on a verification that is being let go."""
    rows = Verification.objects.for_household(household_id).unfinished().select_related("unit", "household")
    return rows.select_for_update(of=("self",), no_key=True).first()


@transaction.atomic
def open_for(*, household: Household, subject: models.Model, unit: Unit, title: str, by: Post) -> Verification:
    """The verification that serves the household: the one under way, the newest that is valid (ZX-40 互认), or a new one.

    A new one is to be started within its working days (C-03). `title` is masked, for the duty. Two acceptances of one household at once
    wait for each other at the household's lock: the second finds what the first opened.

    One under way in another township serves while that township has a reason to go on; else it is ended, and the accepting one opens its
    own: each keeps its number, its people and its clock, and the family waits for nobody who has no case.
    """
    running = hold(household.pk)
    household = lock(household)
    if running and running.unit.region_id != unit.region_id and keeper(running, needs_of(household.pk, besides=subject)) is None:
        cancel(running, reason=f"该家庭的申请改由{unit.short_name}受理，由其另行核查。", application_id=application_of(subject), by=by)
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


@transaction.atomic
def let_go(*, household: Household, ended: str, application_id: Any, by: Post) -> None:
    """A case that may have needed it has ended: `ended` says which and how. With the last of them what is under way ends, and its clocks;
    what is finished is recognised by others and stays (ZX-40).

    Where only a case of another township still leans on it, and the family does not live here either, that one opens its own.
    """
    running = hold(household.pk)
    if running is None:
        return
    needs = needs_of(household.pk)
    if keeper(running, needs):
        return
    other: Need | None = next(iter(needs), None)
    why = f"还需要核查的事项由{other.unit.short_name}受理，由其另行核查" if other else "没有其他事项需要这项核查"
    cancel(running, reason=f"{ended}，{why}。", application_id=application_id, by=by)
    if other:
        open_for(household=household, subject=other.subject, unit=other.unit, title=other.title, by=by)


def follow_family(household: Household, by: Post) -> None:
    """Members left the household for another, or came from one, just now: what was found before is of another family. Inner, under the
    locks of the household and its verification.

    A case that leaned on a finished one gets its own. One under way goes on and keeps what was written of the former family to be read; the
    figures, which would become facts of this one, are to be filled in anew, also in a form that lies open.
    """
    running = hold(household.pk)
    if running is None:
        need = next(iter(needs_of(household.pk)), None)
        if need:
            open_for(household=household, subject=need.subject, unit=need.unit, title=need.title, by=by)
        return
    if running.started_at:
        running.figures, running.noted_at, running.noted_by = {}, clock.now(), by
        save(running, "figures", "noted_at", "noted_by")
        record("verification.family_changed", running, by=by, **about(running))
