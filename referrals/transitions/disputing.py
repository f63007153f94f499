"""Whose job it is (ZX-34): a unit says not its own, the window sends on or asks for a ruling, the platform rules.

The applicant's promise runs on through all of it (DESIGN 6); what a unit took for its answer is charged to that unit.
"""

from typing import Any

from django.db import transaction

from config import clock
from config.verbs import AlreadyHandled, TransitionError, save
from deadlines.models import Duty
from documents.transitions import next_number
from organization.desks import still
from organization.figures import figure
from organization.models import Post, Unit

from .. import conditions, disputes, routing, ruling_paper
from ..models import Dispute, Referral, ReferralStage, Ruling
from ..permissions import can_dispute, can_push_for_ruling, can_resend, can_rule
from . import clocks
from .dispatching import depart
from .edges import S, stay, take_up
from .walking import note, send_to, tell, wait_at

REASON, ASSESSMENT = 500, 2000
SERIES = "第"  # one series for the county: 忠救裁〔2026〕第003号


@transaction.atomic
def dispute(*, referral_id: Any, proposed_unit: Unit, reason: str, by: Post) -> Referral:
    """Answer 非本单位职责, with the reason and whose it is instead: once per unit, within its limit for signing for (RULES B2).

    Raises:
        TransitionError: too late, answered so before, named by a ruling, no reason, or a unit that cannot hold it.
    """
    referral = take_up(referral_id, "dispute", can_dispute, by)
    row = stay(referral)
    reason = conditions.words(reason, "请写明为什么不属于本单位职责。", REASON)
    disputes.refuse_dispute(referral, row)
    refuse_unit(referral, proposed_unit)
    if proposed_unit.pk == row.unit_id:
        raise TransitionError("建议承办单位不能是本单位。")
    conditions.refuse_running_publicity(referral)
    depart(referral, row, ReferralStage.Result.DISPUTED, by, opinion=reason, outcome=Duty.Outcome.RETURNED)
    wait_at(referral, S.DISPUTED, referral.window)
    claim = Dispute(
        referral=referral, stage=row.stage, unit=row.unit, proposed_unit=proposed_unit, reason=reason, raised_at=clock.now(), raised_by=by
    )
    save(claim)
    clocks.begin(referral, clocks.SETTLE, referral.window, by, is_return=True)
    data = {"stage": row.stage.name, "unit": row.unit.short_name, "proposed": proposed_unit.short_name}
    note("referral.disputed", referral, by, old=row.unit.short_name, new=proposed_unit.short_name, note=reason, data=data)
    tell("referral.disputed", referral, referral.window, "承办单位提出争议", f"{row.unit.short_name}认为不属于本单位职责：{reason}")
    return referral


@transaction.atomic
def resend(*, referral_id: Any, unit: Unit, note_text: str, by: Post) -> Referral:
    """The window settles it by itself: on to the unit proposed, to another, or back to the same with its reason.

    Raises:
        TransitionError: no reason, or a unit that cannot hold it.
    """
    referral = take_up(referral_id, "resend", can_resend, by)
    text = conditions.words(note_text, "请写明送往该单位的理由。", REASON)
    refuse_unit(referral, unit)
    claim = _open_claim(referral)
    clocks.end(referral, clocks.SETTLE, by)
    _answer(claim, Dispute.Answer.RESENT, unit, text, by)
    _send(referral, unit, by)
    note("referral.resent", referral, by, old=claim.unit.short_name, new=unit.short_name, note=text, data={"stage": referral.stage.name})
    tell("referral.resent", referral, unit, "争议改送，转办单待签收", f"{by.unit.short_name}：{text}")
    tell_others("referral.resent", referral, "争议已由窗口改送", f"改由{unit.short_name}承办。", {claim.unit} - {unit})
    return referral


@transaction.atomic
def push_for_ruling(*, referral_id: Any, note_text: str, by: Post) -> Referral:
    """Put it to the county platform, with what the window makes of both claims. Only the window does (ZX-34).

    Raises:
        TransitionError: no words.
    """
    referral = take_up(referral_id, "push_for_ruling", can_push_for_ruling, by)
    text = conditions.words(note_text, "请写明窗口对争议双方意见的看法。", REASON)
    claim = _open_claim(referral)
    claim.pushed_at, claim.pushed_by, claim.push_note = clock.now(), by, text
    save(claim, "pushed_at", "pushed_by", "push_note")
    clocks.end(referral, clocks.SETTLE, by)
    platform = county_unit(Unit.Kind.PLATFORM)
    wait_at(referral, S.RULING, platform)
    clocks.begin(referral, clocks.RULE, platform, by)
    note("referral.pushed_for_ruling", referral, by, new=platform.short_name, note=text, data={"dispute": str(claim.pk)})
    parties = f"{claim.unit.short_name}认为应由{claim.proposed_unit.short_name}承办。"
    tell("referral.pushed_for_ruling", referral, platform, "争议待裁定", parties)
    return referral


@transaction.atomic
def rule(*, referral_id: Any, named_unit: Unit, assessment: str, basis: str, by: Post) -> Ruling:
    """The platform's written ruling: which unit, after which 综合评估, on which basis. The named unit takes the stage of its kind.

    Where 县民政局, to which the platform belongs, is a party it waits for the convener (SECURITY, Dispute).

    Raises:
        AlreadyHandled: ruled already, and with the convener.
        TransitionError: no assessment or basis, or a unit that cannot hold it.
    """
    referral = take_up(referral_id, "rule", can_rule, by)
    assessment = conditions.words(assessment, "请写明综合评估：双方意见、事实和结论。", ASSESSMENT)
    basis = conditions.words(basis, "请写明裁定的依据。", REASON)
    refuse_unit(referral, named_unit)
    claim = _open_claim(referral)
    former = Ruling.objects.filter(dispute=claim).select_related("ruled_by__unit", "ruled_by__staff").first()
    if former is not None:
        when = f"{clock.local(former.ruled_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"这项争议已由{former.ruled_by.label}于{when}裁定（{former.number}），等待召集人会签。")
    is_party = disputes.needs_countersign(claim, named_unit)
    ruling = write_ruling(claim, named_unit, assessment, basis, by, is_party=is_party)
    clocks.end(referral, clocks.RULE, by)
    note("referral.ruled", referral, by, new=named_unit.short_name, note=assessment[:REASON], data={"ruling": ruling.number})
    if is_party:
        convener = county_unit(Unit.Kind.CONVENER)
        referral.unit = convener
        save(referral, "unit")
        clocks.begin(referral, clocks.COUNTERSIGN, convener, by, url=ruling.get_absolute_url())
        tell(
            "referral.ruled", referral, convener, "裁定待会签", f"裁定{ruling.number}，县民政局为争议一方。", url=ruling.get_absolute_url()
        )
    else:
        carry_out_ruling(ruling, referral, by)
    return ruling


def write_ruling(
    claim: Dispute, named_unit: Unit, assessment: str, basis: str, by: Post, *, is_party: bool, supersedes: Ruling | None = None,
    supersede_reason: str = "",
) -> Ruling:  # fmt: skip
    """The row, with its number of the county's one series; in force at once unless the convener has to sign. Inner."""
    now = clock.now()
    ruling = Ruling(
        number=next_number("ruling", SERIES, clock.today()), dispute=claim, named_unit=named_unit, assessment=assessment, basis=basis,
        ruled_at=now, ruled_by=by, ruled_by_staff=by.staff, needs_countersign=is_party, in_force_at=None if is_party else now,
        supersedes=supersedes, supersede_reason=supersede_reason,
    )  # fmt: skip
    save(ruling)
    return ruling


def drop_claim(referral: Referral, by: Post) -> None:
    """The applicant has withdrawn, or the procedure has ended: nobody rules upon it any more. Inner."""
    claim = referral.disputes.open().first()
    if claim is not None:
        _answer(claim, Dispute.Answer.DROPPED, None, "", by)


def carry_out_ruling(ruling: Ruling, referral: Referral, by: Post) -> None:
    """A first ruling is in force: the claim has its answer, the unit named has its turn, everybody is told. Inner."""
    claim: Dispute = ruling.dispute
    ruling_paper.issue(ruling, by)
    named = still(ruling.named_unit, clock.today())  # which may have ended while the convener's name was waited for
    _answer(claim, Dispute.Answer.RULED, named, f"裁定{ruling.number}", by)
    _send(referral, named, by)
    final = "，不得再次推辞" if figure("ruling_is_final") else ""
    tell("referral.ruled", referral, named, "裁定由本单位承办，转办单待签收", f"裁定{ruling.number}{final}。")
    parties = {claim.unit, claim.proposed_unit, referral.window} - {named}
    tell_others("referral.ruled", referral, "争议已裁定", f"裁定{ruling.number}：由{named.short_name}承办。", parties)


def _send(referral: Referral, unit: Unit, by: Post) -> None:
    send_to(referral, routing.stage_for(referral.track, referral.stage, unit), unit, by)


def _open_claim(referral: Referral) -> Dispute:
    """The one that waits; under the referral's lock nobody else writes it."""
    return referral.disputes.open().select_related("unit__department", "proposed_unit__department").get()


def _answer(claim: Dispute, answer: str, unit: Unit | None, text: str, by: Post) -> None:
    claim.answer, claim.answered_at, claim.answered_by = answer, clock.now(), by
    claim.sent_to, claim.answer_note = unit, text
    save(claim, "answer", "answered_at", "answered_by", "sent_to", "answer_note")


def refuse_unit(referral: Referral, unit: Unit) -> None:
    if not routing.units_for(referral.township_code, clock.today()).filter(pk=unit.pk).exists():
        raise TransitionError(f"{unit.name}不能承办这个转办单，请选择县级部门或本乡镇（街道）的业务机构。")


def county_unit(kind: str) -> Unit:
    unit: Unit | None = Unit.objects.current(clock.today()).filter(kind=kind).first()
    if unit is None:
        raise TransitionError(f"没有设立{Unit.Kind(kind).label}，无法送达。请联系系统管理员设立单位后再办。")
    return unit


def tell_others(verb: str, referral: Referral, title: str, body: str, units: set[Unit]) -> None:
    for unit in sorted(units, key=lambda unit: unit.pk):
        tell(verb, referral, unit, title, body)
