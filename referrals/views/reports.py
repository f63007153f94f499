"""Change reports: told by a village on a phone, confirmed or answered by the township, seen to the end by both."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.once import once
from config.submit import late, submit
from households.models import Household, Resident
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import forms, transitions
from ..models import ChangeReport
from ..permissions import can_answer_report, can_report_change, reads_reports
from ..reported import ReportPage
from ..steps import acting

SHOWN = 100


@require_GET
@requires(reads_reports)
def report_list(request: StaffRequest) -> HttpResponse:
    """What waits first, then the newest answered ones."""
    rows: Any = ChangeReport.objects.visible_to(request.post).with_list_data()
    waiting = rows.open().order_by("reported_at")[:SHOWN]
    answered = rows.exclude(status=ChangeReport.Status.REPORTED).order_by("-reported_at")[:SHOWN]
    context = {"waiting": waiting, "answered": answered, "is_village": request.post.role == "V"}
    return render(request, "referrals/report_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(reads_reports)
@once
def report_open(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One short form, from the household's page."""
    household, _ = through_any(request, lambda post: Household.objects.visible_to(post).select_related("region__parent"), pk)
    post = acting(request.posts, household, can_report_change)
    if post is None:
        raise PermissionDenied("变化由家庭所在村（社区）或乡镇（街道）窗口报告。")
    members = Resident.objects.visible_to(post).filter(memberships__household=household, memberships__until=None)
    members = members.order_by("memberships__relation", "pk")
    form = forms.ReportForm(request.POST or None, people=members, kinds=ChangeReport.Kind.choices, initial={"happened_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        if report := submit(form, lambda: transitions.report_change(household_id=pk, **form.said(), by=post)):
            messages.success(request, "已报告，乡镇（街道）窗口核实后会在这里答复。")
            return redirect(report)
    context = {"form": form, "household": household}
    return render(request, "referrals/report_open.html", context, status=422 if form.errors else 200)


@require_GET
@requires(reads_reports)
def report_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    report, post = _found(request, pk)
    return render(request, "referrals/report_detail.html", {"report": report, "page": ReportPage(report, post)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(reads_reports)
@once
def report_confirm(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _answer(request, pk, forms.ConfirmReportForm, transitions.confirm_report, "核实属实")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(reads_reports)
@once
def report_decline(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _answer(request, pk, forms.DeclineReportForm, transitions.decline_report, "核实后不变更")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(reads_reports)
@once
def report_close(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _answer(request, pk, forms.CloseReportForm, transitions.close_report, "办结，不用（再）变更")


def _answer(request: StaffRequest, pk: UUID, form_class: type[forms.SeenForm], verb: Callable[..., Any], label: str) -> HttpResponse:
    report, _ = _found(request, pk)
    post = acting(request.posts, report, can_answer_report)
    if post is None:
        raise PermissionDenied("变化报告由家庭所在乡镇（街道）的窗口或社会事务办核实。")
    form = form_class(request.POST or None, initial={"happened_on": report.happened_on})
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: verb(report_id=pk, **form.said(), by=post)):
            messages.success(request, f"已登记“{label}”，已告诉报告人。")
            return redirect("referrals:report_detail", pk=pk)
    if told := late(request, form, report):
        return told
    context = {"form": form, "report": report, "page": ReportPage(report, post), "label": label}
    return render(request, "referrals/report_answer.html", context, status=422 if form.errors else 200)


def _found(request: StaffRequest, pk: UUID) -> tuple[ChangeReport, Post]:
    related = ("household__region__parent", "resident", "unit", "reported_by__staff", "reported_by__unit", "answered_by__staff",
               "answered_by__unit")  # fmt: skip
    return through_any(request, lambda post: ChangeReport.objects.visible_to(post).select_related(*related), pk)
