"""记住的列: what a unit said of its files' headings, and forgetting it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import keyset
from config.once import once
from organization.gates import requires
from organization.requests import StaffRequest

from .. import permissions, transitions
from ..declaration import templates_of
from ..models import Mapping


@require_GET
@requires(permissions.handles_files)
def mapping_list(request: StaffRequest) -> HttpResponse:
    """Newest first: by which headings the next files are read."""
    rows = Mapping.objects.visible_to(request.post).with_list_data()
    page = keyset.page(keyset.ordered(rows, "-set_at", is_filled=True), request, sort="-set_at")
    known = templates_of(mapping.template for mapping in page.rows)
    for mapping in page.rows:
        mapping.declared = known.get(mapping.template)  # asked for together
    return render(request, "spreadsheets/mapping_list.html", {"page": page})


@require_POST
@requires(permissions.handles_files)
@once
def mapping_forget(request: StaffRequest, pk: int) -> HttpResponse:
    heading = request.POST.get("heading", "")
    transitions.forget_heading(mapping_id=pk, heading=heading, by=request.post)
    messages.success(request, f"已忘记“{heading}”。以后的文件有这一列的，再问是哪一列。")
    return redirect("spreadsheets:mapping_list")
