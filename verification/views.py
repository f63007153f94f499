"""Pages of verification: the township's list, the page everybody it is recognised by reads, and the form."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from organization.gates import requires
from organization.requests import StaffRequest

from .models import Verification
from .page import page_of
from .permissions import can_look


@require_GET
@requires(can_look)
def verification_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is recognised by everybody (ZX-40), and for who may read them the situations in words and figures."""
    verification = Verification.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    return render(request, "verification/verification_detail.html", {"page": page_of(verification, request.post)})
