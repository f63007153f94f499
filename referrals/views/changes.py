"""A record of aid: its page, a change or stop opened of it, its review."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.dates import add_months
from config.once import once
from config.submit import submit
from households.models import AssistanceRecord, Membership
from organization.figures import figure
from organization.gates import requires, through_any
from organization.models import Post, Unit
from organization.requests import StaffRequest

from .. import forms, transitions
from ..models import Change, ChangeReport
from ..permissions import has_inbox
from ..recording import RecordPage

RELATED = ("program", "version", "household__region__parent", "resident", "unit")


@require_GET
@requires(has_inbox)
def record_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What was given, what has been changed, what may be done now."""
    return render(request, "referrals/record_detail.html", {"page": _found(request, pk)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def record_change(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Open a change or stop of it. With `report` it comes of what a village reported."""
    page = _found(request, pk)
    post = _actor(page)
    report = _report(request, post)
    form = forms.ChangeForm(
        request.POST or None, kinds=page.kinds, people=page.people,
        most_months=int(figure("gradual_exit_max")), initial=_initial(request, report) | _leaver(page, report),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        if referral := submit(form, lambda: transitions.open_change(record_id=pk, report=report, **form.said(), by=post)):
            messages.success(request, f"已提出“{referral.deed}”，转办单{referral.number}，现由{referral.unit.name}办理。")
            return redirect(referral)
    context = {"form": form, "page": page, "report": report}
    return render(request, "referrals/record_change.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_inbox)
@once
def record_review(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Looked at again: the aid goes on, or a change is opened instead."""
    page = _found(request, pk)
    post = _actor(page)
    form = forms.ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.review(record_id=pk, **form.said(), by=post)):
            messages.success(request, "已登记复核，下一次复核已排入待办。")
            return redirect("referrals:record_detail", pk=pk)
    context = {"form": form, "page": page}
    return render(request, "referrals/record_review.html", context, status=422 if form.errors else 200)


@require_POST
@requires(has_inbox)
@once
def record_stop_after_death(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One click from the duty's page: what C-19 asks of this record is opened as the death says it."""
    page = _found(request, pk)
    post = _actor(page)
    referral = transitions.stop_after_death(record_id=pk, by=post)
    messages.success(request, f"已提出“{referral.deed}”，转办单{referral.number}，现由{referral.unit.name}办理。")
    report = referral.change.report
    is_theirs = report is not None and ChangeReport.objects.visible_to(post).filter(pk=report.pk).exists()
    return redirect(report if report is not None and is_theirs else referral)


def _found(request: StaffRequest, pk: UUID) -> RecordPage:
    """Behind the gate of any of the person's posts, sensitive programs as each may see them."""
    record, post = through_any(request, lambda post: AssistanceRecord.objects.visible_to(post).shown_to(post).select_related(*RELATED), pk)
    return RecordPage(record, post, request.posts)


def _actor(page: RecordPage) -> Post:
    if page.actor is None:
        raise PermissionDenied("变更和停止由家庭所在乡镇（街道）的窗口或社会事务办提出；敏感项目由决定该项目的部门提出。")
    return page.actor


def _report(request: StaffRequest, post: Post) -> ChangeReport | None:
    asked = request.GET.get("report", "")
    return ChangeReport.objects.visible_to(post).get_or_404(asked) if asked else None


REASONS = {"death": "death", "moved": "moved", "work": "work", "birth": "members"}


def _initial(request: StaffRequest, report: ChangeReport | None) -> dict[str, Any]:
    """Next month, 依职权; after a report with its reason and words."""
    initial = {
        "kind": request.GET.get("kind", "stop"),
        "from_month": add_months(clock.today().replace(day=1), 1),
        "origin": Change.Origin.REVIEW if request.GET.get("review") else Change.Origin.OFFICE,
    }
    if (reason := request.GET.get("reason", "")) in Change.Reason.values:  # of a review's line: what it found
        initial["reason_code"] = reason
    if report is not None:
        is_village = report.reported_by.unit.kind == Unit.Kind.VILLAGE_WINDOW
        origin = Change.Origin.VILLAGE if is_village else Change.Origin.OFFICE
        initial |= {"reason_code": REASONS[report.kind], "reason": report.text, "origin": origin}
    return initial


def _leaver(page: RecordPage, report: ChangeReport | None) -> dict[str, Any]:
    """Of a report that somebody has left the household whose aid this is: the aid goes on without them."""
    if report is None or report.resident not in page.covered or Change.Kind.ADJUST not in page.kinds or len(page.covered) < 2:
        return {}
    is_home = Membership.objects.open().filter(household=report.household_id, resident=report.resident).exists()
    return {} if is_home else {"kind": Change.Kind.ADJUST, "leaver": report.resident}
