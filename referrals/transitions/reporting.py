"""变化报告: what a village tells of a family, confirmed or answered by the township, seen to the end by who told it (issue 4, C-19)."""

from datetime import date
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, edge, lock, recheck, save
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty, relocate
from households.models import AssistanceRecord, Coverage, Household, RegistryChange, Resident
from households.transitions import note_death
from organization.desks import window_of
from organization.models import Parameter, Post

from .. import conditions
from .. import deaths as deaths_of
from ..models import ChangeReport, Referral
from ..permissions import can_answer_report, can_report_change
from . import clocks, deaths
from .changing import lock_homes
from .walking import tell

Kind, Status = ChangeReport.Kind, ChangeReport.Status
TEXT = 300
WITHIN = "change_report_confirm_within"
EDGES: dict[str, frozenset[str]] = {
    Status.REPORTED: frozenset({Status.CONFIRMED, Status.UNCHANGED}),
    Status.CONFIRMED: frozenset(),
    Status.UNCHANGED: frozenset(),
}


@transaction.atomic
def report_change(
    *, household_id: Any, kind: str, resident: Resident | None = None, happened_on: date, text: str, by: Post
) -> ChangeReport:
    """Tell the township's window of it. Nothing changes by the report itself.

    Raises:
        TransitionError: not of this household, dead already, in the future, without words, or reported already.
    """
    household: Household = lock(Household.objects.visible_to(by).get_or_404(household_id))
    recheck(household, can_report_change, by)
    if kind not in Kind.values:
        raise TransitionError("请选择发生了什么变化。")
    _refuse_person(household, kind, resident)
    if happened_on > clock.today():
        raise TransitionError("发生日期不能晚于今天。")
    township = household.township_code
    window = window_of(township, clock.today())
    report = ChangeReport(
        household=household, resident=resident, township_code=township, kind=kind, happened_on=happened_on,
        text=conditions.words(text, "请写明情况：怎样得知、现在怎样。", TEXT), unit=window, reported_at=clock.now(), reported_by=by,
    )  # fmt: skip
    try:
        save(report)
    except ConstraintBroken as clash:
        raise TransitionError(clash.messages[0]) from clash
    _duty(report, by)
    _note("change_report.reported", report, by, new=report.get_kind_display())
    announce(
        "change_report.reported", report, to=window, title=f"变化报告待核实：{_title(report)}", body=f"{by.label}报告。",
        url=report.get_absolute_url(),
    )  # fmt: skip
    return report


@transaction.atomic
def confirm_report(*, report_id: Any, answer: str, happened_on: date | None = None, by: Post) -> ChangeReport:
    """It is so. A death is noted of the person, and stops or adjusts all regular aid in force that reaches them (C-19); it is to be
    processed within the month, and no later than the county's figure after the death. What cannot be opened at once stays somebody's
    duty (`deaths`). For the rest the township opens what follows, or says that nothing does.

    Raises:
        AlreadyHandled: answered already; by whom and when.
    """
    report = _take(report_id, by)
    _answer(report, Status.CONFIRMED, answer, by)
    opened: list[Referral] = []
    if report.kind == Kind.DEATH and report.resident is not None:
        person = note_death(resident=report.resident, on=happened_on or report.happened_on, source=_source(report), by=by)
        report.resident = person
        opened = deaths.stop_all(report, person, by)
        deaths.follow(person, by)
        _tell_cases(person, by)
    else:
        _follow_duty(report, by)
    said = "；".join(f"{row.deed}{row.program}" for row in opened if not row.program.is_sensitive)
    _note("change_report.confirmed", report, by, new=said or report.get_kind_display(), note=report.answer)
    body = f"{report.answer}{f'已提出：{len(opened)}项变更或停止。' if opened else ''}"
    _tell_reporter("change_report.confirmed", report, f"变化报告已核实：{_title(report)}", body)
    return report


@transaction.atomic
def decline_report(*, report_id: Any, answer: str, by: Post) -> ChangeReport:
    """Looked into, and nothing changes: with a sentence, which the reporter reads.

    Raises:
        AlreadyHandled: answered already.
    """
    report = _take(report_id, by)
    _answer(report, Status.UNCHANGED, answer, by)
    _note("change_report.declined", report, by, note=report.answer)
    _tell_reporter("change_report.declined", report, f"变化报告核实后不变更：{_title(report)}", report.answer)
    return report


@transaction.atomic
def close_report(*, report_id: Any, note: str, by: Post) -> ChangeReport:
    """What was reported needs no (further) change of anything: said in a sentence, which the reporter reads. Never of a death.

    Raises:
        AlreadyHandled: nothing waits for it.
        TransitionError: a change that came of it is under way, or somebody has died.
    """
    report = _take(report_id, by)
    recheck(report, can_answer_report, by)
    if report.kind == Kind.DEATH:
        raise TransitionError("死亡报告不能手工办结：此人的救助全部停止后自动办结；误报的，更正人员资料里的死亡日期，最迟次日自动办结。")
    if not Duty.objects.open().about(report, clocks.FOLLOW).exists():
        raise AlreadyHandled("这份变化报告没有待办的变更，可能已由同事办结，经过见这份报告。")
    running = Referral.objects.filter(change__report=report).undecided().first()
    if running is not None:
        raise TransitionError(f"由此提出的变更（转办单{running.number}）正在办理，决定后自动办结。")
    words = conditions.words(note, "请写明为什么不用（再）变更，报告人能看到。", TEXT)
    close_duty(subject=report, kind=clocks.FOLLOW, by=by)
    _note("change_report.closed", report, by, note=words)
    _tell_reporter("change_report.closed", report, f"变化报告已办结：{_title(report)}", words)
    return report


def report_leavers(change: RegistryChange, by: Post) -> None:
    """A confirmed split or transfer is the report that somebody left: aid of a household that still reaches whoever left it is for the
    township of that household to adjust, and until then they cannot be given it anew (ADR 0020). Inner, under the locks of the change.

    The register has looked into it already: the report is confirmed as it stands, by the two people who changed the register. Aid of which
    the townships are not told is a person's own, and goes along.
    """
    leavers = [line.resident for line in change.members.select_related("resident")]
    reached = Coverage.objects.regular_from(clock.today()).filter(resident__in=leavers, record__household__isnull=False)
    rows = reached.exclude(record__household=change.target).filter(record__program__is_sensitive=False)
    told = {(row.record.household_id, row.resident_id): row for row in rows.select_related("record__household", "resident").order_by("pk")}
    for row in told.values():
        home: Any = row.record.household
        if not deaths.left_households(home.pk).filter(resident=row.resident).exists():
            _report_leaver(change, home, row.resident, by)


def _report_leaver(change: RegistryChange, home: Household, person: Resident, by: Post) -> None:
    now = clock.now()
    report = ChangeReport(
        household=home, resident=person, township_code=home.township_code, kind=Kind.MOVED, happened_on=clock.today(),
        text=f"已办理{change.get_kind_display()}，此人不再是本户成员；以本户名义享受的定期救助仍包括此人。",
        unit=window_of(home.township_code, clock.today()), reported_at=now, reported_by=change.proposed_by, status=Status.CONFIRMED,
        answer="家庭变动经两人核对确认。请办理救助调整（不再包括此人）；不用调整的，写明理由办结。", answered_at=now, answered_by=by,
    )  # fmt: skip
    save(report)
    _open_follow(report, by)
    _note("change_report.confirmed", report, by, new=report.get_kind_display(), note=report.text)
    announce(
        "change_report.left", report, to=report.unit, title=f"家庭变动后请调整救助：{_title(report)}", body=report.answer,
        url=report.get_absolute_url(),
    )  # fmt: skip


def follow_family(report: ChangeReport, by: Post) -> bool:
    """The family lives in another township by now: the report lies there, and what is open about it is owed there, due on the same day.
    Whether it went. Inner, under the report's lock."""
    township = report.household.township_code
    if township == report.township_code:
        return False
    former, window = report.unit, window_of(township, clock.today())
    report.township_code, report.unit = township, window
    save(report, "township_code", "unit")
    for duty in list(Duty.objects.open().about(report)):
        relocate(subject=report, kind=duty.kind, unit=window, region_code=township, by=by)
    _note("change_report.followed", report, by, old=former.short_name, new=window.short_name)
    announce(
        "change_report.followed", report, to=window, title=f"变化报告转由本单位办理：{_title(report)}",
        body=f"这个家庭已迁到本辖区，原由{former.short_name}承办，期限不变。", url=report.get_absolute_url(),
    )  # fmt: skip
    return True


def _tell_cases(person: Resident, by: Post) -> None:
    """What the dead still asked for is ended by whoever holds it, with the reason; nothing ends by itself (C-17, ADR 0021)."""
    rows = Referral.objects.filter(purpose=Referral.Purpose.GRANT, resident=person).undecided().select_related("unit", "track")
    for row in rows.order_by("pk"):
        tell("referral.beneficiary_died", row, row.unit, "救助对象已死亡", "请由负责人终止，写明死亡日期和依据；不能再批准。")


def _refuse_person(household: Household, kind: str, resident: Resident | None) -> None:
    if resident is None:
        if kind == Kind.DEATH:
            raise TransitionError("报告死亡须选择是哪位家庭成员。")
        return
    if not household.memberships.open().filter(resident=resident).exists():
        raise TransitionError("请选择这个家庭现在的成员。")
    if kind == Kind.DEATH and resident.is_dead:
        raise TransitionError(f"{resident.name}已登记于{resident.died_on:%Y-%m-%d}死亡，不用再报。")


def _take(report_id: Any, by: Post) -> ChangeReport:
    found: ChangeReport = ChangeReport.objects.visible_to(by).get_or_404(report_id)
    reached = deaths_of.homes_of(found.resident) if found.kind == Kind.DEATH and found.resident else set()
    lock_homes({found.household_id, *reached})  # parents first: a death is written under it
    return lock(found)


def _answer(report: ChangeReport, status: str, answer: str, by: Post) -> None:
    def refusal() -> str:
        who, at = report.answered_by, report.answered_at
        return f"{who.label if who else '同事'}已于{clock.local(at or clock.now()):%Y-%m-%d %H:%M}登记“{report.get_status_display()}”。"

    edge(report.status, status, EDGES, refusal=refusal)
    recheck(report, can_answer_report, by)
    report.status = status
    report.answer = conditions.words(answer, "请写明核实情况，报告人能看到。", TEXT)
    report.answered_at, report.answered_by = clock.now(), by
    save(report, "status", "answer", "answered_at", "answered_by")
    close_duty(subject=report, kind=clocks.REPORT, by=by)


def _source(report: ChangeReport) -> str:
    return f"由{report.reported_by.unit.short_name}报告"


def _duty(report: ChangeReport, by: Post) -> None:
    row = Parameter.objects.in_force(WITHIN, on=clock.today(), region_code=report.township_code)
    if row is None:
        raise LookupError(f"parameter {WITHIN} has no value; run manage.py load_reference")
    open_duty(
        subject=report, kind=clocks.REPORT, kind_name="核实变化", unit=report.unit, title=_title(report), by=by,
        limit=Limit(Rule.WORKING_DAYS, int(row.value)), url=report.get_absolute_url(), region_code=report.township_code, basis=row.source,
    )  # fmt: skip


def _follow_duty(report: ChangeReport, by: Post) -> None:
    """What follows of a move, work or a birth is a duty too, where the family has regular aid: until it is decided or said to be done."""
    rows: Any = AssistanceRecord.objects.about_household(report.household_id).in_force(clock.today()).regular()
    if rows.exists():
        _open_follow(report, by)


def _open_follow(report: ChangeReport, by: Post) -> None:
    limit, basis = deaths.time_of(report.happened_on)
    open_duty(
        subject=report, kind=clocks.FOLLOW, kind_name="办理变更", unit=report.unit, title=_title(report), by=by, limit=limit,
        url=report.get_absolute_url(), region_code=report.township_code, basis=basis,
    )  # fmt: skip


def _title(report: ChangeReport) -> str:
    whose = mask_name(report.resident.name) if report.resident else str(report.household)
    return f"{report.get_kind_display()} {whose}"


def _note(verb: str, report: ChangeReport, by: Post, **said: Any) -> None:
    record(verb, report, by=by, household_id=report.household_id, subject_text=_title(report), **said)


def _tell_reporter(verb: str, report: ChangeReport, title: str, body: str) -> None:
    announce(verb, report, to=report.reported_by.unit, title=title, body=body, url=report.get_absolute_url())
