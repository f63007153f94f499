"""Facts noted, authorisations, close relatives declared and filed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.once import once
from config.submit import late, submit
from organization.gates import requires
from organization.requests import StaffRequest

from ..forms import AuthorisationForm, FactForm, FactKindForm, KinFilingForm, KinForm, OwnKinForm
from ..knowledge import missing_authorisations
from ..models import Authorisation, Household, KinDeclaration, StaffKin
from ..page import sees_card_only
from ..permissions import can_declare_own_kin, can_enter, can_file_kin, can_note_facts
from ..transitions import authorise, declare_kin, declare_own_kin, file_kin, note_fact, revoke_authorisation, withdraw_own_kin

FORM = "households/form.html"
FILED_SHOWN = 50


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_note_facts)
@once
def fact_note(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Of whom and what first; then the value, by the type of the fact. Both are posts: an address tells nobody's illness."""
    household = Household.objects.visible_to(request.post).get_or_404(pk)
    if sees_card_only(household, request.post):
        raise PermissionDenied("本单位只是协助核实，请在“请单位核实”中答复。")
    first = FactKindForm(request.POST or None, household=household, by=request.post)
    context: dict[str, Any] = {"form": first, "household": household, "title": "登记已知事项", "button": "下一步"}
    if request.method == "POST" and first.is_valid():
        second = FactForm(request.POST if "value" in request.POST else None, kind=first.chosen)
        if second.is_bound and second.is_valid():
            given = {"kind_key": first.chosen.pk, **first.subject, **second.cleaned_data}
            if submit(second, lambda: note_fact(**given, by=request.post)):
                messages.success(request, f"已登记“{first.chosen.label}”。")
                return redirect(household)
        context |= {"form": second, "first": first, "button": "登记"}
    return render(request, "households/fact_note.html", context, status=422 if context["form"].errors else 200)


def _household(request: StaffRequest, pk: UUID) -> Household:
    household: Household = Household.objects.visible_to(request.post).get_or_404(pk)
    if sees_card_only(household, request.post):
        raise PermissionDenied("本单位只是协助入户，授权和申报由家庭所在地或受理的窗口登记。")
    return household


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def authorisation_add(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Who has signed that the means may be checked, and when."""
    household = _household(request, pk)
    form = AuthorisationForm(request.POST or None, people=missing_authorisations(household, clock.today()))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        row = submit(
            form,
            lambda: authorise(
                household_id=pk, resident_id=data["resident"], signed_on=data["signed_on"], signer_note=data["signer_note"], by=request.post
            ),
        )
        if row:
            messages.success(request, f"已登记{row.resident.name}的核对授权。")
            return redirect(household)
    context = {"form": form, "household": household, "title": "登记核对授权", "button": "登记"}
    return render(request, FORM, context, status=422 if form.errors else 200)


@require_POST
@requires(can_enter)
@once
def authorisation_revoke(request: StaffRequest, pk: int) -> HttpResponse:
    row = Authorisation.objects.visible_to(request.post).select_related("household").get_or_404(pk)
    revoke_authorisation(authorisation_id=pk, by=request.post)
    messages.success(request, "已登记撤回授权。")
    return redirect(row.household)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def kin_declare(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Asked once per household; a later answer replaces the earlier (XX-16)."""
    household = _household(request, pk)
    form = KinForm(request.POST or None, household=household)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: declare_kin(household_id=pk, **form.content, by=request.post)):
            messages.success(request, "已登记近亲属申报。" + ("已送县级平台备案。" if form.content["has_kin"] else ""))
            return redirect(household)
    context = {"form": form, "household": household, "title": "近亲属申报", "button": "登记"}
    return render(request, FORM, context, status=422 if form.errors else 200)


@require_GET
@requires(can_file_kin)
def kin_filing_list(request: StaffRequest) -> HttpResponse:
    """What waits for the platform, the oldest first, and what was filed last."""
    rows = KinDeclaration.objects.visible_to(request.post).with_list_data()
    context = {
        "waiting": rows.to_be_filed().order_by("declared_at", "pk"),
        "filed": rows.standing().filter(filed_at__isnull=False).order_by("-filed_at", "-pk")[:FILED_SHOWN],
    }
    return render(request, "households/kin_filing_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_file_kin)
@once
def kin_file(request: StaffRequest, pk: int) -> HttpResponse:
    """备案: who, what, and the platform's note."""
    row = KinDeclaration.objects.visible_to(request.post).with_list_data().get_or_404(pk)
    form = KinFilingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: file_kin(declaration_id=pk, note=form.cleaned_data["note"], by=request.post)):
            messages.success(request, "已备案，并已告知申报的窗口。")
            return redirect("households:kin_filing_list")
    if told := late(request, form, "households:kin_filing_list"):
        return told
    return render(request, "households/kin_file.html", {"form": form, "row": row}, status=422 if form.errors else 200)


@require_GET
@requires(can_declare_own_kin)
def own_kin(request: StaffRequest) -> HttpResponse:
    """One's own declared relatives, and the form for another."""
    rows = StaffKin.objects.visible_to(request.post).standing()
    return render(request, "households/own_kin.html", {"rows": rows, "form": OwnKinForm()})


@sensitive_post_parameters()
@require_POST
@requires(can_declare_own_kin)
@once
def own_kin_declare(request: StaffRequest) -> HttpResponse:
    form = OwnKinForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        given = {"name": data["name"], "relation": data["relation"], "number": data["number"].normalised}
        if submit(form, lambda: declare_own_kin(**given, by=request.post)):
            messages.success(request, "已申报。")
            return redirect("households:own_kin")
    rows = StaffKin.objects.visible_to(request.post).standing()
    return render(request, "households/own_kin.html", {"rows": rows, "form": form}, status=422)


@require_POST
@requires(can_declare_own_kin)
@once
def own_kin_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    withdraw_own_kin(kin_id=pk, by=request.post)
    messages.success(request, "已撤销申报。")
    return redirect("households:own_kin")
