"""The steps of a file: entered, confirmed, sent back, dropped, taken back, mapped, asked for again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from config.once import once
from config.submit import late, submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import permissions, transitions
from ..forms import ConfirmForm, MappingForm, ReasonForm
from ..models import Batch
from ..preview import BatchPage
from ..transitions.comparing import is_jump
from .batches import found

MAP = "文件的每一列是模板的哪一列，选定后记住，本单位以后的文件照此识别。选错了的，读取以后还可以在比对页面“重新对应列”。"
BY_WORDS = "标“按表头识别的”与模板的列名相同，含义不同的在这里改。"
READ_ANEW = (
    f"标“记住的”是按本单位以前的选择识别的，{BY_WORDS}改好后重新读取这个文件，以后的文件也照新的识别；"
    "在页面上更正、删除过的行要重新更正、删除。"
)
HANDED_IN_ANEW = (
    f"{BY_WORDS}原文件读完即不再保存：保存后记住新的选择，这个文件停止办理，请重新上传它，平台按新的选择读取。认对了的，点“返回”。"
)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.handles_files)
@once
def batch_confirm(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask for the entry, or confirm it as the second person."""
    batch, post = found(request, pk)
    page = BatchPage(batch, post)
    may_ask = permissions.can_mend(post, batch)
    _refuse(may_ask or (batch.needs_second and permissions.can_confirm(post, batch)))
    step = ConfirmForm.CONFIRM if page.may_confirm or not may_ask else ConfirmForm.PROPOSE
    confirms = (request.POST.get("step") or step) == ConfirmForm.CONFIRM
    must_say = is_jump(batch) and not confirms
    form = ConfirmForm(request.POST if request.method == "POST" else None, step=step, must_say=must_say, reason=batch.jump_reason)

    def verb() -> Batch:
        if confirms:
            return transitions.confirm(batch_id=pk, by=post)
        return transitions.propose(batch_id=pk, jump_reason=form.said(), by=post)

    is_last = confirms or not batch.needs_second or batch.status not in {Batch.Status.READY, Batch.Status.PROPOSED}
    title, done = ("确认入库", "已确认，正在入库。") if is_last else ("提交第二人确认", "已提交，等待第二人确认。")
    if request.method != "POST" and page.obstacle:
        return redirect(batch)  # its page says what is in the way
    is_open = page.may_confirm or page.may_mend
    return _step(request, batch, form, title, done, verb, page=page, is_open=is_open)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.handles_files)
@once
def batch_send_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    batch, post = found(request, pk)
    _refuse(permissions.can_mend(post, batch) or permissions.can_confirm(post, batch))
    is_open = BatchPage(batch, post).may_send_back
    return _with_reason(
        request, batch, "退回文件", "已退回。", lambda reason: transitions.send_back(batch_id=pk, reason=reason, by=post), is_open
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.handles_files)
@once
def batch_drop(request: StaffRequest, pk: UUID) -> HttpResponse:
    batch, post = found(request, pk)
    _refuse(permissions.can_mend(post, batch))
    is_open = BatchPage(batch, post).may_drop
    return _with_reason(
        request, batch, "作废文件", "已作废。", lambda reason: transitions.drop(batch_id=pk, reason=reason, by=post), is_open
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.handles_files)
@once
def batch_undo(request: StaffRequest, pk: UUID) -> HttpResponse:
    batch, post = found(request, pk)
    _refuse(permissions.can_undo(post, batch))
    is_open = BatchPage(batch, post).may_undo
    return _with_reason(
        request, batch, "撤销入库", "正在撤销。", lambda reason: transitions.ask_undo(batch_id=pk, reason=reason, by=post), is_open
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.handles_files)
@once
def batch_mapping(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Which heading of the file stands for which column, remembered for the unit's next file; and what was remembered wrongly."""
    batch, post = found(request, pk)
    _refuse(permissions.can_mend(post, batch))
    page = BatchPage(batch, post)
    if not page.may_map or page.template is None:
        raise Http404("这个文件不用对应列。")
    is_read = batch.status == Batch.Status.READY
    form = MappingForm(request.POST if request.method == "POST" else None, batch=batch, template=page.template)
    verb = lambda: transitions.set_mapping(batch_id=pk, headings=form.said(), by=post)  # noqa: E731
    title, done, lead = "对应列", "已记住，正在重新读取。", MAP
    if is_read:
        title, lead = "重新对应列", READ_ANEW
    if not page.keeps_file:
        done, lead = "已记住。请重新上传这个文件。", HANDED_IN_ANEW
    return _step(request, batch, form, title, done, verb, lead=lead)


@require_POST
@requires(permissions.handles_files)
@once
def batch_resume(request: StaffRequest, pk: UUID) -> HttpResponse:
    batch, post = found(request, pk)
    transitions.resume(batch_id=pk, by=post)
    messages.success(request, "已重新发起。")
    return redirect(batch)


def _with_reason(
    request: StaffRequest, batch: Batch, title: str, done: str, verb: Callable[[str], Any], is_open: bool,  # noqa: FBT001
) -> HttpResponse:  # fmt: skip
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return _step(request, batch, form, title, done, lambda: verb(form.cleaned_data["reason"]), is_open=is_open)


def _step(
    request: StaffRequest, batch: Batch, form: django_forms.Form, title: str, done: str, verb: Callable[[], Any],
    *, page: BatchPage | None = None, is_open: bool = True, lead: str = "",
) -> HttpResponse:  # fmt: skip
    """`is_open`: a page come back to after the step was taken leads to the file; what is sent all the same, the verb answers. Whoever comes
    second is told so on the file: nothing of his form is wrong."""
    if request.method != "POST" and not is_open:
        messages.info(request, f"文件现在是“{batch.get_status_display()}”，不用再做“{title}”。")
        return redirect(batch)
    if request.method == "POST" and form.is_valid() and submit(form, verb):
        messages.success(request, done)
        return redirect(batch)
    if told := late(request, form, batch):
        return told
    context = {"form": form, "batch": batch, "title": title, "page": page, "lead": lead}
    return render(request, "spreadsheets/batch_step.html", context, status=422 if form.errors else 200)


def _refuse(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied("您的岗位不能做这一步。")
