"""The working calendar: everybody reads it, the system administrator changes it after seeing what moves."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import calendar_history, transitions
from ..forms import CalendarDayForm, CalendarYearForm
from ..models import CalendarDay, CalendarYear, Duty
from ..permissions import can_change_calendar
from ..transitions.calendar import Move
from ..year_view import months_of, moves_view

FIRST_YEAR, LAST_YEAR = 2004, 2199


@require_GET
@requires()
def calendar(request: StaffRequest) -> HttpResponse:
    """A year, month by month."""
    today = clock.today()
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and FIRST_YEAR <= int(asked) <= LAST_YEAR else today.year
    years = CalendarYear.objects.visible_to(request.post)
    entered = {row.year: row for row in years.select_related("loaded_by__staff", "loaded_by__unit")}
    context = {
        "year": year,
        "row": entered.get(year),
        "months": months_of(year, CalendarDay.objects.visible_to(request.post).of_year(year), today),
        "years": sorted({year - 1, year, year + 1, today.year, today.year + 1} & set(range(FIRST_YEAR, LAST_YEAR + 1))),
        "this_month": today.month if year == today.year else 0,
        "missing": [y for y in (today.year, today.year + 1) if y not in entered],
        "guessed": Duty.objects.falling_back(),
        "changes": calendar_history.latest(),
        "change_url": reverse("deadlines:calendar_change") if can_change_calendar(request.post) else "",
    }
    return render(request, "deadlines/calendar.html", context)


@require_GET
@requires()
def calendar_moves(request: StaffRequest, pk: int) -> HttpResponse:
    """What a change moved, long after it: units and numbers for everybody, the dates of one's own units with their matters."""
    event = calendar_history.changes().filter(pk=pk).first()
    if event is None:
        raise Http404("没有这次日历修改。")
    in_full = calendar_history.is_county(request.posts) or can_change_calendar(request.post)
    page, rows = calendar_history.page_of(event, request.posts, request, in_full=in_full)
    context = {
        "change": calendar_history.change_of(event),
        "units": calendar_history.units_of(event),
        "page": page,
        "rows": rows,
        "is_own_only": not in_full,
    }
    return render(request, "deadlines/calendar_moves.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_change_calendar)
@once
def calendar_change(request: StaffRequest) -> HttpResponse:
    """One day: first what it would move, then the change."""
    asked = request.GET.get("day", "")
    form = CalendarDayForm(request.POST or None, initial=_initial(request, asked))
    return _two_steps(
        request,
        form,
        lambda: transitions.change_day(**form.cleaned_data, by=request.post),
        "deadlines/calendar_change.html",
        lambda: form.cleaned_data["day"].year,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_change_calendar)
@once
def calendar_load(request: StaffRequest) -> HttpResponse:
    """A year's arrangement: first what was read and what it would move, then the change."""
    form = CalendarYearForm(request.POST or None, initial={"year": request.GET.get("year", clock.today().year + 1)})
    return _two_steps(
        request,
        form,
        lambda: transitions.load_year(
            year=form.cleaned_data["year"], days=form.cleaned_data["days"], source=form.cleaned_data["source"], by=request.post
        ),
        "deadlines/calendar_load.html",
        lambda: form.cleaned_data["year"],
    )


def _two_steps(request: StaffRequest, form: Any, verb: Callable[[], list[Move]], template: str, year: Callable[[], int]) -> HttpResponse:
    """Preview (the verb done and taken back), then with `confirm` the verb itself."""
    preview = None
    if request.method == "POST" and form.is_valid():
        is_confirmed = "confirm" in request.POST
        moved = submit(form, verb if is_confirmed else lambda: transitions.rehearse(verb))
        if moved is not None and is_confirmed:
            messages.success(request, f"工作日历已修改，{len(moved)}件在办事项重新推算。")
            return redirect(f"{reverse('deadlines:calendar')}?year={year()}")
        preview = None if moved is None else moves_view(moved)
    context = {"form": form, "preview": preview, "days": sorted(getattr(form, "cleaned_data", {}).get("days", {}).items())}
    return render(request, template, context, status=422 if form.errors else 200)


def _initial(request: StaffRequest, asked: str) -> dict[str, Any]:
    """The day as it stands, turned round: the change one most likely came for."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return {}
    row = CalendarDay.objects.visible_to(request.post).filter(date=day).first()
    return {"day": day, "is_workday": "0" if row and row.is_workday else "1", "name": row.name if row else ""}
