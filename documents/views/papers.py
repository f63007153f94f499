"""A paper once more: on screen to print, and as a Word file. Always from its snapshot."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.addresses import page_before
from organization.gates import requires
from organization.requests import StaffRequest

from ..downloads import word_file
from ..gates import fetch
from ..models import IssuedDocument
from ..printing import render_docx, render_print


@require_safe
@requires()
def issued_print(request: StaffRequest, pk: UUID) -> HttpResponse:
    issued = fetch(IssuedDocument, pk, request.post)
    return render(request, f"documents/{issued.kind}.html", {**render_print(issued), "back": page_before(request)})


@require_safe
@requires()
def issued_docx(request: StaffRequest, pk: UUID) -> HttpResponse:
    issued = fetch(IssuedDocument, pk, request.post)
    return word_file(render_docx(issued), f"{issued}.docx")
