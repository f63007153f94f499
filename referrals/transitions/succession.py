"""A department was dissolved: what lies open at its desk goes to its successor's, with the clocks (RULES F7). A job reads it."""

import logging

from django.db import transaction

from config import clock
from config.verbs import TransitionError, lock, save
from deadlines.models import Duty
from deadlines.transitions import close_duty
from households.models import Access
from households.transitions import let_in
from organization.models import Post, Unit
from programs.models import Stage

from .. import routing
from ..models import Referral, ReferralStage
from . import clocks
from .edges import S, move, step
from .walking import arrive, leave, note, place, tell

log = logging.getLogger(__name__)
MOVES = frozenset({S.DISPATCHED, S.RECEIVED, S.HANDLING})


def follow_successors() -> int:
    """Every open referral at a desk that has ended, each in its own transaction: one that cannot move holds up nobody, and its clock runs.

    Idempotent; how many moved.
    """
    today, system = clock.today(), Post.objects.the_system()
    ended = Unit.objects.filter(kind=Unit.Kind.DEPARTMENT, valid_until__lt=today, department__successor__isnull=False)
    count = 0
    for desk in ended.select_related("department__successor"):
        for pk in list(Referral.objects.open().filter(unit=desk).order_by("pk").values_list("pk", flat=True)):
            try:
                count += succeed(referral_id=pk, by=system)
            except TransitionError as refused:
                log.warning("referral %s did not move to the successor: %s", pk, refused)
    return count


@transaction.atomic
def succeed(*, referral_id: object, by: Post) -> bool:
    """One referral: undecided, it arrives at the successor at the same stage, to be signed for; decided, the successor feeds it back.

    The promise to the resident runs on; the stage's clock begins anew with the arrival, charged to who held it until then.
    """
    referral: Referral = lock(Referral.objects.visible_to(by).get_or_404(referral_id))
    heir = routing.successor_of(referral.unit, clock.today())
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
    referral.unit = heir
    save(referral, "unit")
    # It rules on nothing there: a stay that ends as it begins lets the heir see it, and stands in the story.
    came = {"arrived_at": now, "arrived_by": by, "left_at": now, "left_by": by, "result": ReferralStage.Result.SUCCEEDED}
    save(ReferralStage(referral=referral, stage=referral.stage, unit=heir, **came))
    let_in(household=referral.case_household, unit=heir, reason=Access.Reason.REFERRAL, subject=referral, program=referral.program, by=by)
    if Duty.objects.open().about(referral, clocks.FEEDBACK).exists():
        close_duty(subject=referral, kind=clocks.FEEDBACK, by=by, outcome=Duty.Outcome.CANCELLED)
        clocks.begin(referral, clocks.FEEDBACK, heir, by)
