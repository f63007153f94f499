"""停用单位: who takes over and when, how much lies open there, and the confirmation in a second step."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from config import clock
from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.models import Unit
from organization.permissions import can_end_unit, can_keep_units
from organization.requests import StaffRequest
from organization.transitions import units

from .. import endings
from ..forms.units import UnitEndForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_keep_units)
@once
def unit_end(request: StaffRequest, pk: int) -> HttpResponse:
    """Numbers alone. The first post shows what will happen, the second one does it."""
    unit: Unit = Unit.objects.visible_to(request.post).select_related("department", "region").get_or_404(pk)
    if not can_end_unit(request.post, unit):
        raise PermissionDenied("这个单位长期设立，不能停用。")
    form = UnitEndForm(request.POST or None, unit=unit, initial=request.GET.dict())
    is_sure = request.POST.get("sure") == "1"
    if request.method == "POST" and form.is_valid() and is_sure and _done(request, unit, form):
        return redirect("organization:unit_detail", pk=pk)
    today = clock.today()
    context: dict[str, Any] = {"form": form, "unit": unit, "moving": endings.moving(unit, today), "ending": endings.ending(unit, today)}
    if form.is_bound and form.is_valid():
        return render(request, "referrals/unit_end_confirm.html", context | form.cleaned_data)
    return render(request, "referrals/unit_end.html", context, status=422 if form.errors else 200)


def _done(request: StaffRequest, unit: Unit, form: UnitEndForm) -> Unit | None:
    said = form.cleaned_data
    ended = submit(
        form, lambda: units.end_unit(unit_id=unit.pk, successor_id=said["successor"].pk, last_day=said["last_day"], by=request.post)
    )
    if ended is not None:
        messages.success(request, f"{unit.name}自{said['last_day']:%Y-%m-%d}后停用，由{said['successor'].name}承接。")
    return ended
