"""The case page, and the verbs on a whole application that stand in this room (DESIGN 1): sent out, withdrawn, terminated."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.once import once
from config.submit import late, submit
from intake.forms.notices import NoticeForm
from intake.models import Application, ApplicationItem
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import forms, transitions
from ..models import WaitingItem
from ..permissions import can_dispatch, can_hand_out, can_open_cases, can_terminate_application, can_withdraw_application
from ..steps import Can, acting
from ..story import Story

RELATED = ("applicant", "household__region__parent", "unit", "first_responder__staff", "accepted_by__staff", "accepted_by__unit",
           "assessment__assessed_by__staff", "assessment__assessed_by__unit")  # fmt: skip


@require_GET
@requires(can_open_cases)
def case_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One page that tells the application from the first word to the last answer."""
    application, post = _found(request, pk)
    status, before = application.Status, request.GET.get("before", "")
    is_running = application.status in {status.ACCEPTED, status.IN_PROGRESS}
    story = Story(application, post, int(before[:18]) if before.isdecimal() else None)
    context = {
        "application": application,
        "story": story,
        "is_draft": application.status in {status.DRAFT, status.SUBMITTED, status.SUPPLEMENT},
        "can_dispatch": story.can_be_sent and acting(request.posts, application, can_dispatch),
        "can_hand_out": is_running and acting(request.posts, application, can_hand_out),
        "can_gather": is_running and story.waits_for_a_notice and acting(request.posts, application, can_hand_out),
        "can_withdraw": is_running and acting(request.posts, application, can_withdraw_application),
        "can_terminate": is_running and acting(request.posts, application, can_terminate_application),
    }
    return render(request, "referrals/case_detail.html", context)


@require_POST
@requires(can_open_cases)
@once
def application_dispatch(request: StaffRequest, pk: UUID) -> HttpResponse:
    application, _ = _found(request, pk)
    sent = transitions.dispatch(application_id=pk, by=_actor(request, application, can_dispatch))
    if sent:
        messages.success(request, f"已转给承办单位{len(sent)}件：{'、'.join(f'{row.program}（{row.unit.short_name}）' for row in sent)}。")
    for row in WaitingItem.objects.visible_to(request.post).open().filter(item__application=application).select_related("item__program"):
        messages.info(request, f"“{row.item.program}”{row.get_cause_display()}，{row.until}。")
    return redirect(application)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_open_cases)
@once
def supplement_gather(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Everything that units have sent back for, in one notice to the applicant (TZ-14)."""
    application, _ = _found(request, pk)
    post = _actor(request, application, can_hand_out)
    form = NoticeForm(request.POST if request.method == "POST" else None, application=application, by=post)
    if request.method == "POST" and form.is_valid():
        if notice := submit(form, lambda: transitions.gather_supplement(application_id=pk, **form.second(), by=post)):
            messages.success(request, f"已出具一次性告知书 {notice.number}，请打印交给申请人，{notice.due_on}前补正。")
            return redirect("intake:application_accept", pk=pk)
    context = {"form": form, "application": application, "lacks": transitions.lacks_of(application)}
    return render(request, "referrals/supplement_gather.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_open_cases)
@once
def application_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The applicant withdraws what is not decided, in the applicant's words."""
    return _end(request, pk, "withdraw_application", can_withdraw_application, forms.WithdrawForm, "撤回申请")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_open_cases)
@once
def application_terminate(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _end(request, pk, "terminate_application", can_terminate_application, forms.TerminateForm, "终止申请")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_open_cases)
@once
def item_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The applicant gives up an item that waits for its program to open."""
    item: ApplicationItem = ApplicationItem.objects.visible_to(request.post).with_program().get_or_404(pk)
    application, _ = _found(request, item.application_id)
    post = _actor(request, application, can_withdraw_application)
    form = forms.WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if ended := submit(form, lambda: transitions.withdraw_item(item_id=pk, **form.said(), by=post)):
            messages.success(request, f"已撤回：{item.program}。")
            return redirect(ended)
    if told := late(request, form, application):
        return told
    context = {"form": form, "application": application, "label": f"撤回“{item.program}”"}
    return render(request, "referrals/application_end.html", context, status=422 if form.errors else 200)


def _end(request: StaffRequest, pk: UUID, verb: str, can: Can, form_class: type[forms.SeenForm], label: str) -> HttpResponse:
    application, _ = _found(request, pk)
    post = _actor(request, application, can)
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if ended := submit(form, lambda: getattr(transitions, verb)(application_id=pk, **form.said(), by=post)):
            messages.success(request, f"已登记，申请现为“{ended.get_status_display()}”。")
            return redirect(ended)
    if told := late(request, form, application):
        return told
    context = {"form": form, "application": application, "label": label}
    return render(request, "referrals/application_end.html", context, status=422 if form.errors else 200)


def _found(request: StaffRequest, pk: UUID) -> tuple[Application, Post]:
    """The application and the post of the person that sees it, the acting one first."""
    return through_any(request, lambda post: Application.objects.visible_to(post).select_related(*RELATED), pk)


def _actor(request: StaffRequest, application: Application, can: Can) -> Post:
    post = acting(request.posts, application, can)
    if post is None:
        raise PermissionDenied("您的岗位不能做这一步。")
    return post
