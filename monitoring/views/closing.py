"""日清月结 (XX-20): a window's day, a township's month, and how all of them stand."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.dates import add_months
from config.once import once
from config.submit import late, submit
from config.verbs import TransitionError
from deadlines.counting import calendar_since
from organization.gates import requires
from organization.kinds import COUNTY_WIDE
from organization.models import Unit
from organization.requests import StaffRequest
from spreadsheets import downloads
from spreadsheets.caps import most_rows

from .. import month_page
from ..closing_permissions import can_close_day, can_close_month, can_supplement, reads_days, reads_months, reads_overview
from ..day_page import Day
from ..forms.closing import DayCloseForm, MonthCloseForm, SupplementForm
from ..models import DayClose, MonthClose
from ..transitions import closing

HISTORY = 10
YEARS = 20  # back and on, that a page can be asked for
COUNTS = {
    "visits": "求助登记", "visits_answered": "已答复", "requests": "收到求助", "requests_settled": "已处理求助", "accepted": "受理申请",
    "sent": "转出事项", "told": "告知申请人", "done": "办结环节", "done_late": "其中超期", "due_open": "今日到期未办", "overdue": "已超期",
    "open": "未结", "untouched": "当天没有人动过",
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_close_day)
@once
def day_close(request: StaffRequest) -> HttpResponse:
    """The day of one's own window: what came, what is open and why, and one button."""
    post, now = request.post, clock.now()
    day = _day(request.POST.get("day") or request.GET.get("day", ""))
    mine = DayClose.objects.visible_to(post).filter(unit=post.unit)
    if request.method != "POST" and (standing := mine.filter(day=day).first()):
        return redirect(standing)
    found = Day(post, day, now)
    form = DayCloseForm(request.POST if request.method == "POST" else None, lines=found.lines, initial={"day": day})
    if request.method == "POST" and form.is_valid():
        if row := submit(form, lambda: closing.close_day(day=form.day_of(), said=form.said(), by=post)):
            messages.success(request, f"{row.day:%Y-%m-%d}已日清{'（补登）' if row.is_late else ''}。")
            return redirect(row)
    if told := late(request, form, mine.filter(day=day).first() or "monitoring:day_close"):
        return told
    context = {
        "day": found,
        "form": form,
        "counts": _counts(found.counts),
        "lines": [(line, form[line.key] if line.asks else None) for line in found.lines],
        "hindrance": _hindrance(day),
        "missing": _missing(mine, day),
        "history": mine.order_by("-day").select_related("closed_by__staff")[:HISTORY],
    }
    return render(request, "monitoring/day_close.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(reads_days)
@once
def day_close_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A closed day as it was confirmed, and the lines added since."""
    row: DayClose = DayClose.objects.visible_to(request.post).select_related("unit", "closed_by__unit", "closed_by__staff").get_or_404(pk)
    may_add = can_supplement(request.post, row)
    if request.method == "POST" and not may_add:
        raise PermissionDenied("补充说明由该窗口经办人填写。")
    form = SupplementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: closing.supplement_day(day_close_id=pk, text=form.cleaned_data["text"], by=request.post)):
            messages.success(request, "已补充。")
            return redirect(row)
    context = {
        "row": row,
        "counts": _counts(row.counts),
        "supplements": row.supplements.select_related("added_by__staff"),
        "form": form if may_add else None,
        "may_close": can_close_day(request.post),
    }
    return render(request, "monitoring/day_close_detail.html", context, status=422 if form.errors else 200)


@require_GET
@requires(reads_days)
def day_close_list(request: StaffRequest) -> HttpResponse:
    """Which windows have closed a day, and which have not: a township's with its villages, the county's townships."""
    day = _day(request.GET.get("day", ""))
    units = Unit.objects.visible_to(request.post).current(day)
    if request.post.unit.kind in COUNTY_WIDE:
        units = units.filter(kind=Unit.Kind.TOWNSHIP_WINDOW)
    else:
        kinds = (Unit.Kind.TOWNSHIP_WINDOW, Unit.Kind.VILLAGE_WINDOW)
        units = units.filter(region__code__startswith=request.post.unit.region_id, kind__in=kinds)
        units = units.filter(pk=request.post.unit_id) if request.post.role == "V" else units
    closed = {row.unit_id: row for row in DayClose.objects.visible_to(request.post).filter(day=day).select_related("closed_by__staff")}
    rows = [(unit, closed.get(unit.pk)) for unit in units.order_by("kind", "region_id", "pk")]
    context = {
        "day": day,
        "rows": sorted(rows, key=lambda pair: pair[1] is not None),
        "done": sum(row is not None for _, row in rows),
        "is_workday": calendar_since(day).is_workday(day),
        "is_over": day < clock.today(),
        "before": _workday_before(day),
    }
    return render(request, "monitoring/day_close_list.html", context)


@require_GET
@requires(reads_months)
def month_list(request: StaffRequest) -> HttpResponse:
    """Months of the township, or of all of them; the newest first, what is not confirmed on top of its month."""
    gate = MonthClose.objects.visible_to(request.post).select_related("unit", "closed_by__staff")
    page = keyset.page(keyset.ordered(gate, "-month", is_filled=True), request, sort="-month")
    duties = month_page.clocks_of(page.rows)
    lines = [(row, *month_page.word_of(row, duties.get(str(row.pk)), clock.now())) for row in page.rows]
    return render(request, "monitoring/month_list.html", {"page": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(reads_months)
@once
def month_close(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A month's figures: as they are now while it is open, as they were confirmed afterwards."""
    row: MonthClose = (
        MonthClose.objects.visible_to(request.post).select_related("unit", "closed_by__unit", "closed_by__staff").get_or_404(pk)
    )
    may_close = row.closed_at is None and can_close_month(request.post, row)
    if request.method == "POST" and not can_close_month(request.post, row):
        raise PermissionDenied("月结由乡镇（街道）审批人员确认。")
    form = MonthCloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: closing.close_month(month_close_id=pk, note=form.cleaned_data["note"], by=request.post)):
            messages.success(request, f"{row.label}月结已确认并报送县级平台。")
            return redirect(row)
    if told := late(request, form, row):
        return told
    counts = row.counts or month_page.counts(row.unit, row.month)
    word, tone = month_page.word_of(row, month_page.clocks_of([row]).get(str(row.pk)), clock.now())
    context = {
        "row": row,
        "counts": [(label, counts[name]) for name, label in month_page.LABELS.items() if name in counts],
        "word": word,
        "tone": tone,
        "form": form if may_close else None,
    }
    return render(request, "monitoring/month_close.html", context, status=422 if form.errors else 200)


@require_GET
@requires(reads_overview)
def close_overview(request: StaffRequest) -> HttpResponse:
    """L13: every township's days and month, in numbers."""
    today = clock.today()
    month = _month(request.GET.get("month", ""), today)
    context = {
        "month": month,
        "rows": month_page.overview(month, today, clock.now()),
        "before": add_months(month, -1),
        "after": add_months(month, 1) if add_months(month, 1) <= today else None,
        "is_numbers_only": request.post.role == "L",
        "export_url": f"{reverse('monitoring:close_overview_export')}?month={month:%Y-%m}",
        "most": most_rows(request.post),
    }
    return render(request, "monitoring/close_overview.html", context)


@require_POST
@requires(reads_overview)
def close_overview_export(request: StaffRequest) -> HttpResponseBase:
    """The same month as a workbook: numbers of townships, nobody's name."""
    today = clock.today()
    month = _month(request.GET.get("month", ""), today)
    lines = month_page.overview(month, today, clock.now())
    part = downloads.Part("日清月结汇总", month_page.SHEET, lines, shape=month_page.sheet_row)
    words = f"{month.year}年{month.month}月"
    return downloads.answer(request, part, filters=words, by=request.post, name=f"{words}日清月结汇总")


def _counts(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(label, counts[name]) for name, label in COUNTS.items() if name in counts]


def _day(asked: str, today: date | None = None) -> date:
    """The day asked for; today where it is none, or one of another age."""
    today = today or clock.today()
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return today
    return day if abs(day.year - today.year) <= YEARS else today


def _month(asked: str, today: date) -> date:
    return min(_day(f"{asked}-01", today).replace(day=1), today.replace(day=1))


def _hindrance(day: date) -> str:
    try:
        closing.refuse_day(day)
    except TransitionError as refused:
        return str(refused)
    return ""


def _missing(mine: Any, day: date) -> str:
    """Where the working day before was forgotten: the address of its page."""
    before = _workday_before(day)
    if mine.filter(day=before).exists() or not mine.exists():
        return ""
    return f"{reverse('monitoring:day_close')}?day={before:%Y-%m-%d}" if not _hindrance(before) else ""


def _workday_before(day: date) -> date:
    return calendar_since(add_months(day, -1)).workday_before(day, 1)
