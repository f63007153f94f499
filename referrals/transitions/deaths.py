"""死亡停发: from the confirmed death until the last regular aid has ended, somebody's duty (C-19, XX-34).

The township's window has the duty of the report, and sees what is left. Sensitive aid is not named to it: the unit that decides it gets
a duty of its own, and opens the stop from the record's page. A duty ends with what is left, whoever ended that and how.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.urls import reverse

from config import clock
from config.dates import add_months
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, TransitionError, lock
from deadlines.models import Duty
from deadlines.rules import ONE_DAY, Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty, relocate
from households.models import Access, AssistanceRecord, Coverage, Membership, Resident
from households.transitions import let_in
from organization.desks import window_of
from organization.figures import figure
from organization.models import Post, Unit

from .. import deaths
from ..models import Change, ChangeReport, Referral
from . import clocks
from .changing import begin_change, decider, home_of, lock_homes, take_record

log = logging.getLogger(__name__)
TITLE = 120


@transaction.atomic
def stop_after_death(*, record_id: Any, by: Post) -> Referral:
    """Open what C-19 asks of this record in one step: stopped where it reaches nobody else alive, else adjusted for the others.

    Raises:
        AlreadyHandled: it is on its way, or reaches nobody who died.
        TransitionError: another change of it is under way, or it is held.
    """
    record = take_record(record_id, by)
    rows = deaths.left_on(record)
    row = next((row for row in rows if row.can_begin), None)
    if row is None:
        told = rows[0].state if rows else "没有需要因死亡停止的"
        raise (TransitionError if rows and rows[0].obstacle else AlreadyHandled)(f"这项救助{told}。请按现在的情况办理。")
    report = deaths.report_of(row.person)
    referral = _begin(row, report, by)
    for beside in deaths.left_on(record):  # what was paid before it can be stopped is asked back at once
        if beside.person.pk == row.person.pk and beside.overpaid is not None and beside.can_begin:
            _begin(beside, report, by)
    return referral


def stop_all(report: ChangeReport, person: Resident, by: Post) -> list[Referral]:
    """On confirmation: whatever can be opened at once; what cannot stays with the duty. Inner: the reporter's household is locked."""
    opened = []
    for row in deaths.left_of(person):
        lock(row.record)
        fresh = next((each for each in deaths.left_on(row.record) if each.person.pk == person.pk and each.kind == row.kind), None)
        if fresh is None or not fresh.can_begin:
            continue
        try:
            with transaction.atomic():
                opened.append(_begin(fresh, report, by))
        except TransitionError:
            continue  # no rule in force, no unit: the duty names it, and its button says why
    return opened


def _begin(row: deaths.Left, report: ChangeReport | None, by: Post) -> Referral:
    source = f"由{report.reported_by.unit.short_name}报告" if report else "人员档案已登记死亡"
    is_village = report is not None and report.reported_by.unit.kind == Unit.Kind.VILLAGE_WINDOW
    what = f"{deaths.months_text(row.month, row.record.since)}多发的救助，停止追溯不到。" if row.overpaid is not None else ""
    return begin_change(
        row.record, kind=row.kind, reason_code=Change.Reason.DEATH,
        reason=f"{mask_name(row.person.name)}于{row.person.died_on:%Y-%m-%d}死亡，{source}。{what}", from_month=row.month,
        amount=row.overpaid, leaver=row.person if row.kind == Change.Kind.ADJUST else None,
        origin=Change.Origin.VILLAGE if is_village else Change.Origin.OFFICE, report=report, by=by,
    )  # fmt: skip


def follow(person: Resident, by: Post) -> None:
    """Keep the duties true to what is left of a dead person's aid. Under the families' locks two last ones wait for each other."""
    lock_homes(deaths.homes_of(person))
    report = deaths.report_of(person)
    report = lock(report) if report else None
    left = deaths.left_of(person)
    for row in left:
        is_told_by_report = report is not None and not row.record.program.is_sensitive
        if row.running is None and not is_told_by_report:
            _open_for_record(row, by)
    _close_for_records(person, {row.record.pk for row in left}, by)
    if report is None:
        return
    stands = Duty.objects.open().about(report, clocks.DEATH).exists()
    if left and not stands:
        _open_for_report(report, person, left, by)
    if not left and stands:
        close_duty(subject=report, kind=clocks.DEATH, by=by)
        tell_settled(report)


def after_change(referral: Referral, by: Post) -> None:
    """A change or stop was decided or has ended: under the referral's lock. What came of a report settles it; the dead are followed."""
    if referral.is_grant or referral.record is None:
        return
    for person in deaths.dead_of(referral.record):
        follow(person, by)
    report = referral.change.report
    if report is not None and report.kind != ChangeReport.Kind.DEATH:
        _settle(lock(report), referral, by)
    for left in left_households(referral.record.household_id).order_by("pk"):
        if left != report and not _still_reached(left, referral):
            _close_follow(lock(left), by)


def _settle(report: ChangeReport, decided: Referral, by: Post) -> None:
    """What the township opened on account of a move, work or a birth is decided: its duty is done. Ended without a decision it is not, nor
    where other aid of the household still reaches somebody who has left it."""
    of_it = Referral.objects.filter(change__report=report)
    if of_it.undecided().exists() or not of_it.filter(decided_at__isnull=False).exists():
        return
    if _still_reached(report, decided, besides=of_it.values("record")):
        return
    _close_follow(report, by)


def left_households(household_id: Any) -> Any:
    """Reports of people who have left the household, of whom somebody has still to adjust its aid."""
    key = Cast(OuterRef("pk"), CharField())
    duties = Duty.objects.open().filter(subject_label=ChangeReport._meta.label_lower, kind=clocks.FOLLOW, subject_id=key)
    home = Membership.objects.open().filter(household=OuterRef("household"), resident=OuterRef("resident"))
    rows = ChangeReport.objects.filter(Exists(duties), ~Exists(home), household=household_id, kind=ChangeReport.Kind.MOVED)
    return rows.filter(resident__isnull=False)


def _still_reached(report: ChangeReport, decided: Referral, besides: Any = ()) -> bool:
    """Whether somebody who is no member any more still has regular aid of the household from the month that was decided on."""
    if report.resident_id is None or Membership.objects.open().filter(household=report.household, resident=report.resident).exists():
        return False
    since = decided.start_on or add_months(clock.today().replace(day=1), 1)
    rows = Coverage.objects.regular_from(since).filter(resident=report.resident)
    rows = rows.filter(record__household=report.household, record__program__is_sensitive=False)
    return bool(rows.exclude(record__in=besides).exists())


def _close_follow(report: ChangeReport, by: Post) -> None:
    if Duty.objects.open().about(report, clocks.FOLLOW).exists():
        close_duty(subject=report, kind=clocks.FOLLOW, by=by)
    tell_settled(report)


def tell_settled(report: ChangeReport) -> None:
    announce(
        "change_report.settled", report, to=report.reported_by.unit, title=f"变化报告已办结：{report.get_kind_display()}",
        body="乡镇（街道）核实后提出的变更都已办结。", url=report.get_absolute_url(),
    )  # fmt: skip


def watch_deaths(*, by: Post) -> int:
    """The job: deaths that nobody reported but a file, a list or a correction tells; what a refused or ended stop left; and the duties of
    a death that was a mistake. Idempotent."""
    people = list(Resident.objects.filter(pk__in=deaths.still_reached(clock.today()) | _corrected()).order_by("pk"))
    followed = 0
    for person in people:
        try:
            with transaction.atomic():
                follow(person, by)
        except TransitionError as refused:  # a township without its window holds up nobody else's
            log.warning("the aid of somebody who died is nobody's duty: %s", refused)
        else:
            followed += 1
    return followed


def _corrected() -> set[Any]:
    """Somebody behind each duty of a death that is in the register no more: of a report, or of a record that reaches nobody dead."""
    duties = Duty.objects.open()
    reports = duties.filter(subject_label=ChangeReport._meta.label_lower, kind=clocks.DEATH).values_list("subject_id", flat=True)
    found = set(ChangeReport.objects.filter(pk__in=list(reports), resident__died_on=None).values_list("resident_id", flat=True))
    records = duties.filter(subject_label=AssistanceRecord._meta.label_lower, kind=clocks.STOP).values_list("subject_id", flat=True)
    for record in AssistanceRecord.objects.filter(pk__in=list(records)):
        if not deaths.dead_of(record):
            found.add(record.resident_id or record.coverage.values_list("resident_id", flat=True).first())
    return found - {None}


def time_of(died: Any) -> tuple[Limit, str]:
    """Within the month in which it is known; the months of C-19 after the event are the most there is, and today at the least."""
    today = clock.today()
    month_end = add_months(today.replace(day=1), 1) - ONE_DAY
    latest = add_months(died, int(figure("death_processing_max")))
    return Limit(Rule.FIXED_DATE, until=max(today, min(month_end, latest))), f"C-19：当月办结，最迟{latest:%Y-%m-%d}"


def _open_for_report(report: ChangeReport, person: Resident, left: list[deaths.Left], by: Post) -> None:
    limit, basis = time_of(person.died_on or report.happened_on)
    names = "、".join(dict.fromkeys(f"追回{row.name}" if row.overpaid is not None else f"停{row.name}" for row in left))
    open_duty(
        subject=report, kind=clocks.DEATH, kind_name="死亡变更办结", unit=report.unit,
        title=f"{report.get_kind_display()} {mask_name(person.name)}：待{names}"[:TITLE], by=by, limit=limit,
        url=report.get_absolute_url(), region_code=report.township_code, basis=basis,
    )  # fmt: skip


def _open_for_record(row: deaths.Left, by: Post) -> None:
    record, person = row.record, row.person
    if Duty.objects.open().about(record, clocks.STOP).exists():
        return
    township, unit = _desk_of(record, person, by)
    limit, basis = time_of(person.died_on)
    open_duty(
        subject=record, kind=clocks.STOP, kind_name="死亡后停止救助", unit=unit, title=_title(row), by=by, limit=limit,
        url=reverse("referrals:record_detail", args=[record.pk]), region_code=township,
        topic_code=record.program_id, basis=basis,
    )  # fmt: skip


def _title(row: deaths.Left) -> str:
    return f"{'追回' if row.overpaid is not None else ''}{row.name} {mask_name(row.person.name)}"


def _desk_of(record: AssistanceRecord, person: Resident, by: Post) -> tuple[str, Unit]:
    """Who stops it: the window where they live, or the unit that decides what is sensitive, which a family's door is opened to."""
    home = home_of(record)
    township = home.township_code if home else person.region_id[:9]
    unit = decider(record, township) if record.program.is_sensitive else window_of(township, clock.today())
    if home is not None and unit.kind == Unit.Kind.DEPARTMENT:
        let_in(household=home, unit=unit, reason=Access.Reason.CHANGE, subject=record, program=record.program, by=by)
    return township, unit


def follow_record(record: AssistanceRecord, by: Post) -> bool:
    """They live in another township by now: the stop is owed there, due on the same day. Whether it went. Under the record's lock."""
    person = next(iter(deaths.dead_of(record)), record.resident)
    if person is None:
        return False  # a death by mistake: the job closes its duty
    township, unit = _desk_of(record, person, by)
    former = relocate(subject=record, kind=clocks.STOP, unit=unit, region_code=township, by=by)
    if former is None:
        return False
    said = f"已迁到本辖区，原由{former.short_name}承办，期限不变。"
    name = "敏感项目" if record.program.is_sensitive else str(record.program)
    title, url = f"死亡后停止救助转由本单位办理：{name} {mask_name(person.name)}", reverse("referrals:record_detail", args=[record.pk])
    announce("assistance_record.stop_followed", record, to=unit, title=title, body=said, url=url)
    return True


def _close_for_records(person: Resident, left: set[Any], by: Post) -> None:
    """Duties of records that no longer reach this one, nor anybody else who died."""
    about = [str(pk) for pk in [*person.coverage.values_list("record_id", flat=True), *person.records.values_list("pk", flat=True)]]
    rows = Duty.objects.open().filter(subject_label="households.assistancerecord", subject_id__in=about, kind=clocks.STOP)
    for key in rows.values_list("subject_id", flat=True):
        record = AssistanceRecord.objects.get(pk=key)
        if record.pk not in left and not deaths.left_on(record):
            close_duty(subject=record, kind=clocks.STOP, by=by)
