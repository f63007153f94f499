"""我的导出: files that were asked for or run each month, how far they are, and fetching them."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from config import keyset
from config.polling import poll
from config.protection.keys import SealBroken
from config.verbs import TransitionError
from deadlines.permissions import can_cancel_job
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import permissions, step_up, storage, transitions
from ..downloads import XLSX
from ..models import Export
from ..transitions.exporting import GONE, asks_reason


def found(request: StaffRequest, pk: UUID) -> tuple[Export, Post]:
    return through_any(request, lambda post: Export.objects.visible_to(post).with_list_data(), pk)


@require_GET
@requires(permissions.takes_ledgers)
def export_list(request: StaffRequest) -> HttpResponse:
    return render(request, "spreadsheets/export_list.html", _list(request))


@require_GET
@requires(permissions.takes_ledgers)
@poll
def export_rows(request: StaffRequest) -> HttpResponse:
    """The rows alone, asked for by the page as long as something is under way."""
    return render(request, "spreadsheets/_export_rows.html", _list(request))


def _list(request: StaffRequest) -> dict[str, Any]:
    rows = Export.objects.of_posts(request.posts)
    segments = keyset.ordered(rows.with_list_data(), "-asked_at", is_filled=True)
    page = keyset.page(segments, request, sort="-asked_at", path=reverse("exports:export_list"))
    is_waiting = any(export.state == "making" for export in page.rows)
    shown = [_row(export, request.post) for export in page.rows]
    return {"page": page, "exports": shown, "is_waiting": is_waiting, "query": request.GET.urlencode()}


def _row(export: Export, post: Post) -> dict[str, Any]:
    job = export.job
    can_cancel = job is not None and export.state == "making" and not job.is_stopping and can_cancel_job(post, job)
    return {"export": export, "job": job, "can_cancel": can_cancel}


@require_GET
@requires(permissions.takes_ledgers)
def export_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    export, post = found(request, pk)
    return render(request, "spreadsheets/export_detail.html", _row(export, post))


@require_GET
@requires(permissions.takes_ledgers)
@poll
def export_progress(request: StaffRequest, pk: UUID) -> HttpResponse:
    """How far it is; once it has ended the page is called anew."""
    export, post = found(request, pk)
    response = render(request, "spreadsheets/_export_progress.html", _row(export, post))
    if export.state != "making":
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@requires(permissions.takes_ledgers)
def export_download(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """The file, opened frame by frame while it is sent. What holds numbers in clear asks for the password each time, and so do the many
    rows of a 上报."""
    export, post = found(request, pk)
    reason = ""
    if asks_reason(export) and export.storage_name:
        try:
            reason = step_up.reason_given(request, export.title, is_in_clear=export.in_clear)
        except step_up.NotProven as asked:
            return asked.response
    export = transitions.hand_out_export(export_id=pk, reason=reason, by=post)
    try:
        octets = storage.read(export.pk, export.storage_name)
    except SealBroken:
        raise TransitionError(GONE) from None
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=export.file_name) or "attachment",
        "Content-Length": str(export.size),
    }
    return StreamingHttpResponse(octets, content_type=XLSX, headers=headers)
