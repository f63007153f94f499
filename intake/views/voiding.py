"""作废: a file that does not belong to the application, a paper of the window that says what is wrong."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from config.once import once
from config.submit import late, submit
from documents.gates import fetch
from documents.models import Attachment, IssuedDocument
from documents.papers import GuideCard
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..forms.voiding import VoidCardForm, VoidForm
from ..models import Paper
from ..permissions import can_receive, can_work_on
from ..transitions.voiding import OWN, VISIT
from .steps import page_of, step

PAPER = Paper._meta.label_lower


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def file_void(request: StaffRequest, pk: UUID) -> HttpResponse:
    file = fetch(Attachment, pk, request.post)
    rows = Paper.objects.visible_to(request.post).select_related("application")
    paper: Paper | None = rows.filter(pk=file.subject_id).first() if file.subject_label == PAPER else None
    if paper is None or not can_work_on(request.post, paper.application):
        raise PermissionDenied("这个附件不是您窗口的申请材料，不能作废。")
    is_open = paper.application.is_open
    back = page_of(paper.application, "papers") if is_open else paper.application.get_absolute_url()
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if voided := submit(form, lambda: transitions.void_file(attachment_id=pk, reason=reason, by=request.post)):
            is_owed = is_open and not voided.is_settled
            next_step = f"“{voided.name}”现为未提交，请补传正确的材料，或登记已看原件。" if is_owed else ""
            messages.success(request, f"已作废：{file.name}。{next_step}")
            return HttpResponseRedirect(back)
    if told := late(request, form, back):
        return told
    lead = "作废后不再给承办单位查看，但不会删除，原因和经手人留在记录里。" + ("正确的材料作废后再传。" if is_open else "")
    return step(request, form, f"作废附件：{file.name}（{paper.name}）", "作废", back=back, lead=lead, tone="danger")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def issued_void(request: StaffRequest, pk: UUID) -> HttpResponse:
    paper = fetch(IssuedDocument, pk, request.post)
    if paper.subject_label not in OWN:
        raise PermissionDenied("这份文书不是窗口出具的，不能在这里作废。")
    is_of_visit = paper.subject_label == VISIT
    back = reverse("intake:visit_detail", args=[paper.subject_id]) if is_of_visit else _page_of_application(paper)
    form = (VoidCardForm if paper.kind == GuideCard.kind else VoidForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: _voided(request, paper, form)):
            return HttpResponseRedirect(back)
    if told := late(request, form, back):
        return told
    lead = f"文号{paper.number}作废后不再使用，原件请收回。仍需要的通知书按现在登记的内容重新出具，用新的文号。"
    return step(request, form, f"作废{paper.title}", "作废", back=back, lead=lead, tone="danger")


def _page_of_application(paper: IssuedDocument) -> str:
    return reverse("intake:application_accept", args=[paper.application_id])


def _voided(request: StaffRequest, paper: IssuedDocument, form: VoidForm) -> bool:
    new = transitions.void_issued(paper_id=paper.pk, **form.cleaned_data, by=request.post)
    told = f"已重新出具{new.title} {new.number}，请打印交给申请人，并收回作废的一份。" if new else "请收回已经交给申请人的一份。"
    messages.success(request, f"已作废：{paper}。{told}")
    return True
