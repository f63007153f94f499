"""上报: proposed, decided, ended; which stand, and their files."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.dates import add_months
from config.once import once
from config.submit import late, submit
from organization.figures import figure
from organization.gates import requires
from organization.requests import StaffRequest

from .. import asking, permissions, transitions
from ..export_forms import NothingForm, ReportForm
from ..forms import ReasonForm
from ..ledgers import Asked
from ..models import ReportApproval, SuperiorForm
from ..transitions.reporting import is_report_owed, standing_runs

FEW = 5  # of those that run on too long, above the list


def _found(request: StaffRequest, pk: UUID) -> ReportApproval:
    row: ReportApproval = ReportApproval.objects.visible_to(request.post).with_list_data().get_or_404(pk)
    return row


@require_GET
@requires(permissions.sees_reports)
def report_list(request: StaffRequest) -> HttpResponse:
    """Above all: those that run longer than any may be approved today, until somebody ends them or their days come into reach. The
    first few stand there; all of them have a list of their own."""
    most = int(figure("report_months_most"))
    rows = ReportApproval.objects.visible_to(request.post).with_list_data()
    beyond = rows.running_beyond(add_months(clock.today(), most))
    is_beyond = request.GET.get("tab") == "beyond"
    listed = keyset.ordered(beyond if is_beyond else rows, "-proposed_at", is_filled=True)
    first = [] if is_beyond else list(beyond.order_by("-until", "pk")[: FEW + 1])
    context = {
        "page": keyset.page(listed, request, sort="-proposed_at"),
        "can_propose": permissions.can_propose_report(request.post),
        "most": most,
        "is_beyond": is_beyond,
        "beyond": first[:FEW],
        "are_more": len(first) > FEW,
    }
    return render(request, "spreadsheets/report_list.html", context)


@require_GET
@requires(permissions.sees_reports)
def report_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    approval = _found(request, pk)
    is_open = approval.status == "proposed"
    context = {
        "approval": approval,
        "columns": [name.partition(":")[2] for name in approval.columns],
        "runs": standing_runs(approval, request.post),
        "can_decide": is_open and permissions.can_decide_report(request.post, approval),
        "can_make_again": permissions.can_make_report_again(request.post, approval) and is_report_owed(approval),
        "can_end": approval.status in {"proposed", "approved"} and permissions.can_end_report(request.post, approval),
    }
    return render(request, "spreadsheets/report_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_propose_report)
@once
def report_propose(request: StaffRequest, key: str) -> HttpResponse:
    """The ledger's own form says what is taken; a month is set anew each time."""
    ledger = asking.ledger_for(key, request.post)
    data = request.POST if request.method == "POST" else None
    given = asking.plain(data or request.GET) or asking.defaults(ledger, request.post)
    narrowing = ledger.form({**asking.defaults(ledger, request.post), **given}, request.post)
    for name in ("month", *ledger.personal):
        narrowing.fields.pop(name, None)
    asked = Asked(request.post, asking.defaults(ledger, request.post))
    fitting = SuperiorForm.objects.visible_to(request.post).filled().filter(ledger=key)
    form = ReportForm(data, ledger=ledger, parts=ledger.parts(asked), forms=fitting)
    if data is not None and form.is_valid() and narrowing.is_valid():
        narrowed = asking.of_form(narrowing, data)
        approval = submit(form, lambda: transitions.propose_report(ledger=key, given=narrowed, by=request.post, **form.said()))
        if approval:
            messages.success(request, "已提出，等待县级平台审批。")
            return redirect(approval)
    context = {"form": form, "narrowing": narrowing, "ledger": ledger}
    status = 422 if data is not None and (form.errors or narrowing.errors) else 200
    return render(request, "spreadsheets/report_propose.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.sees_reports)
@once
def report_approve(request: StaffRequest, pk: UUID) -> HttpResponse:
    approval = _allowed(request, pk, permissions.can_decide_report)
    form = NothingForm(request.POST if request.method == "POST" else None)
    return _step(request, approval, form, "批准上报", "已批准。", lambda: transitions.approve_report(approval_id=pk, by=request.post))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.sees_reports)
@once
def report_refuse(request: StaffRequest, pk: UUID) -> HttpResponse:
    approval = _allowed(request, pk, permissions.can_decide_report)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    verb = lambda: transitions.refuse_report(approval_id=pk, reason=form.cleaned_data["reason"], by=request.post)  # noqa: E731
    return _step(request, approval, form, "不批准上报", "已退回提出人。", verb)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.sees_reports)
@once
def report_end(request: StaffRequest, pk: UUID) -> HttpResponse:
    approval = _allowed(request, pk, permissions.can_end_report)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    verb = lambda: transitions.end_report(approval_id=pk, reason=form.cleaned_data["reason"], by=request.post)  # noqa: E731
    return _step(request, approval, form, "终止上报", "已终止，不再生成。", verb)


@require_POST
@requires(permissions.sees_reports)
@once
def report_again(request: StaffRequest, pk: UUID) -> HttpResponse:
    approval = _allowed(request, pk, permissions.can_make_report_again)
    made = transitions.make_report_again(approval_id=pk, by=request.post)
    messages.success(request, f"已重新发起{made}份，几分钟内生成，稍后刷新看结果。")
    return redirect(approval)


def _allowed(request: StaffRequest, pk: UUID, allowed: Callable[..., bool]) -> ReportApproval:
    approval = _found(request, pk)
    if not allowed(request.post, approval):
        raise PermissionDenied("您的岗位不能做这一步。")
    return approval


def _step(
    request: StaffRequest, approval: ReportApproval, form: django_forms.Form, title: str, done: str, verb: Callable[[], Any]
) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and submit(form, verb):
        messages.success(request, done)
        return redirect(approval)
    if told := late(request, form, approval):
        return told
    context = {"form": form, "approval": approval, "title": title}
    return render(request, "spreadsheets/report_step.html", context, status=422 if form.errors else 200)
