"""A row of a file: put right in place, or taken out."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import permissions, transitions
from ..forms import RowForm
from ..models import StagedRow
from ..preview import Words
from .batches import found


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.handles_files)
@once
def row_mend(request: StaffRequest, pk: UUID, row: int) -> HttpResponse:
    batch, post = found(request, pk)
    if not permissions.can_mend(post, batch):
        raise PermissionDenied("您的岗位不能更正这个文件。")
    line: StagedRow = StagedRow.objects.visible_to(post).filter(batch=batch, number__gt=0).get_or_404(row)
    template = batch.declared
    if template is None:
        raise Http404("本平台已没有这个模板。")
    words = Words.over(template, [line])
    form = RowForm(request.POST if request.method == "POST" else None, template=template, row=line, words=words)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.mend_row(batch_id=pk, row_id=row, values=form.said(), by=post)):
            line.refresh_from_db(fields=["outcome"])
            if line.outcome == StagedRow.Outcome.ERROR:
                messages.warning(request, f"{line}已保存，还有问题没有改好，请看这一行的“问题”。")
            else:
                messages.success(request, f"{line}已更正，并重新比对。")
            return redirect(batch)
    whole = "这是整份名单，删除后此人按已不在名单上处理。" if template.is_whole else ""
    context = {"form": form, "batch": batch, "line": words.line(line), "question": f"从文件中删除这一行？{whole}"}
    return render(request, "spreadsheets/row_mend.html", context, status=422 if form.errors else 200)


@require_POST
@requires(permissions.handles_files)
@once
def row_take_out(request: StaffRequest, pk: UUID, row: int) -> HttpResponse:
    batch, post = found(request, pk)
    transitions.take_out_row(batch_id=pk, row_id=row, by=post)
    messages.success(request, "已删除这一行，并重新比对。")
    return redirect(batch)
