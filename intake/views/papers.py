"""The papers of an application: one tap each, and the list alone comes back to htmx."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..forms.papers import DemandForm, UploadForm
from ..models import Application, Paper
from ..permissions import can_receive
from ..worksheet import Worksheet
from .steps import back_to, page_of, step


@require_POST
@requires(can_receive)
def paper_settle(request: StaffRequest, pk: UUID) -> HttpResponse:
    """已看原件, 后补, or back to 未提交. The same tap twice is the same state: no token is needed, and a fragment may answer."""
    paper = transitions.settle_paper(paper_id=pk, state=request.POST.get("state", ""), by=request.post)
    return _answer(request, paper, f"{paper.name}：{paper.get_state_display()}")


@require_POST
@requires(can_receive)
def paper_upload(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The same file twice is one file: `documents` knows it by its content."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        paper = submit(form, lambda: transitions.upload_paper(paper_id=pk, file=form.cleaned_data["file"], by=request.post))
        if paper is not None:
            return _answer(request, paper, f"已上传：{paper.name}")
    paper = Paper.objects.visible_to(request.post).select_related("application").get_or_404(pk)
    if request.htmx:  # type: ignore[attr-defined]
        return _list(request, paper.application_id, "", failed=paper, form=form, status=422)
    return step(request, form, f"上传：{paper.name}", "上传", back=page_of(paper.application, "papers"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def paper_demand(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Asked for all the same: the reason is required, and the demand is counted (ZX-30)."""
    paper: Paper = Paper.objects.visible_to(request.post).select_related("application").get_or_404(pk)
    form = DemandForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.demand_paper(paper_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, f"已登记要求提交：{paper.name}。")
            return back_to(paper.application, "papers")
    exempt = f"平台已能证明（{paper.exempt_reason}），按规定免提交。"
    lead = exempt if paper.exempt_reason else "这份材料不在免提交之列，群众交来后直接登记，不用写理由。"
    return step(request, form, f"仍要求提交：{paper.name}", "登记要求", lead=lead, back=page_of(paper.application, "papers"))


def _answer(request: StaffRequest, paper: Paper, said: str) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return _list(request, paper.application_id, said)
    messages.success(request, said)
    return back_to(paper.application, "papers")


def _list(
    request: StaffRequest,
    application_id: UUID,
    said: str,
    *,
    failed: Paper | None = None,
    form: UploadForm | None = None,
    status: int = 200,
) -> HttpResponse:
    application: Application = Application.objects.visible_to(request.post).with_page_data().get_or_404(application_id)
    context = {"sheet": Worksheet(application, request.post), "said": said, "failed": failed, "upload": form}
    return render(request, "intake/_papers.html", context, status=status)
