"""Looking into a file: asked for, recorded, then shown for a while."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods

from config.protection.keys import SealBroken
from organization.gates import requires
from organization.requests import StaffRequest

from .. import openings, storage, transitions
from ..gates import fetch
from ..models import Attachment

# Nothing in the answer may run, load or be framed, whatever the file is. A PDF is drawn by the browser's own viewer, which a sandbox (and
# a bare object-src 'none') turns off in the older Chromium of the offices; files with script were refused at the door.
_INERT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src 'self'; style-src 'unsafe-inline'"
_POLICIES = {True: f"{_INERT}; sandbox", False: f"{_INERT}; object-src 'self'"}


@require_http_methods(["GET", "HEAD", "POST"])
@requires()
def attachment_open(request: StaffRequest, pk: UUID) -> HttpResponse:
    """POST opens the file, with a line in the record, and leads back here; GET shows it while the opening stands, else asks.

    A link to this address asks first; a form that posts to it, with target=_blank, shows the file right away.
    """
    if request.method == "POST":
        attachment = transitions.open_file(attachment_id=pk, by=request.post)
        if attachment.is_readable:
            openings.remember(request.session, attachment.pk, request.post)
        return redirect("documents:attachment_open", pk=pk)
    attachment = fetch(Attachment, pk, request.post)
    if attachment.is_readable and openings.stands(request.session, attachment.pk, request.post):
        try:
            return _shown(attachment, storage.read(attachment.pk, attachment.storage_name))
        except SealBroken:
            pass  # found and quarantined by the next opening, which may write
    return render(request, "documents/attachment_open.html", {"attachment": attachment})


def _shown(attachment: Attachment, octets: bytes) -> HttpResponse:
    return HttpResponse(
        octets,
        content_type=attachment.content_type,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=False, filename=attachment.name) or "inline",
            "Content-Security-Policy": _POLICIES[attachment.is_image],
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
