"""When somebody of a unit is away or has gone: a deputy takes over what he has in hand, or the whole post is handed to a colleague."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from audit.transitions import record, together
from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from deadlines import transitions as clocks
from organization.models import Absence, Post
from organization.permissions import can_hand_over

from .. import conditions
from ..avoidance import unfit_for
from ..models import Referral
from ..permissions import can_take_over
from .clocks import put_in_hand
from .edges import take_up
from .walking import note

HANDED_OVER = "post.handed_over"


@transaction.atomic
def take_over(*, referral_id: Any, by: Post) -> Referral:
    """Take in hand what an absent colleague of the unit holds (AB岗). Who had it before stands in the record.

    Raises:
        AlreadyHandled: its 承办人 is here.
        TransitionError: kin of the household.
    """
    referral = take_up(referral_id, "take_over", can_take_over, by)
    former = referral.handler
    if former is None or former.staff_id == by.staff_id:
        raise AlreadyHandled("这件转办单没有别人承办，请直接办理。")
    if former.staff_id not in Absence.objects.away(clock.today()):
        raise AlreadyHandled(f"{former.label}没有登记外出，请由本人办理，或由审批人员改派。")
    if refusal := conditions.recusal(referral, by.staff_id):
        raise TransitionError(f"您{refusal}")
    referral.handler = by
    save(referral, "handler")
    put_in_hand(referral)
    note("referral.taken_over", referral, by, old=former.label, new=by.label)
    return referral


@dataclass
class HandedOver:
    """What went to the successor, and what could not: referrals by their numbers, duties that wait for somebody of the unit again."""

    duties: int = 0
    waiting: int = 0
    referrals: int = 0
    left: list[str] = field(default_factory=list)


@transaction.atomic
def hand_over(*, post_id: Any, to: Post, by: Post) -> HandedOver:
    """Everything a post has in hand to one of the same unit, a line for each, all or nothing.

    Referrals of a household whose kin the successor is stay where they are and are named: kinship goes before convenience (SECURITY #2).
    Other duties about his kin, and those that he could not do, wait for somebody of the unit again.

    Raises:
        TransitionError: the successor has no effective post in this unit, is the same person, or nothing is in hand.
    """
    post: Post = Post.objects.visible_to(by).get_or_404(post_id)
    recheck(post, can_hand_over, by)
    _refuse_successor(post, to)
    done = HandedOver()
    rows = open_referrals(post).order_by("pk").select_for_update(of=("self",), no_key=True)
    with together():
        for referral in rows.select_related("track", "case_household", "unit"):
            _pass_on(referral, post, to, by, done)
        kept = [str(key) for key in open_referrals(post).values_list("pk", flat=True)]
        done.duties, done.waiting = clocks.pass_on(post=post, to=to, by=by, unfit=lambda duties: unfit_for(to, duties), beside=kept)
    if not (done.duties or done.waiting or done.referrals or done.left):
        raise TransitionError(f"{post.label}名下没有未办的事项和转办单，不用交接。")
    said = {"duties": done.duties, "referrals": done.referrals, "left": len(done.left), "waiting": done.waiting}
    record(HANDED_OVER, post, by=by, old=post.label, new=to.label, data=said)
    return done


def open_referrals(post: Post) -> Any:
    """What it is the 承办人 of and its unit still holds."""
    return Referral.objects.open().filter(handler=post, unit_id=post.unit_id)


def _pass_on(referral: Referral, post: Post, to: Post, by: Post, done: HandedOver) -> None:
    if conditions.recusal(referral, to.staff_id):
        done.left.append(referral.number)
        return
    referral.handler = to
    save(referral, "handler")
    put_in_hand(referral)
    note("referral.passed_on", referral, by, old=post.label, new=to.label)
    done.referrals += 1


def _refuse_successor(post: Post, to: Post) -> None:
    lock(post)
    if to.staff_id == post.staff_id:
        raise TransitionError("不能交接给本人，请选择本单位的另一位同事。")
    if not Post.objects.effective(clock.today()).filter(pk=to.pk, unit_id=post.unit_id).exists():
        raise TransitionError(f"{to.staff.name}在{post.unit.name}没有生效的岗位，请选择本单位的同事。")
