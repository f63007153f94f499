"""月结 in figures: what a township's window did in a month, and how all townships stand (XX-20, L13). A fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from config.dates import add_months
from deadlines.counting import calendar_since
from deadlines.models import Duty
from deadlines.querysets import LATE
from deadlines.rules import date_of, start_of
from deadlines.working_calendar import ONE_DAY
from intake.models import Application, Request, Visit
from organization.models import Unit
from referrals.models import Referral
from spreadsheets.cells import Column, Kind

from .models import DayClose, MonthClose

LABELS = {
    "visits": "求助登记", "visits_answered": "其中已答复", "requests": "收到求助推送", "accepted": "受理申请", "sent": "转出事项",
    "approved": "批准", "refused": "不予批准", "told": "告知申请人", "done": "办结环节", "done_late": "其中超期", "workdays": "工作日",
    "days_on_time": "按时日清", "days_late": "补登日清", "days_missing": "未日清",
}  # fmt: skip


def counts(unit: Unit, month: date) -> dict[str, int]:
    """The figures of one window's month, as they are now."""
    start, end = start_of(month), start_of(add_months(month, 1))
    found = {name: by_unit.get(unit.pk, 0) for name, by_unit in tallies(start, end, [unit.pk]).items()}
    days = workdays(month, last_day(month))
    closes = list(DayClose.objects.filter(unit=unit, day__in=days).values_list("day", "closed_at"))
    return found | _days(days, closes)


def tallies(start: datetime, end: datetime, units: Sequence[int] | None = None) -> dict[str, dict[int, int]]:
    """Each figure by window, for some windows or all: five statements, none of them looped."""

    def of(rows: "QuerySet[Any]", owner: str, **parts: Q) -> dict[str, dict[int, int]]:
        mine = rows.filter(**{f"{owner}__in": units}) if units is not None else rows
        grouped = mine.order_by().values_list(owner).annotate(**{name: Count("pk", filter=part) for name, part in parts.items()})
        lines = list(grouped)
        return {name: {line[0]: line[place] for line in lines} for place, name in enumerate(parts, 1)}

    def within(field: str) -> Q:
        return Q(**{f"{field}__gte": start, f"{field}__lt": end})

    every = Q(pk__isnull=False)
    decided, told, sent = within("decided_at"), within("confirmed_at"), within("dispatched_at")
    done = Duty.objects.ended_between(start, end).filter(is_promise=False)
    return {
        **of(Visit.objects.filter(within("arrived_at")), "unit_id", visits=every, visits_answered=Q(answered_at__isnull=False)),
        **of(Request.objects.filter(within("pushed_at")), "window_id", requests=every),
        **of(Application.objects.filter(within("accepted_at")), "unit_id", accepted=every),
        **of(
            Referral.objects.filter(decided | told | sent), "window_id", sent=sent, approved=decided & Q(outcome="approved"),
            refused=decided & Q(outcome="refused"), told=told,
        ),
        **of(done, "unit_id", done=every, done_late=LATE),
    }  # fmt: skip


def workdays(month: date, until: date) -> list[date]:
    """The working days of a month up to a day."""
    calendar = calendar_since(month)
    days = [month + ONE_DAY * n for n in range((min(until, last_day(month)) - month).days + 1)]
    return [day for day in days if calendar.is_workday(day)]


def last_day(month: date) -> date:
    return add_months(month, 1) - ONE_DAY


def _days(days: Sequence[date], closes: Sequence[tuple[date, datetime]]) -> dict[str, int]:
    late = sum(date_of(at) > day for day, at in closes)
    return {"workdays": len(days), "days_on_time": len(closes) - late, "days_late": late, "days_missing": len(days) - len(closes)}


@dataclass(frozen=True, slots=True)
class TownshipMonth:
    """One township in the overview. `month`: 按时, 超期, 未报送, 未到期 or nothing."""

    name: str
    figures: Mapping[str, int]
    month: str
    tone: str
    url: str
    rate: str


def overview(month: date, today: date, now: datetime) -> list[TownshipMonth]:
    """All townships of one month (L13): days closed on time, late or not at all so far, figures, and the month's own report.

    A confirmed month stands as it was reported, whatever was closed or answered since: the same figures as on its own page.
    """
    windows = list(Unit.objects.current(today).filter(kind=Unit.Kind.TOWNSHIP_WINDOW).select_related("region").order_by("region_id", "pk"))
    # today is owed when it is over
    days = [day for day in workdays(month, today) if day < today]
    found = tallies(start_of(month), start_of(add_months(month, 1)))
    closes: dict[int, list[tuple[date, datetime]]] = {}
    for unit, day, at in DayClose.objects.filter(day__in=days, unit__in=windows).values_list("unit_id", "day", "closed_at"):
        closes.setdefault(unit, []).append((day, at))
    reports = {row.unit_id: row for row in MonthClose.objects.filter(month=month)}
    clocks = clocks_of(list(reports.values()))
    lines = []
    for window in windows:
        report = reports.get(window.pk)
        figures = {name: by_unit.get(window.pk, 0) for name, by_unit in found.items()} | _days(days, closes.get(window.pk, []))
        if report and report.closed_at:
            figures |= report.counts
        word, tone = word_of(report, clocks.get(str(report.pk)) if report else None, now)
        owed = figures["workdays"]
        rate = f"{figures['days_on_time'] * 100 // owed}%" if owed else "—"
        lines.append(TownshipMonth(window.short_name, figures, word, tone, report.get_absolute_url() if report else "", rate))
    return lines


SHEET = (
    Column("乡镇（街道）窗口", width=26),
    *(Column(label, Kind.NUMBER, 10) for label in ("按时日清", "补登", "未日清")), Column("按时率", width=10),
    *(Column(label, Kind.NUMBER, 10) for label in ("求助", "受理", "转出", "批准")), Column("月结", width=12),
)  # fmt: skip


def sheet_row(line: TownshipMonth) -> list[Any]:
    """The overview's line as cells of SHEET."""
    days = [line.figures[name] for name in ("days_on_time", "days_late", "days_missing")]
    work = [line.figures[name] for name in ("visits", "accepted", "sent", "approved")]
    return [line.name, *days, line.rate, *work, line.month]


def clocks_of(reports: Sequence[MonthClose]) -> dict[str, Duty]:
    """The duty of each, by the report's id."""
    keys = [str(row.pk) for row in reports]
    return {duty.subject_id: duty for duty in Duty.objects.filter(subject_label=MonthClose._meta.label_lower, subject_id__in=keys)}


def word_of(report: MonthClose | None, duty: Duty | None, now: datetime) -> tuple[str, str]:
    if report is None or duty is None:
        return "未开始", "grey"
    if report.closed_at:
        return ("按时报送", "green") if duty.due_at and report.closed_at < duty.due_at else ("超期报送", "amber")
    return ("超期未报", "red") if duty.due_at and duty.due_at <= now else ("待报送", "grey")
