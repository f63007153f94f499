"""A unit has ended: whatever lies open there goes to who took it over, the dates unchanged (RULES F7). A job reads it; nobody is lost.

Every room keeps its own verb for what it holds, and this job, above all of them, calls down: one thing, one transaction, one line in the
record. A test lists every column that names a unit and says what becomes of it (`tests/referrals/test_succession.py`).
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404

from audit.transitions import record
from config import clock
from config.verbs import TransitionError, lock, save
from deadlines import transitions as deadlines
from deadlines.models import Duty
from deadlines.transitions import close_duty
from households.models import Access
from households.transitions import let_in
from households.transitions.succession import resettle, succeed_to_access, succeed_to_fact_requests, succeed_to_records
from intake.models import Request
from intake.transitions.succession import OWED, requests_of, succeed_to_request, window_over
from organization.desks import successor_of
from organization.models import Post, Unit
from programs import transitions as programs
from programs.models import Stage

from ..models import Dispute, ListEntry, MonthlyList, Referral, ReferralStage, UrgentAid
from . import clocks
from .edges import S, move, step
from .walking import arrive, leave, note, place, tell

log = logging.getLogger(__name__)
MOVES = frozenset({S.DISPATCHED, S.RECEIVED, S.HANDLING})
Work = Iterable[Callable[[], Any]]


def follow_successors() -> int:
    """Everything open at a unit that has ended, and what a village owes where nobody is left: one that cannot move holds up nobody.

    Idempotent; how many moved.
    """
    today, system = clock.today(), Post.objects.the_system()
    count = 0
    for unit in Unit.objects.succeeded(today).select_related("department__successor", "successor", "region__parent"):
        try:
            heir = successor_of(unit, today)
        except TransitionError as refused:
            log.warning("unit %s has no successor's desk: %s", unit.pk, refused)
            continue
        if heir is not None:
            count += _done(_work(unit, heir, today, system))
    for village in Unit.objects.deserted(today).filter(pk__in=_owing()):
        count += _done(_left_by(village, today, system))
    return count


def _work(unit: Unit, heir: Unit, today: date, by: Post) -> Work:
    """What a unit leaves, a thing at a time: the cases first, which bring their clocks along, then whatever clock is left."""
    if unit.department and heir.department and unit.kind == Unit.Kind.DEPARTMENT:
        yield partial(programs.succeed, department=unit.department, heir=heir.department, by=by)
    for pk in list(Referral.objects.open().filter(unit=unit).order_by("pk").values_list("pk", flat=True)):
        yield partial(succeed, referral_id=pk, by=by)
    piles: tuple[tuple[Any, Callable[..., bool], Any], ...] = (
        (MonthlyList, succeed_to_list, lists_of(unit, today)),
        (UrgentAid, succeed_to_urgent, urgent_of(unit)),
        (Dispute, succeed_to_dispute, Dispute.objects.open().filter(proposed_unit=unit)),
    )
    for model, verb, rows in piles:
        for row in list(rows.order_by("pk")):
            yield partial(verb, row=model(pk=row.pk), unit=unit, heir=heir, by=by)
    yield from _requests(unit, heir, by)
    yield partial(_piles, partial(succeed_to_fact_requests, unit=unit, heir=heir, by=by))
    yield partial(_piles, partial(succeed_to_access, unit=unit, heir=heir, by=by))
    yield partial(_piles, partial(succeed_to_records, unit=unit, heir=heir, by=by))
    if unit.kind == heir.kind == Unit.Kind.VILLAGE_WINDOW:
        yield partial(_piles, partial(resettle, village=unit.region, into=heir.region, by=by))
    yield partial(deadlines.succeed, unit=unit, heir=heir, by=by)
    yield partial(deadlines.succeed_to_notices, unit=unit, heir=heir)


def _requests(unit: Unit, heir: Unit, by: Post, *, owed_alone: bool = False) -> Work:
    for pk in requests_of(unit, owed_alone=owed_alone):
        yield partial(succeed_to_request, request_id=pk, unit=unit, heir=heir, by=by)


def _left_by(village: Unit, today: date, by: Post) -> Work:
    """What a village owes where nobody holds a post: the township's window does it, with the people who look after it anyhow."""
    try:
        window = window_over(village, today)
    except TransitionError as refused:
        log.warning("village %s has nobody, nor has its township a window: %s", village.pk, refused)
        return
    yield from _requests(village, window, by, owed_alone=True)


def lists_of(unit: Unit, today: date) -> Any:
    """This month's, and older ones where somebody still waits."""
    waiting = ListEntry.objects.proposed().values("monthly_list_id")
    return MonthlyList.objects.filter(Q(month__gte=today.replace(day=1)) | Q(pk__in=waiting), unit=unit)


def urgent_of(unit: Unit) -> Any:
    """Not finished, registered by the unit or for it to agree to."""
    return UrgentAid.objects.filter(Q(unit=unit) | Q(deciding_unit=unit), status__in=UrgentAid.OPEN)


def _owing() -> Any:
    return Request.objects.filter(status__in=OWED).values("registered_unit_id")


def _piles(verb: Callable[[], int]) -> int:
    """A pile at a time, each its own transaction, until nothing is left."""
    moved = 0
    while done := verb():
        moved += done
    return moved


def _done(work: Work) -> int:
    count = 0
    for verb in work:
        try:
            count += int(verb())
        except (TransitionError, ValidationError, Http404) as refused:  # whatever a verb says no with: the next thing goes
            log.warning("something of an ended unit did not move: %s", refused)
    return count


@transaction.atomic
def succeed_to_list(*, row: MonthlyList, unit: Unit, heir: Unit, by: Post) -> bool:
    """The successor confirms it; next month's is made for it at once, since the program is led by it. Its clock comes along."""
    listed = lock(row)
    if listed.unit_id != unit.pk:
        return False
    listed.unit = heir
    save(listed, "unit")
    deadlines.succeed(unit=unit, heir=heir, by=by, about=listed)
    record("monthly_list.succeeded", listed, by=by, old=unit.short_name, new=heir.short_name, data={"program": listed.program_id})
    title, url = f"单位撤并，{listed}由本单位确认", listed.get_absolute_url()
    deadlines.announce("monthly_list.succeeded", listed, to=heir, title=title, body=f"原由{unit.short_name}确认。", url=url)
    return True


@transaction.atomic
def succeed_to_urgent(*, row: UrgentAid, unit: Unit, heir: Unit, by: Post) -> bool:
    """Who agrees, gives and brings in the papers. What was agreed to stays agreed to; the leader who said so is named for good."""
    aid = lock(row)
    if unit.pk not in {aid.unit_id, aid.deciding_unit_id} or aid.status not in UrgentAid.OPEN:
        return False
    aid.unit = heir if aid.unit_id == unit.pk else aid.unit
    aid.deciding_unit = heir if aid.deciding_unit_id == unit.pk else aid.deciding_unit
    save(aid, "unit", "deciding_unit")
    deadlines.succeed(unit=unit, heir=heir, by=by, about=aid)
    about: dict[str, Any] = {"household_id": aid.household_id, "data": {"program": aid.program_id}}
    record("urgent_aid.succeeded", aid, by=by, old=unit.short_name, new=heir.short_name, subject_text=aid.number, **about)
    deadlines.announce(
        "urgent_aid.succeeded", aid, to=heir, title=f"单位撤并，先行救助由本单位接办：{aid.number}", body=f"原由{unit.short_name}承办。",
        url=aid.get_absolute_url(), is_urgent=True,
    )  # fmt: skip
    return True


@transaction.atomic
def succeed_to_dispute(*, row: Dispute, unit: Unit, heir: Unit, by: Post) -> bool:
    """Whose it is said to be: who took over the unit that was proposed; unless it is who said so, which the window then settles."""
    referral = lock(Referral.objects.get(disputes=row.pk))
    claim = lock(row)
    if claim.proposed_unit_id != unit.pk or claim.answer or claim.unit_id == heir.pk:
        return False
    claim.proposed_unit = heir
    save(claim, "proposed_unit")
    note("referral.proposed_unit_succeeded", referral, by, old=unit.short_name, new=heir.short_name)
    return True


@transaction.atomic
def succeed(*, referral_id: object, by: Post) -> bool:
    """One referral: undecided, it arrives at the successor at the same stage, to be signed for; decided, the successor feeds it back.

    The promise to the resident runs on; the stage's clock begins anew with the arrival, charged to who held it until then. A public notice
    hangs on: the successor ends it. An appraisal is waited for no longer, until the successor says that it waits for one.
    """
    referral: Referral = lock(Referral.objects.visible_to(by).get_or_404(referral_id))
    heir = successor_of(referral.unit, clock.today())
    if heir is None or not referral.is_open:
        return False
    old = referral.unit
    if referral.status in MOVES:
        _arrive_anew(referral, heir, by)
    else:
        _feed_back_there(referral, heir, by)
    note("referral.succeeded", referral, by, old=old.short_name, new=heir.short_name)
    tell("referral.succeeded", referral, heir, "单位撤并，转办单由本单位接办", f"原由{old.short_name}承办。")
    tell("referral.succeeded", referral, referral.window, "承办单位撤并", f"现由{heir.short_name}承办。")
    return True


def _arrive_anew(referral: Referral, heir: Unit, by: Post) -> None:
    step(referral, "succeed")
    stage: Stage = referral.stage
    row = referral.walked.current().get()
    clocks.resume_promise(referral=referral, cause=clocks.Cause.APPRAISAL, by=by)
    leave(row, ReferralStage.Result.SUCCEEDED, by)
    for kind in (clocks.RECEIVE, clocks.STAGE):
        if Duty.objects.open().about(referral, kind).exists():
            clocks.end(referral, kind, by, Duty.Outcome.CANCELLED)
    if referral.status != S.DISPATCHED:
        move(referral, S.DISPATCHED)
    place(referral, stage, heir, by)
    save(referral, "status", "unit", "arrived_at", "arrived_by", "handler", "responsible")
    arrive(referral, stage, heir, by)


def _feed_back_there(referral: Referral, heir: Unit, by: Post) -> None:
    now = clock.now()
    referral.unit, referral.handler = heir, None
    save(referral, "unit", "handler")
    # It rules on nothing there: a stay that ends as it begins lets the heir see it, and stands in the story.
    came = {"arrived_at": now, "arrived_by": by, "left_at": now, "left_by": by, "result": ReferralStage.Result.SUCCEEDED}
    save(ReferralStage(referral=referral, stage=referral.stage, unit=heir, **came))
    let_in(household=referral.case_household, unit=heir, reason=Access.Reason.REFERRAL, subject=referral, program=referral.program, by=by)
    if Duty.objects.open().about(referral, clocks.FEEDBACK).exists():
        close_duty(subject=referral, kind=clocks.FEEDBACK, by=by, outcome=Duty.Outcome.CANCELLED)
        clocks.begin(referral, clocks.FEEDBACK, heir, by)
