"""Within the unit that holds it: signed for, taken in hand or given to somebody, an opinion proposed (XX-10 负责人、承办人)."""

from decimal import Decimal
from typing import Any

from django.db import transaction

from config import clock
from config.verbs import AlreadyHandled, TransitionError, save
from organization.models import Post
from programs.models import Stage

from .. import conditions, lines, rules
from ..models import Referral
from ..permissions import can_assign, can_propose, can_receive, can_take, is_registering
from . import clocks
from .edges import S, move, stay, take_up
from .walking import note, tell

PROPOSAL = 500


@transaction.atomic
def receive(*, referral_id: Any, by: Post) -> Referral:
    """Sign for it, for the whole unit. The stage's clock has been running since arrival."""
    referral = take_up(referral_id, "receive", can_receive, by)
    _sign(referral, by)
    return referral


@transaction.atomic
def take(*, referral_id: Any, by: Post) -> Referral:
    """Take it in hand; what nobody signed for yet is signed for first (签收并承办).

    Raises:
        TransitionError: kin of the household.
    """
    referral = take_up(referral_id, "take", can_take, by)
    _put_in_hand(referral, by, by, responsible=by if by.rank == Post.Rank.APPROVER else None)
    note("referral.taken", referral, by, new=by.label)
    return referral


@transaction.atomic
def assign(*, referral_id: Any, handler: Post, by: Post) -> Referral:
    """Give it to somebody of the unit, or from one to another: who gives it is 负责人, who gets it 承办人 (XX-10).

    Raises:
        AlreadyHandled: that person has it in hand.
        TransitionError: not of this unit, without an effective post, or kin of the household.
    """
    referral = take_up(referral_id, "assign", can_assign, by)
    if not Post.objects.effective(clock.today()).filter(pk=handler.pk, unit_id=referral.unit_id).exists():
        raise TransitionError(f"{handler.staff.name}在本单位没有生效的岗位，请选择本单位的同事。")
    former = referral.handler
    if former is not None and former.pk == handler.pk and referral.status == S.HANDLING:
        raise AlreadyHandled(f"已由{handler.label}承办，没有改动。")
    _put_in_hand(referral, handler, by, responsible=by)
    note("referral.assigned", referral, by, old=former.label if former else "", new=handler.label)
    if handler.staff_id != by.staff_id:
        tell("referral.assigned", referral, handler.staff, "交您承办", f"{by.staff.name}交办，环节：{referral.stage.name}。")
    return referral


def _sign(referral: Referral, by: Post) -> None:
    row = stay(referral)
    move(referral, S.RECEIVED)
    save(referral, "status")
    row.received_at, row.received_by, row.received_by_staff = clock.now(), by, by.staff
    save(row, "received_at", "received_by", "received_by_staff")
    signed_for = clocks.end(referral, clocks.RECEIVE, by)
    clocks.begin_stage(referral, row, by, is_return=signed_for.is_return)
    if referral.stage.act == Stage.Act.PUBLICISE and referral.publicities.running().exists():
        # Put up by a unit that has ended meanwhile: who took it over waits for its days too.
        clocks.pause_stage(referral, clocks.Cause.PUBLICITY, by)
    note("referral.received", referral, by, new=by.unit.short_name)


def _put_in_hand(referral: Referral, handler: Post, by: Post, *, responsible: Post | None) -> None:
    if refusal := conditions.recusal(referral, handler.staff_id):
        raise TransitionError(f"{handler.staff.name}{refusal}")
    if referral.status == S.DISPATCHED:
        _sign(referral, by)
    if referral.status != S.HANDLING:
        move(referral, S.HANDLING)
    referral.handler, referral.responsible = handler, responsible
    save(referral, "status", "handler", "responsible")
    clocks.put_in_hand(referral)


@transaction.atomic
def propose(*, referral_id: Any, proposal: str, outcome: str = "", amount: Decimal | None = None, by: Post) -> Referral:
    """What the unit's handler thinks should be done, before an approver rules (拟办). It may be changed until then.

    An amount above the cap marks the referral for a conference and blocks nothing (correction 2): the approver gives the reason.

    Raises:
        TransitionError: a stage that rules on nothing, no words, an amount that is none, or kin of the household.
    """
    referral = take_up(referral_id, "propose", can_propose, by)
    if is_registering(referral.stage):
        raise TransitionError(f"“{referral.stage.name}”环节不需要拟办，办完后直接送下一环节。")
    if refusal := conditions.recusal(referral, by.staff_id):
        raise TransitionError(refusal)
    text = conditions.words(proposal, "请填写拟办意见。", PROPOSAL)
    if outcome and outcome not in Referral.Outcome.values:
        raise TransitionError("请选择拟办结果：批准或不予批准。")
    if amount is not None and amount <= 0:
        raise TransitionError("金额必须大于0。")
    row = stay(referral)
    old = row.proposal
    row.proposed_at, row.proposed_by, row.proposed_by_staff = clock.now(), by, by.staff
    row.proposal, row.proposed_outcome, row.proposed_amount = text, outcome, amount
    save(row, "proposed_at", "proposed_by", "proposed_by_staff", "proposal", "proposed_outcome", "proposed_amount")
    referral.is_above_cap = outcome != Referral.Outcome.REFUSED and rules.exceeds(amount, lines.cap_of(referral))
    save(referral, "is_above_cap")
    said: dict[str, Any] = {"outcome": outcome, "is_above_cap": referral.is_above_cap}
    said |= {"amount": str(amount)} if amount is not None else {}
    note(
        conditions.PROPOSED, referral, by, old=old[:200], new=str(Referral.Outcome(outcome).label) if outcome else "", note=text, data=said
    )
    return referral
