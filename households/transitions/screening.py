"""A household screened: asked, stored, and what a new identity opened for it."""

from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import AlreadyHandled, ConstraintBroken, lock, recheck, save
from organization.models import Post

from ..models import Household, Screening
from ..permissions import can_screen
from ..screening.screening import HELPFUL, Row, Screened, compact, screen
from .standing import refuse_gone


@transaction.atomic
def screen_household(*, household_id: Any, by: Post) -> Screening:
    """Ask all rules in force today, and keep what they were asked by (DESIGN 4). The household's lock makes one follow the other.

    Raises:
        Http404: the household does not exist for `by`.
        TransitionError: it is closed.
    """
    household: Household = lock(Household.objects.visible_to(by).get_or_404(household_id))
    recheck(household, can_screen, by)
    refuse_gone(household)
    return _keep(household, screen(household, clock.today()), by)


def _keep(household: Household, found: Screened, by: Post) -> Screening:
    rules = {row.version.program_id: row.rule for row in found.rows}
    versions = {row.version.pk: row.department_id for row in found.rows}
    screening = Screening(
        household=household, on=found.inputs.on, inputs=found.inputs.asked_by(rules).stored(), versions=sorted(versions.items()),
        answers=compact(found.rows), previous=latest(household), asked_at=clock.now(), asked_by=by,
    )  # fmt: skip
    try:
        save(screening)
    except ConstraintBroken as clash:
        if clash.name == "screenings_follow_one_another":
            raise AlreadyHandled(clash.messages[0]) from clash
        raise
    # Without how many it fits: who asked reads fewer on the page, and the difference would tell of what it keeps back.
    record(
        "household.screened", screening, by=by, subject_text=str(household), household_id=household.pk,
        data={"versions": len(versions), "previous": str(screening.previous_id or "")},
    )  # fmt: skip
    return screening


def latest(household: Household) -> Screening | None:
    """The last one, whoever asked. The caller fetched the household through its gate."""
    screening: Screening | None = Screening.objects.for_household(household.pk).newest().first()
    return screening


@transaction.atomic
def screen_again(household: Household, *, decision_id: Any, by: Post) -> tuple[Screening, list[Row]]:
    """Stored after a decision; the programs that are 符合 or 疑似 through what it wrote, and are not in force yet. Inner.

    Compared with the same day without what that decision wrote: what changed otherwise meanwhile is not told as its doing.
    """
    household = lock(household)
    refuse_gone(household)
    today = clock.today()
    before = {row.key: row.outcome for row in screen(household, today, without=decision_id).rows}
    found = screen(household, today)
    screening = _keep(household, found, by)
    gained = [row for row in found.rows if row.outcome in HELPFUL and before.get(row.key) not in HELPFUL and not row.has_already]
    return screening, gained
