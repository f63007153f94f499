"""Files on their way in: the list, and one with what it would change."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest

from .. import permissions
from ..models import Batch


def found(request: StaffRequest, pk: UUID) -> tuple[Batch, Post]:
    return through_any(request, lambda post: Batch.objects.visible_to(post).with_page_data(), pk)


@require_GET
@requires(permissions.handles_files)
def batch_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What a file would change, what is wrong in it, and what may be done now."""
    batch, _ = found(request, pk)
    return render(request, "spreadsheets/batch_detail.html", {"batch": batch})
