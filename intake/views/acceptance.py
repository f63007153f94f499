"""The window's answer to an application that was handed in: accepted, not accepted; and the card with everything on it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from config.once import once
from config.submit import late, submit
from config.verbs import AlreadyHandled, TransitionError
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..acceptance_page import AcceptancePage
from ..forms.acceptance import NotAcceptedForm
from ..models import Application
from ..permissions import can_read_applications, can_receive
from ..showing import case_instead
from .steps import progress_url, step


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_read_applications)
@once
def application_accept(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The application in one view with what can be done now. 受理 opens the verification, starts the promise, issues the receipt."""
    application: Application = Application.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    if request.method == "POST":
        try:
            accepted = transitions.accept(application_id=pk, by=request.post)
        except AlreadyHandled:
            raise
        except TransitionError as refused:
            if not transitions.relist_papers(application_id=pk, by=request.post):
                raise
            # What proved a paper has run out: the new list stands although it is refused, so that the paper can be taken in or asked for.
            messages.error(request, str(refused))
            return redirect("intake:application_accept", pk=pk)
        messages.success(request, f"已受理 {accepted.number}，受理通知书已出具，请打印交给申请人。接着把各项转给承办单位。")
        return redirect("intake:application_accept", pk=pk)
    if case := case_instead(application, request.post):
        return case
    return render(
        request, "intake/application_accept.html", {"application": application, "page": AcceptancePage(application, request.post)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def application_refuse(request: StaffRequest, pk: UUID) -> HttpResponse:
    """不予受理: one of two causes, the reason in words, where to turn."""
    application: Application = Application.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    form = NotAcceptedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.refuse_acceptance(application_id=pk, **form.cleaned_data, by=request.post)):
            messages.success(request, f"申请 {application.number} 不予受理，告知书已出具，请打印交给申请人。")
            return redirect("intake:application_accept", pk=pk)
    if told := late(request, form, reverse("intake:application_accept", args=[pk])):
        return told
    lead = "只限下面两种情形。申请人条件够不够，由审批单位决定，不能以不符合条件为由不予受理。"
    return step(
        request, form, f"不予受理 {application.number}（{application.applicant.name}）", "不予受理", lead=lead,
        back=reverse("intake:application_accept", args=[pk]),
    )  # fmt: skip


@require_POST
@requires(can_receive)
@once
def guide_card(request: StaffRequest, pk: UUID) -> HttpResponse:
    """出明白卡: a paper of its own each time, to print from the page."""
    paper = transitions.hand_out_application_card(application_id=pk, progress_url=progress_url(request), by=request.post)
    messages.success(request, f"已出明白卡 {paper.number}，请打印交给申请人。")
    return redirect("intake:application_accept", pk=pk)
