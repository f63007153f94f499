"""Changes and stops of aid that was granted (DESIGN 5, C-19 to C-21, C-31): opened by the township, walked by the verbs of every referral,
and what their decision does to the record.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from config import clock
from config.dates import add_months
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from config.words import without_numbers
from deadlines.models import Duty
from deadlines.rules import ONE_DAY
from deadlines.transitions import close_duty
from documents.transitions import next_number
from households.models import AssistanceRecord, Coverage, Household, Resident
from households.payments.entitlement import due_of
from households.transitions import (
    adjust_record,
    fade_record,
    hold_record,
    recover_record,
    refuse_change,
    resume_record,
    standing_record,
    stop_record,
)
from households.transitions.lookup import last_household_of
from organization.desks import window_of
from organization.figures import figure
from organization.models import Post, Unit
from programs.models import ProgramVersion

from .. import conditions, routing
from ..changes import WITH_AMOUNT, asked_text
from ..models import Change, ChangeReport, Referral
from ..permissions import can_open_change
from . import clocks
from .walking import arrive, note, place, tell

Kind, Purpose = Change.Kind, Referral.Purpose
REASON = 500
# C-20: income above the standard after getting work.
FADES_FOR = frozenset({Change.Reason.WORK, Change.Reason.INCOME})


@transaction.atomic
def open_change(
    *,
    record_id: Any,
    kind: str,
    reason_code: str,
    reason: str,
    from_month: date,
    amount: Decimal | None = None,
    months: int | None = None,
    leaver: Resident | None = None,
    origin: str = Change.Origin.OFFICE,
    report: ChangeReport | None = None,
    by: Post,
) -> Referral:
    """Open it 依职权, or after what somebody reported: its opener counts as who accepted it, its whole limit begins now (DESIGN 5).

    Args:
        from_month: any day of the month from which it holds; counted from the first.
        amount: the new amount, or the sum to recover; of an adjustment it may be left to the decision.
        months: of a gradual exit.
        leaver: who is no longer covered, where the others of the household go on.

    Raises:
        AlreadyHandled: a change of this kind is on its way for the record.
        TransitionError: the record cannot be changed that way, or something is missing.
    """
    record = take_record(record_id, by)
    if report is not None:
        _refuse_report(report, record)
    return begin_change(
        record, kind=kind, reason_code=reason_code, reason=reason, from_month=from_month, amount=amount, months=months, leaver=leaver,
        origin=origin, report=report, by=by,
    )  # fmt: skip


def take_record(record_id: Any, by: Post) -> AssistanceRecord:
    """The first beats of every verb on a record of aid: through the gate, the family locked before the record, gate and right again."""
    fetched: AssistanceRecord = AssistanceRecord.objects.visible_to(by).shown_to(by).get_or_404(record_id)
    home = home_of(fetched)
    lock_homes([home.pk] if home else [])
    record = lock(fetched)
    recheck(record, can_open_change, by)
    return record


def lock_homes(homes: Iterable[Any]) -> None:
    """Families by their keys, before what was reported of them, and both before their aid: units are let in under the family's lock
    (`let_in`), and who confirms a death holds it already when he comes to the aid."""
    for pk in sorted(set(homes)):
        lock(Household(pk=pk))


def home_of(record: AssistanceRecord) -> Household | None:
    """The family that has the aid, or to which the person belongs, or belonged last."""
    return record.household or last_household_of(record.resident)


def begin_change(
    record: AssistanceRecord,
    *,
    kind: str,
    reason_code: str,
    reason: str,
    from_month: date,
    amount: Decimal | None = None,
    months: int | None = None,
    leaver: Resident | None = None,
    origin: str,
    report: ChangeReport | None = None,
    by: Post,
) -> Referral:
    """The same under the caller's gate and the record's lock: a confirmed death stops also what is not named to who confirms it."""
    purpose = Purpose.STOP if kind == Kind.STOP else Purpose.CHANGE
    _refuse_second(record, purpose)
    change = Change(
        kind=kind, origin=origin, reason_code=reason_code, reason=conditions.words(reason, "请写明变更的具体情况和依据。", REASON),
        from_month=from_month.replace(day=1), months=months if kind == Kind.FADE else None,
        amount=amount if kind in WITH_AMOUNT else None, leaver=leaver if kind == Kind.ADJUST else None, report=report,
        opened_at=clock.now(), opened_by=by,
    )  # fmt: skip
    _refuse(change, record)
    referral = _referral(record, purpose, change, by)
    change.referral = referral
    save(change)
    stage, unit = referral.stage, referral.unit
    arrive(referral, stage, unit, by)
    clocks.promise(referral, clock.now(), by)
    said = {"kind": change.get_kind_display(), "reason": change.get_reason_code_display(), "origin": change.get_origin_display()}
    note("referral.change_opened", referral, by, new=asked_text(change), note=change.reason, data=said)
    tell("referral.change_opened", referral, unit, f"{change.get_kind_display()}救助待签收", f"{stage.name}，来自{by.unit.short_name}。")
    if origin == Change.Origin.REVIEW:
        settle_review(record, by)
    return referral


def settle_review(record: AssistanceRecord, by: Post, outcome: str = Duty.Outcome.DONE) -> bool:
    """The review that stands for a record is done, or no longer wanted; whether there was one."""
    if not Duty.objects.open().about(record, clocks.REVIEW).exists():
        return False
    close_duty(subject=record, kind=clocks.REVIEW, by=by, outcome=outcome)
    return True


def _refuse(change: Change, record: AssistanceRecord) -> None:
    if change.kind not in Kind.values:
        raise TransitionError("请选择怎样变更。")
    if change.reason_code not in Change.Reason.values:
        raise TransitionError("请选择变更的事由。")
    if change.kind == Kind.RECOVER and not change.amount:
        raise TransitionError("追回须填写大于0的金额。")
    if change.kind == Kind.FADE:
        most = int(figure("gradual_exit_max"))
        if change.reason_code not in FADES_FOR:
            raise TransitionError("渐退用于就业或收入增加后超过标准的情形，请选择相应事由，或改用停止。")
        if not change.months or not 0 < change.months <= most:
            raise TransitionError(f"渐退须填写月数，最多{most}个月。")
    latest = add_months(clock.today().replace(day=1), int(figure("planned_ahead_max")))
    if change.from_month > latest:
        raise TransitionError(f"最晚从{latest:%Y年%m月}起，请看年份写对没有；更远的到时再提出。")
    refuse_change(record, change.kind, change.from_month, asked_on=clock.local(change.opened_at).date())
    if change.leaver_id is not None:
        _refuse_leaver(change, record)


def _refuse_report(report: ChangeReport, record: AssistanceRecord) -> None:
    """What comes of a report settles it, and its reporter is told: it must be confirmed, and of this family or person."""
    if report.status != ChangeReport.Status.CONFIRMED:
        raise TransitionError("这份变化报告还没有核实，请先核实再提出变更。")
    is_theirs = report.household_id == _home(record).pk or Coverage.objects.filter(record=record, resident=report.resident).exists()
    if not is_theirs:
        raise TransitionError("这份变化报告不是这个家庭的，请从报告页面打开要变更的救助。")


def _refuse_leaver(change: Change, record: AssistanceRecord) -> None:
    people = set(Coverage.objects.filter(record=record).regular_from(change.from_month).values_list("resident_id", flat=True))
    if change.leaver_id not in people:
        raise TransitionError("所选的人不在这项救助覆盖的人员中，请重新选择。")
    if len(people) == 1:
        raise TransitionError("这项救助只覆盖此人，请改用停止。")


def _refuse_second(record: AssistanceRecord, purpose: str) -> None:
    """Under the record's lock."""
    running = (
        Referral.objects.filter(record=record, purpose=purpose).open().select_related("accepted_by__unit", "accepted_by__staff").first()
    )
    if running is not None:
        at = clock.local(running.accepted_at)
        who = running.accepted_by.label
        raise AlreadyHandled(
            f"{who}已于{at:%Y-%m-%d %H:%M}对这项救助提出“{running.deed}”（转办单{running.number}），正在办理，不能重复提出。"
        )


def _referral(record: AssistanceRecord, purpose: str, change: Change, by: Post) -> Referral:
    home, version = _home(record), version_of(record)
    track = routing.track_for(version, purpose)
    township = home.township_code
    window = window_of(township, clock.today())
    stage = routing.first_stage(track, purpose)
    unit = routing.unit_of(stage, program=record.program, window=window, on=clock.today())
    now = clock.now()
    referral = Referral(
        purpose=purpose, record=record, household=record.household, resident=record.resident, case_household=home,
        program=record.program, version=version, track=track, title=_title(record, change, home), township_code=township, window=window,
        dispatched_at=now, dispatched_by=by, accepted_at=now, accepted_by=by, accepted_by_staff=by.staff,
        number=next_number("referral", township[-3:], clock.today()),
    )  # fmt: skip
    place(referral, stage, unit, by)
    try:
        save(referral)
    except ConstraintBroken as clash:
        raise TransitionError(str(clash.message)) from clash
    return referral


def _home(record: AssistanceRecord) -> Household:
    home = home_of(record)
    if home is None:
        raise TransitionError("此人没有登记家庭，请先在家庭档案中登记，再办理变更。")
    return home


def version_of(record: AssistanceRecord) -> ProgramVersion:
    """The rules in force today, under which it is changed; else those it was given by."""
    version = ProgramVersion.objects.in_force(clock.today()).filter(program=record.program).first() or record.version
    if version is None:
        raise TransitionError(f"“{record.program}”没有现行的项目规则，请联系县级平台。")
    return version


def decider(record: AssistanceRecord, township_code: str) -> Unit:
    """Who reviews and stops aid of which the townships are not told: the unit that decides it; without rules in force, who gave it."""
    try:
        return routing.decider_of(version_of(record), Purpose.CHANGE, window_of(township_code, clock.today()), clock.today())
    except TransitionError:
        return record.unit


def _title(record: AssistanceRecord, change: Change, home: Household) -> str:
    """As of a grant: program and masked name, with what is done to it. Read beyond its way: a sensitive program is not named."""
    program = "敏感项目" if record.program.is_sensitive else str(record.program)
    head = home.memberships.open().select_related("resident").order_by("relation", "pk").first()
    person = record.resident or (head.resident if head else None)
    return f"{change.get_kind_display()}：{program} {mask_name(person.name) if person else ''}"[:80]


# ── the decision ────────────────────────────────────────────────────────────────────────────────────────────────────
def amount_of(referral: Referral, amount: Decimal | None) -> Decimal | None:
    """What is decided, where the kind asks for an amount: as the approver says, else as it was opened."""
    change = referral.change
    if change.kind not in WITH_AMOUNT:
        return None
    return amount if amount is not None else change.amount


def approve(referral: Referral, amount: Decimal | None, in_kind: str, start_on: date | None) -> None:
    """Fill in the decision of a change or stop; `amount` is that of `amount_of`.

    Raises:
        TransitionError: an adjustment or recovery without its amount, or a month the record does not allow.
    """
    change = referral.change
    since = (start_on or change.from_month).replace(day=1)
    if change.kind == Kind.ADJUST and amount is None and not in_kind:
        raise TransitionError("调整须填写新的金额；给予实物或服务的，写明内容。")
    if amount is not None and amount <= 0:
        raise TransitionError("金额必须大于0。")
    home = home_of(_record(referral))
    lock_homes({referral.case_household_id, home.pk if home else referral.case_household_id})
    refuse_change(standing_record(_record(referral)), change.kind, since, asked_on=clock.local(change.opened_at).date())
    referral.outcome, referral.start_on = Referral.Outcome.APPROVED, since
    referral.amount = amount
    referral.in_kind = without_numbers(in_kind) if change.kind == Kind.ADJUST else ""
    referral.is_above_cap, referral.cap_reason = False, ""


def carry_out(referral: Referral, by: Post) -> None:
    """In the transaction of the decision: end, adjust, hold, resume, fade out or recover. Whoever adjusted the record since is followed."""
    change, record = referral.change, standing_record(_record(referral))
    since = referral.start_on or change.from_month
    said: dict[str, Any] = {
        "record": record, "since": since, "reason": change.get_reason_code_display(), "decision_id": referral.pk, "by": by,
    }  # fmt: skip
    match change.kind:
        case Kind.ADJUST:
            adjust_record(**said, amount=referral.amount, in_kind=referral.in_kind, leaver=change.leaver)
        case Kind.HOLD:
            hold_record(**said)
        case Kind.RESUME:
            resume_record(**said)
        case Kind.FADE:
            fade_record(**said, months=change.months or 0, amount=referral.amount)
        case Kind.RECOVER:
            recover_record(**said, amount=referral.amount or Decimal(0), until=_last_day_named(referral, since))
        case _:
            stop_record(**said)
    if change.kind in {Kind.STOP, Kind.ADJUST, Kind.FADE}:  # the next review is of the record that follows, if any
        settle_review(record, by, Duty.Outcome.CANCELLED)


def _last_day_named(referral: Referral, since: date) -> date | None:
    """A recovery after a death is of the months that a stop of its record could not reach back to (`deaths.overpaid_of`); one of a larger
    sum than was due in them is of others too, and names none."""
    record, last = _record(referral), _record(referral).since.replace(day=1)
    if referral.change.reason_code != Change.Reason.DEATH or since > last:
        return None
    was_due = sum(due_of(record, since, last).values())
    return add_months(last, 1) - ONE_DAY if (referral.amount or 0) <= was_due else None


def _record(referral: Referral) -> AssistanceRecord:
    if referral.record is None:
        raise TransitionError("这个转办单没有对应的救助记录。")
    return referral.record
