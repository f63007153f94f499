"""书面提醒: the list by what became of them, new ones, one with its reasons, and the yearly count."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock, keyset
from config.once import once
from config.submit import late, submit
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import chosen as choosing
from .. import permissions, standing, transitions
from ..forms.written_reminders import AnswerForm, ReasonForm, ReminderForm
from ..models import ReminderReason, WrittenReminder
from ..reminder_page import ReminderPage, lines

SORT = "-issued_at"
YEARS = 20  # back and on, that a count can be asked for
State = WrittenReminder.State


@require_GET
@requires(permissions.has_reminders)
def reminder_list(request: StaffRequest) -> HttpResponse:
    """By what became of them, as it is read now."""
    now = clock.now()
    rows = WrittenReminder.objects.visible_to(request.post)
    counts = keyset.tallies({state: rows.of_state(state, now) for state in State.values})
    asked = request.GET.get("tab", "")
    tab = asked if asked in State.values else next((state for state in ("standing", "counted") if counts[state] != "0"), "standing")
    page = keyset.page(keyset.ordered(rows.of_state(tab, now).with_list_data(), SORT, is_filled=True), request, sort=SORT)
    tabs = [
        {"label": State(state).label, "url": f"?{urlencode({'tab': state})}", "is_current": state == tab, "count": counts[state]}
        for state in State.values
    ]
    watches = permissions.sees_late_matters(request.post)
    context = {"page": page, "lines": lines(page.rows), "tabs": tabs, "watches": watches, "year": clock.today().year}
    return render(request, "monitoring/reminder_list.html", context)


@require_GET
@requires(permissions.sees_late_matters)
def reminder_year(request: StaffRequest, year: int) -> HttpResponse:
    """The yearly count of every unit (QJ-23): numbers, also for supervision."""
    now, this_year = clock.now(), clock.today().year
    if abs(year - this_year) > YEARS:
        raise Http404("没有这一年的计数。")
    rows = standing.year_of_reminders(year, now)
    context = {"rows": rows, "year": year, "counted": sum(row["assessed"] for row in rows), "years": [this_year, this_year - 1]}
    return render(request, "monitoring/reminder_year.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_issue_reminder)
@once
def reminder_new(request: StaffRequest) -> HttpResponse:
    """`?duty=`: about late matters ticked on their list."""
    matters = choosing.late_matters(request)
    form = ReminderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keys = [matter.key for matter in matters]
        issued = submit(form, lambda: transitions.issue_reminders(duty_ids=keys, **form.cleaned_data, by=request.post))
        if issued:
            messages.success(request, f"已发出{len(issued)}份书面提醒。")
            return redirect(issued[0] if len(issued) == 1 else "monitoring:reminder_list")
    return render(request, "monitoring/reminder_new.html", {"form": form, "matters": matters}, status=422 if form.errors else 200)


def _found(request: StaffRequest, pk: UUID) -> tuple[Any, Post]:
    return through_any(request, lambda post: WrittenReminder.objects.visible_to(post).with_state(clock.now()).with_page_data(), pk)


@require_GET
@requires(permissions.has_reminders)
def reminder_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    reminder, post = _found(request, pk)
    return render(request, "monitoring/reminder_detail.html", {"reminder": reminder, "page": ReminderPage(reminder, post)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.has_reminders)
@once
def reminder_reason(request: StaffRequest, pk: UUID) -> HttpResponse:
    """正当理由, by the unit's head."""
    reminder, post = _found(request, pk)
    if not permissions.can_give_reason(post, reminder):
        raise PermissionDenied("由被提醒单位的负责人说明理由。")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.give_reason(reminder_id=pk, **form.cleaned_data, by=post)):
            messages.success(request, "已提交，等待县级平台认定。")
            return redirect(reminder)
    if told := late(request, form, reminder):
        return told
    return render(request, "monitoring/reminder_reason.html", {"form": form, "reminder": reminder}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.has_reminders)
@once
def reminder_answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Accepted or refused, by the button pressed."""
    reminder, post = _found(request, pk)
    if not permissions.can_answer_reason(post, reminder):
        raise PermissionDenied("由县级平台审批岗认定理由。")
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_accepted = request.POST.get("answer") == ReminderReason.Answer.ACCEPTED
        verb = transitions.accept_reason if is_accepted else transitions.refuse_reason
        if submit(form, lambda: verb(reminder_id=pk, note=form.cleaned_data["note"], by=post)):
            messages.success(request, "已认定为正当理由，不计入考核。" if is_accepted else "已记为不予认定。")
            return redirect(reminder)
    if told := late(request, form, reminder):
        return told
    context = {"form": form, "reminder": reminder, "page": ReminderPage(reminder, post)}
    return render(request, "monitoring/reminder_answer.html", context, status=422 if form.errors else 200)
