"""What the verbs share that send a referral on: leaving a stage, arriving at the next, saving, the event, the notice."""

from typing import Any

from audit.transitions import record
from config import clock
from config.verbs import save
from deadlines.transitions import announce
from households.models import Access
from households.transitions import let_in
from households.transitions.lookup import household_of
from organization.models import Post, Staff, Unit
from programs.models import Stage

from ..models import Referral, ReferralStage
from . import clocks
from .edges import move

S = Referral.Status
NOTE = 500  # as long as a note of the record


def arrive(referral: Referral, stage: Stage, unit: Unit, by: Post, *, is_return: bool = False) -> ReferralStage:
    """It is this unit's turn, at this stage, from now on: nobody works on it yet. The caller saves the referral before (`ARRIVAL`)."""
    row = ReferralStage(referral=referral, stage=stage, unit=unit, arrived_at=referral.arrived_at, arrived_by=by)
    save(row)
    if unit.kind == Unit.Kind.DEPARTMENT:
        _let_in(referral, unit, by)
    clocks.begin(referral, clocks.RECEIVE, unit, by, is_return=is_return)
    return row


def _let_in(referral: Referral, unit: Unit, by: Post) -> None:
    """A department sees the case's household, and a ward's own where it is another."""
    homes = {referral.case_household_id: referral.case_household}
    if referral.resident and (home := household_of(referral.resident)):
        homes[home.pk] = home
    for home in homes.values():
        let_in(household=home, unit=unit, reason=Access.Reason.REFERRAL, subject=referral, program=referral.program, by=by)


def place(referral: Referral, stage: Stage, unit: Unit, by: Post) -> None:
    """Set where it stands; unsaved."""
    referral.stage, referral.unit = stage, unit
    referral.arrived_at, referral.arrived_by = clock.now(), by
    referral.handler, referral.responsible = None, None


ARRIVAL = ("status", "stage", "unit", "arrived_at", "arrived_by", "handler", "responsible")


def send_to(referral: Referral, stage: Stage, unit: Unit, by: Post, *also: str, is_return: bool = False) -> ReferralStage:
    """Move it to a unit for a stage: status, place, clock, access. `also` are further columns that the caller has changed."""
    move(referral, S.DISPATCHED)
    place(referral, stage, unit, by)
    save(referral, *ARRIVAL, *also)
    return arrive(referral, stage, unit, by, is_return=is_return)


def wait_at(referral: Referral, status: str, unit: Unit) -> None:
    """It is at no stage meanwhile: the window gathers a supplement or settles a dispute, the platform rules."""
    move(referral, status)
    referral.unit, referral.handler, referral.responsible = unit, None, None
    save(referral, "status", "unit", "handler", "responsible")


def leave(row: ReferralStage, result: str, by: Post, *, opinion: str = "", is_ruling: bool = False) -> None:
    """The stay at a unit is over: when, by whom, with what result; a ruling names who ruled, never the proposer."""
    now = clock.now()
    row.left_at, row.left_by, row.result = now, by, result
    row.opinion = opinion or row.opinion
    if is_ruling:
        row.decided_at, row.decided_by, row.decided_by_staff = now, by, by.staff
    save(row, "left_at", "left_by", "result", "opinion", "decided_at", "decided_by", "decided_by_staff")


def note(verb: str, referral: Referral, by: Post, **about: Any) -> None:
    """Its line in the record, found by application and by household."""
    record(verb, referral, by=by, application_id=referral.application_id, household_id=referral.case_household_id, **about)


def tell(verb: str, referral: Referral, to: Unit | Staff, title: str, body: str = "", *, is_urgent: bool = False, url: str = "") -> None:
    """A notice to a unit or a person, in the transaction of its cause: masked title, urgent for urgent aid."""
    announce(
        verb, referral, to=to, title=f"{title}：{referral.title}", body=body, url=url or referral.get_absolute_url(),
        is_urgent=is_urgent or referral.track.is_urgent,
    )  # fmt: skip
