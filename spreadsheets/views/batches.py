"""Files on their way in: the list, one with what it would change, and its wrong rows as a file."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from config import clock, keyset
from config.polling import poll
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import errors, permissions, transitions
from ..downloads import XLSX
from ..models import Batch, StagedRow
from ..preview import BatchPage, Words

TABS = {"open": "办理中", "applied": "已入库", "all": "全部"}


def found(request: StaffRequest, pk: UUID) -> tuple[Batch, Post]:
    return through_any(request, lambda post: Batch.objects.visible_to(post).with_page_data(), pk)


@require_GET
@requires(permissions.handles_files)
def batch_list(request: StaffRequest) -> HttpResponse:
    """Newest first: what is on its way, what was entered."""
    asked = request.GET.get("tab", "open")
    tab = asked if asked in TABS else "open"
    rows = Batch.objects.visible_to(request.post).of_tab(tab)
    page = keyset.page(keyset.ordered(rows.with_list_data(), "-handed_in_at", is_filled=True), request, sort="-handed_in_at")
    tabs = [{"label": label, "url": f"?tab={name}", "is_current": name == tab, "count": None} for name, label in TABS.items()]
    kept = {batch.pk for batch in page.rows if BatchPage(batch, request.post).keeps_numbers}
    return render(request, "spreadsheets/batch_list.html", {"page": page, "tabs": tabs, "kept": kept})


@require_GET
@requires(permissions.handles_files)
def batch_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What a file would change, what is wrong in it, and what may be done now."""
    batch, post = found(request, pk)
    page = BatchPage(batch, post)
    context: dict[str, Any] = {"batch": batch, "page": page}
    if page.shows_rows and page.template is not None:
        tab = page.tab(request.GET.get("tab", ""))
        rows = StagedRow.objects.visible_to(post).filter(batch=batch, outcome=tab)
        listed = keyset.page(keyset.ordered(rows, "number", is_filled=True), request, sort="number")
        words = Words.over(page.template, listed.rows)
        context |= {"tab": tab, "tabs": page.tabs(tab), "listed": listed, "lines": [words.line(row) for row in listed.rows]}
    return render(request, "spreadsheets/batch_detail.html", context)


@require_GET
@requires(permissions.handles_files)
@poll
def batch_progress(request: StaffRequest, pk: UUID) -> HttpResponse:
    """How far the work is, asked for by the page; once it has ended the page is called anew."""
    batch, post = found(request, pk)
    page = BatchPage(batch, post)
    response = render(request, "spreadsheets/_progress.html", {"batch": batch, "page": page})
    if not page.is_waiting:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@requires(permissions.handles_files)
def batch_errors(request: StaffRequest, pk: UUID) -> StreamingHttpResponse:
    """The wrong rows in the template's own form, the reason in the last column: mended, it is handed in as it is."""
    batch, post = found(request, pk)
    page = BatchPage(batch, post)
    if not page.may_take_errors or page.template is None:
        raise Http404("没有可以下载的错误行。")
    transitions.hand_out_errors(batch_id=batch.pk, by=post)
    name = f"{batch.title} 错误行 {clock.today():%Y-%m-%d}.xlsx"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment"}
    return StreamingHttpResponse(errors.workbook_of(batch, page.template, post), content_type=XLSX, headers=headers)
