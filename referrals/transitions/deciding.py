"""The decision (ZX-32, ZX-33): approved with amount and start, refused with reason, words and remedies, or beyond the township's power."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from config import clock
from config.verbs import TransitionError, save
from config.words import without_numbers
from organization.figures import figure
from organization.models import Post, Unit
from programs.models import Stage, Track

from .. import conditions, lines, papers, routing, rules
from ..models import Change, Referral, ReferralStage
from ..permissions import can_decide
from . import changing, clocks, deaths, effects
from .dispatching import depart
from .edges import S, move, stay, take_up
from .walking import NOTE, note, send_to, tell

Outcome, Result = Referral.Outcome, ReferralStage.Result
DECISION = (
    "status", "outcome", "amount", "in_kind", "start_on", "is_above_cap", "cap_reason", "refusal_code", "refusal_reason", "remedies",
    "decided_at", "decided_by", "decided_by_staff", "responsible",
)  # fmt: skip
OPINION = 500


@transaction.atomic
def decide(
    *,
    referral_id: Any,
    outcome: str,
    amount: Decimal | None = None,
    in_kind: str = "",
    start_on: date | None = None,
    refusal_code: str = "",
    refusal_reason: str = "",
    cap_reason: str = "",
    opinion: str = "",
    by: Post,
) -> Referral:
    """Rule on it, as an approver who neither accepted nor proposed. What it writes follows at once: record, tag or fact; notice; clocks.

    An approval above the township's ceiling becomes the county's: the referral comes back as dispatched (correction 2).

    Raises:
        AlreadyHandled: somebody decided first; who, when and how.
        TransitionError: a demand of the track or version is not met, something is missing, or refusals came too fast.
        ValidationError: above the cap without its reason.
    """
    referral = take_up(referral_id, "decide", can_decide, by)
    row = stay(referral)
    if referral.stage.act != Stage.Act.DECIDE:
        raise TransitionError(f"“{referral.stage.name}”环节不作决定，请审核后送下一环节。")
    conditions.refuse_decision(referral, row, by, outcome)
    opinion = without_numbers(opinion)[:OPINION]
    if outcome == Outcome.APPROVED:
        amount = amount if referral.is_grant else changing.amount_of(referral, amount)
        if (referral.is_grant or referral.change.kind == Change.Kind.ADJUST) and (above := _above_ceiling(referral, amount)):
            return _reroute(referral, row, amount, above, opinion, by)
        _approve(referral, amount, without_numbers(in_kind), start_on, without_numbers(cap_reason))
    elif outcome == Outcome.REFUSED:
        _refuse(referral, refusal_code, refusal_reason, by)
    else:
        raise TransitionError("请选择决定：批准或不予批准。")
    _settle(referral, row, opinion, by)
    return referral


def _settle(referral: Referral, row: ReferralStage, opinion: str, by: Post) -> None:
    """Write the decision and all that follows from it."""
    move(referral, S.DECIDED)
    referral.decided_at, referral.decided_by, referral.decided_by_staff = clock.now(), by, by.staff
    referral.responsible = referral.responsible or by
    save(referral, *DECISION)
    effects.write(referral, by)
    depart(referral, row, Result.DECIDED, by, opinion=opinion, is_ruling=True)
    clocks.end(referral, clocks.PROMISE, by)
    clocks.begin(referral, clocks.FEEDBACK, referral.unit, by)
    clocks.put_in_hand(referral)
    deaths.after_change(referral, by)
    papers.issue(referral, by)
    said = {"outcome": referral.outcome, "code": referral.refusal_code, "is_above_cap": referral.is_above_cap}
    note("referral.decided", referral, by, new=_told(referral), note=(referral.refusal_reason or opinion)[:NOTE], data=said)
    tell(
        "referral.decided",
        referral,
        referral.window,
        f"已作出决定（{referral.get_outcome_display()}）",
        f"{by.unit.short_name}将反馈结果。",
    )


def _told(referral: Referral) -> str:
    """Outcome and amount, for the record."""
    given = f"，{referral.amount}元" if referral.amount is not None else f"，{referral.in_kind}" if referral.in_kind else ""
    return f"{referral.get_outcome_display()}{given}"[:200]


def _approve(referral: Referral, amount: Decimal | None, in_kind: str, start_on: date | None, cap_reason: str) -> None:
    if not referral.is_grant:
        changing.approve(referral, amount, in_kind, start_on)
        return
    program, today = referral.program, clock.today()
    has_benefit = program.kind not in rules.WITHOUT_BENEFIT
    if lacking := rules.lacking(kind=program.kind, form_of_aid=program.form_of_aid, amount=amount, in_kind=in_kind):
        raise TransitionError(lacking)
    asked_on = lines.applied_on(referral)
    since = start_on or rules.starts_on(referral.version.pay_start, decided_on=today, applied_on=asked_on)
    if refusal := conditions.starts_too_early(referral, since):
        raise TransitionError(refusal)
    referral.outcome, referral.start_on = Outcome.APPROVED, since
    referral.amount, referral.in_kind = (amount, in_kind) if has_benefit else (None, "")
    referral.is_above_cap = rules.exceeds(referral.amount, lines.cap_of(referral))
    referral.cap_reason = cap_reason if referral.is_above_cap else ""


def _above_ceiling(referral: Referral, amount: Decimal | None) -> Track | None:
    """The track that takes over where a township may not give that much.

    Raises:
        TransitionError: above the ceiling, and the version names no such track.
    """
    track, ceiling = referral.track, lines.ceiling_of(referral)
    if not rules.exceeds(amount, ceiling):
        return None
    if track.above_ceiling is None:
        raise TransitionError(f"金额超过乡镇（街道）审批限额{ceiling}元，而项目规则没有设置超限额的办理情形，请联系县级平台。")
    return track.above_ceiling


def _reroute(referral: Referral, row: ReferralStage, amount: Decimal | None, track: Track, opinion: str, by: Post) -> Referral:
    """The township agrees, the county decides: same promise, another track (correction 2, ADR 0017)."""
    stage = routing.deciding_stage(track)
    unit = routing.unit_of(stage, program=referral.program, window=referral.window, on=clock.today())
    reason = f"拟救助{amount}元，超过乡镇（街道）审批限额{lines.ceiling_of(referral)}元，改由县级审批。"
    referral.track = track
    referral.is_above_cap = rules.exceeds(amount, lines.cap_of(referral))
    depart(referral, row, Result.REROUTED, by, opinion=f"{reason}{opinion}"[:OPINION], is_ruling=True)
    send_to(referral, stage, unit, by, "track", "is_above_cap")
    note("referral.rerouted", referral, by, old=row.unit.short_name, new=unit.short_name, note=reason, data={"track": track.key})
    tell("referral.rerouted", referral, unit, "超过乡镇限额，转县级审批", reason)
    return referral


def _refuse(referral: Referral, code: str, reason: str, by: Post) -> None:
    if refusal := conditions.refusal_code_missing(referral, code):
        raise TransitionError(refusal)
    referral.outcome, referral.refusal_code = Outcome.REFUSED, code
    referral.refusal_reason = conditions.words(reason, conditions.REASON_OF_REFUSAL, 500)
    referral.remedies = referral.version.remedies
    referral.amount, referral.in_kind, referral.start_on = None, "", None
    referral.is_above_cap, referral.cap_reason = False, ""
    _slow_down(referral, by)


def _slow_down(referral: Referral, by: Post) -> None:
    """Nobody turns down a pile by the clock (SECURITY #12): the last refusal within the limit tells the platform, the next one waits.

    Raises:
        TransitionError: the limit is used up.
    """
    limit = figure("quick_refusal_limit")
    since = clock.now() - timedelta(seconds=int(limit["seconds"]))
    before = Referral.objects.refused_by(by.staff_id, since=since).count()
    if before >= int(limit["count"]):
        raise TransitionError(f"您在{limit['seconds']}秒内已不予批准{before}件，请逐件核对，稍后再办。县级平台已收到提醒。")
    if before + 1 >= int(limit["count"]):
        platform = Unit.objects.current(clock.today()).get(kind=Unit.Kind.PLATFORM)
        body = f"{by.label}在{limit['seconds']}秒内不予批准{before + 1}件，请抽查。"
        tell("referral.refused_quickly", referral, platform, "短时间连续不予批准", body, is_urgent=True)
