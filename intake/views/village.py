"""The landing page of a village's assistant."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from organization.gates import requires
from organization.requests import StaffRequest

from ..permissions import works_in_a_village
from ..village import VillagePage


@require_GET
@requires(works_in_a_village)
def village(request: StaffRequest) -> HttpResponse:
    """What to do, what waits, how far the village's applications are, and three big buttons at the foot."""
    return render(request, "intake/village.html", {"page": VillagePage(request.post), "place": request.post.unit.region})
