"""变化报告: what a village tells of a family, confirmed or answered by the township, seen to the end by who told it (issue 4, C-19)."""

from datetime import date
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.dates import add_months
from config.protection.masks import mask_name
from config.verbs import ConstraintBroken, TransitionError, edge, lock, recheck, save
from deadlines.rules import ONE_DAY, Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty
from households.models import AssistanceRecord, Coverage, Household, Resident
from households.transitions import note_death
from households.transitions.registry import window_of
from organization.figures import figure
from organization.models import Parameter, Post, Unit

from .. import conditions
from ..models import Change, ChangeReport, Referral
from ..permissions import can_answer_report, can_report_change
from . import clocks
from .changing import begin_change

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
    window = window_of(township)
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
    processed within the month, and no later than the county's figure after the death. For the rest the township opens what follows.

    Raises:
        AlreadyHandled: answered already; by whom and when.
    """
    report = _take(report_id, by)
    _answer(report, Status.CONFIRMED, answer, by)
    opened: list[Referral] = []
    if report.kind == Kind.DEATH and report.resident is not None:
        person = note_death(resident=report.resident, on=happened_on or report.happened_on, source=_source(report), by=by)
        report.resident = person
        opened = _stop_all(report, person, by)
        if opened:
            _death_duty(report, person, by)
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
    lock(found.household)  # parents first: a death is written under it
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


def _stop_all(report: ChangeReport, person: Resident, by: Post) -> list[Referral]:
    """Every regular record in force that reaches the person: stopped where it reaches nobody else, else adjusted for the others."""
    today, opened = clock.today(), []
    reached = Coverage.objects.filter(resident=person).regular_from(today).values_list("record_id", flat=True)
    own = AssistanceRecord.objects.filter(resident=person).values_list("pk", flat=True)
    rows = AssistanceRecord.objects.filter(pk__in={*reached, *own}).in_force(today).regular().order_by("pk")
    died = person.died_on or report.happened_on
    for row in rows.select_for_update(of=("self",), no_key=True).select_related("program", "household", "resident"):
        month = max(add_months(died.replace(day=1), 1), add_months(row.since.replace(day=1), 1))
        others = Coverage.objects.filter(record=row).regular_from(month).exclude(resident=person).exists()
        is_alone = row.resident_id == person.pk or not others
        try:
            with transaction.atomic():
                opened.append(
                    begin_change(
                        row, kind=Change.Kind.STOP if is_alone else Change.Kind.ADJUST, reason_code=Change.Reason.DEATH,
                        reason=f"{mask_name(person.name)}于{died:%Y-%m-%d}死亡，{_source(report)}。", from_month=month,
                        leaver=None if is_alone else person, origin=_origin(report), report=report, by=by,
                    )
                )  # fmt: skip
        except TransitionError:
            continue  # under way already, or over by itself: the death is noted all the same, and the page shows what is left
    return opened


def _origin(report: ChangeReport) -> str:
    return Change.Origin.VILLAGE if report.reported_by.unit.kind == Unit.Kind.VILLAGE_WINDOW else Change.Origin.OFFICE


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


def _death_duty(report: ChangeReport, person: Resident, by: Post) -> None:
    """Within the month in which it is confirmed; the months of C-19 after the death are the most there is, and today at the least."""
    today = clock.today()
    month_end = add_months(today.replace(day=1), 1) - ONE_DAY
    latest = add_months(person.died_on or report.happened_on, int(figure("death_processing_max")))
    open_duty(
        subject=report, kind=clocks.DEATH, kind_name="死亡变更办结", unit=report.unit, title=_title(report), by=by,
        limit=Limit(Rule.FIXED_DATE, until=max(today, min(month_end, latest))), url=report.get_absolute_url(),
        region_code=report.township_code, basis=f"C-19：当月办结，最迟{latest:%Y-%m-%d}",
    )  # fmt: skip


def _title(report: ChangeReport) -> str:
    whose = mask_name(report.resident.name) if report.resident else str(report.household)
    return f"{report.get_kind_display()} {whose}"


def _note(verb: str, report: ChangeReport, by: Post, **said: Any) -> None:
    record(verb, report, by=by, household_id=report.household_id, subject_text=_title(report), **said)


def _tell_reporter(verb: str, report: ChangeReport, title: str, body: str) -> None:
    announce(verb, report, to=report.reported_by.unit, title=title, body=body, url=report.get_absolute_url())
