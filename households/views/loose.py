"""People without household: registered, with papers or without, and given a household of their own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest

from ..forms import AddressForm, ResidentEnterForm
from ..models import Membership, Resident
from ..permissions import can_enter
from ..transitions import MemberInput, enter_resident, open_household, register_unidentified

FORM = "households/form.html"


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def resident_enter(request: StaffRequest) -> HttpResponse:
    """Somebody without household: with papers, or without, then with what is known (无证)."""
    form = ResidentEnterForm(request.POST or None, by=request.post)
    if request.method == "POST" and form.is_valid():
        resident = submit(form, lambda: _entered(form, request))
        if resident is not None:
            messages.success(request, f"已登记{resident.name}。")
            return redirect(resident)
    context = {"form": form, "title": "登记人员", "button": "登记", "layout": "paper"}
    return render(request, "households/resident_enter.html", context, status=422 if form.errors else 200)


@sensitive_variables()
def _entered(form: ResidentEnterForm, request: StaffRequest) -> Resident:
    data = form.cleaned_data
    if form.is_without_papers:
        return register_unidentified(name=data["name"], sex=data["sex"], signs=form.signs, region=data["region"], by=request.post)
    fields = {name: data[name] for name in ("name", "id_type", "sex", "birth_on", "registered_place")}
    phone = data["phone"].normalised if data["phone"] else ""
    return enter_resident(fields=fields, number=form.id_number, phone=phone, region=data["region"], by=request.post)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def resident_settle(request: StaffRequest, pk: UUID) -> HttpResponse:
    """立户: somebody who belongs to no household becomes the head of a new one."""
    resident = Resident.objects.visible_to(request.post).get_or_404(pk)
    form = AddressForm(request.POST or None, by=request.post, initial={"region": resident.region_id})
    if request.method == "POST" and form.is_valid():
        head: list[Any] = [MemberInput(Membership.Relation.HEAD, resident_id=resident.pk, name=resident.name)]
        household = submit(form, lambda: open_household(**form.cleaned_data, members=head, by=request.post))
        if household is not None:
            messages.success(request, f"已立户，户编号{household.number}。")
            return redirect(household)
    context = {"form": form, "resident": resident, "title": f"立户：{resident.name}", "button": "登记"}
    return render(request, FORM, context, status=422 if form.errors else 200)
