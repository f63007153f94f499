"""After a ruling: the convener countersigns it, or the platform rules again and the later takes its place (ZX-34, K-05)."""

from typing import Any

from django.db import transaction

from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from deadlines.models import Duty
from deadlines.rules import Limit
from deadlines.transitions import close_duty, open_duty
from organization.desks import still
from organization.figures import figure, figure_at
from organization.models import Post, Unit

from .. import conditions, disputes, routing, ruling_paper
from ..models import Dispute, Referral, ReferralStage, Ruling
from ..permissions import can_countersign, can_supersede
from . import clocks
from .disputing import ASSESSMENT, REASON, carry_out_ruling, county_unit, refuse_unit, tell_others, write_ruling
from .edges import S, move, stay
from .walking import ARRIVAL, arrive, leave, note, place, tell


@transaction.atomic
def countersign(*, ruling_id: Any, by: Post) -> Ruling:
    """The convener countersigns what was put to him; from then on it is in force.

    Raises:
        AlreadyHandled: countersigned, or the applicant has withdrawn meanwhile.
        TransitionError: a later ruling, while the referral stands where nobody could be sent it.
    """
    fetched: Ruling = Ruling.objects.visible_to(by).get_or_404(ruling_id)
    referral = lock(Referral.objects.get(pk=fetched.dispute.referral_id))
    ruling = lock(fetched)
    if ruling.countersigned_at and ruling.countersigned_by:
        when = f"{clock.local(ruling.countersigned_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"裁定{ruling.number}已由{ruling.countersigned_by.label}于{when}会签。")
    is_first = ruling.supersedes_id is None
    if is_first and referral.status != S.RULING:
        raise AlreadyHandled(f"转办单{referral.number}现为“{referral.get_status_display()}”，裁定{ruling.number}不再需要会签。")
    recheck(ruling, can_countersign, by)
    now = clock.now()
    ruling.countersigned_at, ruling.countersigned_by, ruling.countersigned_by_staff, ruling.in_force_at = now, by, by.staff, now
    save(ruling, "countersigned_at", "countersigned_by", "countersigned_by_staff", "in_force_at")
    close_duty(subject=referral if is_first else ruling, kind=clocks.COUNTERSIGN, by=by)
    note("referral.ruling_countersigned", referral, by, new=ruling.named_unit.short_name, data={"ruling": ruling.number})
    if is_first:
        carry_out_ruling(ruling, referral, by)
    else:
        _replace(ruling, referral, by)
    return ruling


@transaction.atomic
def supersede(*, ruling_id: Any, named_unit: Unit, assessment: str, basis: str, reason: str, by: Post) -> Ruling:
    """Rule again where a ruling in force turns out wrong: in writing, with the reason, countersigned where 县民政局 is a party.

    The former stays as it was written, and holds until the later is in force. Then whatever is not decided yet goes to the unit now named;
    a decision stands, and the precedent alone changes.

    Raises:
        AlreadyHandled: ruled again before; by whom and when.
        TransitionError: not in force, no words, a unit that cannot hold it, or the referral stands where nobody could be sent it.
    """
    fetched: Ruling = Ruling.objects.visible_to(by).get_or_404(ruling_id)
    referral = lock(Referral.objects.get(pk=fetched.dispute.referral_id))
    former = lock(fetched)
    refuse_former(former)
    recheck(former, can_supersede, by)
    assessment = conditions.words(assessment, "请写明综合评估：双方意见、事实和结论。", ASSESSMENT)
    basis = conditions.words(basis, "请写明裁定的依据。", REASON)
    reason = conditions.words(reason, "请写明重新裁定的理由：原裁定哪里不对，或者情况有什么变化。", REASON)
    refuse_unit(referral, named_unit)
    if named_unit.pk == former.named_unit_id:
        raise TransitionError(f"原裁定已确定由{named_unit.short_name}承办，请选择另一个单位。")
    refuse_standing(referral)
    claim: Dispute = former.dispute
    is_party = disputes.needs_countersign(claim, former.named_unit, named_unit)
    ruling = write_ruling(claim, named_unit, assessment, basis, by, is_party=is_party, supersedes=former, supersede_reason=reason)
    data = {"ruling": ruling.number, "former": former.number}
    note("referral.ruled_again", referral, by, old=former.named_unit.short_name, new=named_unit.short_name, note=reason, data=data)
    if is_party:
        _put_to_the_convener(ruling, referral, by)
    else:
        _replace(ruling, referral, by)
    return ruling


def refuse_former(former: Ruling) -> None:
    """Only what is in force is ruled upon again, and once; the page asks too.

    Raises:
        AlreadyHandled: by whom and when.
        TransitionError: it waits for the convener.
    """
    if former.in_force_at is None:
        raise TransitionError(f"裁定{former.number}还没有生效，不能重新裁定。")
    later = former.successor
    if later is not None:
        when = f"{clock.local(later.ruled_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"裁定{former.number}已由{later.ruled_by.label}于{when}重新裁定（{later.number}）。")


def refuse_standing(referral: Referral) -> None:
    """Where a referral stands so that a later ruling could not send it on; the page asks too.

    Raises:
        TransitionError: back with the applicant, in dispute again, or its notice is up.
    """
    if referral.status == S.RETURNED:
        raise TransitionError(f"转办单{referral.number}正在窗口等待补正，请等窗口送回承办单位后再办理。")
    if referral.status in {S.DISPUTED, S.RULING}:
        raise TransitionError(f"转办单{referral.number}又有新的争议，请就新的争议处理或裁定。")
    if referral.status in Referral.UNDECIDED:
        conditions.refuse_running_publicity(referral)


def _put_to_the_convener(ruling: Ruling, referral: Referral, by: Post) -> None:
    """A clock of the ruling's own: the referral stays meanwhile with whom the former named."""
    convener = county_unit(Unit.Kind.CONVENER)
    rule, key = clocks.FIGURES[clocks.COUNTERSIGN]
    limit = Limit(rule, int(figure_at(key, region_code=referral.township_code)))
    open_duty(
        subject=ruling, kind=clocks.COUNTERSIGN, kind_name=clocks.NAMES[clocks.COUNTERSIGN], unit=convener, title=referral.title, by=by,
        limit=limit, url=ruling.get_absolute_url(), region_code=referral.township_code,
        topic_code=referral.program_id, basis="ZX-34：裁定时限（暂定）",
    )  # fmt: skip
    said = f"裁定{ruling.number}，县民政局为争议一方。"
    tell("referral.ruled_again", referral, convener, "重新裁定待会签", said, url=ruling.get_absolute_url())


def _replace(ruling: Ruling, referral: Referral, by: Post) -> None:
    """It is in force: what is undecided goes to the unit it names, and everybody whom the former concerned is told."""
    former: Any = ruling.supersedes
    claim: Dispute = ruling.dispute
    refuse_standing(referral)
    ruling_paper.void(former, ruling, by)
    ruling_paper.issue(ruling, by)
    named = still(ruling.named_unit, clock.today())  # which may have ended while the convener's name was waited for
    said = f"裁定{ruling.number}替代{former.number}：由{named.short_name}承办。"
    concerned = {claim.unit, claim.proposed_unit, former.named_unit, referral.window}
    is_sent = referral.status in Referral.UNDECIDED and referral.unit_id != named.pk
    if is_sent:
        concerned.add(referral.unit)
        _send_on(referral, named, said, by)
        final = "，不得再次推辞" if figure("ruling_is_final") else ""
        told = f"裁定{ruling.number}{final}。"
        tell("referral.ruled_again", referral, named, "重新裁定由本单位承办，转办单待签收", told)
    # Where nothing is sent to it, the unit named reads the same as the others: the precedent is its own from now on.
    tell_others("referral.ruled_again", referral, "已重新裁定", said, concerned - {named} if is_sent else concerned | {named})


def _send_on(referral: Referral, named: Unit, said: str, by: Post) -> None:
    """From whoever holds it, signed for or not, to the unit now named; the resident's promise runs on."""
    row = stay(referral)
    stage = routing.stage_for(referral.track, referral.stage, named)
    clocks.resume_promise(referral=referral, cause=clocks.Cause.APPRAISAL, by=by)
    leave(row, ReferralStage.Result.RERULED, by, opinion=said)
    clocks.end(referral, clocks.STAGE if row.received_at else clocks.RECEIVE, by, Duty.Outcome.CANCELLED)
    if referral.status != S.DISPATCHED:
        move(referral, S.DISPATCHED)
    place(referral, stage, named, by)
    save(referral, *ARRIVAL)
    arrive(referral, stage, named, by)
