"""明天会超期: the page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import clock
from organization.gates import requires
from organization.requests import StaffRequest
from referrals.permissions import reminds

from .. import forecast as forecasting
from ..permissions import reads_forecast


@require_GET
@requires(reads_forecast)
def forecast(request: StaffRequest) -> HttpResponse:
    found = forecasting.forecast(request.post, clock.now())
    is_county = request.post.role in {"B", "BA"}
    return render(
        request, "monitoring/forecast.html", {"found": found, "is_county": is_county, "reminds": is_county and reminds(request.post)}
    )
