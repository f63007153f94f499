"""协助入户: asked on one page, answered or declined on another by the township that was asked."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.once import once
from config.submit import late, submit
from households.permissions import can_search
from organization.gates import requires
from organization.requests import StaffRequest

from . import transitions
from .forms import AnswerVisitForm, AskVisitForm, DeclineVisitForm
from .models import Verification, VisitRequest
from .permissions import can_answer_visit, can_look, can_see_visits, can_withdraw_visit, can_work_on
from .reading import heads_of

DONE = {"answer": "已答复，情况已写入核查。", "decline": "已答复不能协助，并告知对方。", "withdraw": "已撤回。"}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_look)
@once
def visit_ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Which township is asked, and what for."""
    verification = Verification.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    if not can_work_on(request.post, verification):
        raise PermissionDenied("协助入户由受理的乡镇（街道）经办人员提出。")
    form = AskVisitForm(request.POST or None, verification=verification)
    if request.method == "POST" and form.is_valid():
        asked = submit(form, lambda: transitions.ask_visit(verification_id=pk, **form.cleaned_data, by=request.post))
        if asked is not None:
            messages.success(request, f"已请{asked.unit.name}协助入户。")
            return redirect(asked)
    context = {"form": form, "verification": verification}
    return render(request, "verification/visit_ask.html", context, status=422 if form.errors else 200)


@require_GET
@requires(can_see_visits)
def visit_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is asked, of which family, until when, and the answer."""
    return _detail(request, pk)


@require_POST
@requires(can_see_visits)
@once
def visit_answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """答复, 不能协助, 撤回: the button says which."""
    step = request.POST.get("step", "")
    row = VisitRequest.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    if step == "withdraw":
        transitions.withdraw_visit(request_id=pk, by=request.post)
    else:
        form: Any = DeclineVisitForm(request.POST) if step == "decline" else AnswerVisitForm(request.POST, request=row)
        if not form.is_valid() or submit(form, lambda: _answered(step, form, pk, request)) is None:
            return late(request, form, row) or _detail(request, pk, **{"decline" if step == "decline" else "answer": form})
    messages.success(request, DONE.get(step, DONE["answer"]))
    return redirect(row)


def _answered(step: str, form: Any, pk: UUID, request: StaffRequest) -> VisitRequest:
    if step == "decline":
        return transitions.decline_visit(request_id=pk, **form.cleaned_data, by=request.post)
    return transitions.answer_visit(request_id=pk, **form.said(), by=request.post)


def _detail(request: StaffRequest, pk: UUID, *, answer: Any = None, decline: Any = None) -> HttpResponse:
    row = VisitRequest.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    household = row.verification.household
    may_answer = row.is_open and can_answer_visit(request.post, row)
    context = {
        "visit": row,
        "head": heads_of([household.pk]).get(household.pk, "无成员"),
        "household_url": household.get_absolute_url() if can_search(request.post) else "",
        "verification_url": row.verification.get_absolute_url() if request.post.unit.region_id != row.township_code else "",
        "answer": (answer or AnswerVisitForm(request=row)) if may_answer else None,
        "decline": (decline or DeclineVisitForm()) if may_answer else None,
        "may_withdraw": row.is_open and can_withdraw_visit(request.post, row),
    }
    return render(request, "verification/visit_detail.html", context, status=422 if answer or decline else 200)
