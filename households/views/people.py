"""Members and relatives: added, corrected, gone; a number shown in full."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from config.once import is_spent, once
from config.submit import submit
from config.verbs import TransitionError
from organization.gates import requires
from organization.requests import StaffRequest

from ..forms import EndForm, MemberAddForm, MemberEndForm, MemberReviseForm, RelativeForm, ResidentForm, beside
from ..models import Household, Membership, Relative, Resident
from ..page import resident_page_of
from ..permissions import can_enter, can_revise_resident, can_search
from ..transitions import (
    add_member,
    end_membership,
    end_relative,
    known_elsewhere,
    note_relative,
    revise_member,
    revise_resident,
)

FORM = "households/form.html"


@require_GET
@requires(can_search)
def resident_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Where the person belongs; somebody without household, or of one that the post does not see, has a page of their own."""
    resident = Resident.objects.visible_to(request.post).select_related("region__parent").get_or_404(pk)
    if resident.survivor_id:
        return redirect("households:resident_detail", pk=resident.survivor_id)
    home = Membership.objects.visible_to(request.post).open().filter(resident=resident).first()
    if home is not None:
        return redirect("households:household_detail", pk=home.household_id)
    return render(request, "households/resident_detail.html", {"page": resident_page_of(resident, request.post)})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
def member_add(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One more member; a number that belongs elsewhere is named first, and the look stays in the record."""
    household = Household.objects.visible_to(request.post).get_or_404(pk)
    form = MemberAddForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (is_spent(request) or _is_nobodys(request, form)):
        return _added(request, household, form)
    return _member_page(request, household, form)


@sensitive_variables()
def _is_nobodys(request: StaffRequest, form: MemberAddForm) -> bool:
    try:
        told = known_elsewhere(numbers=[form.id_number], by=request.post)
    except TransitionError as refused:
        told = {0: str(refused)}
    if told:
        form.add_error("number", told[0])
    return not told


@once
@sensitive_variables()
def _added(request: StaffRequest, household: Household, form: MemberAddForm) -> HttpResponse:
    row = submit(form, lambda: beside([form], lambda: add_member(household_id=household.pk, member=form.member, by=request.post)))
    if row is None:
        return _member_page(request, household, form)
    messages.success(request, f"{row.resident.name}已加入本户。")
    return redirect(household)


def _member_page(request: StaffRequest, household: Household, form: MemberAddForm) -> HttpResponse:
    context = {"form": form, "household": household, "title": "添加家庭成员", "button": "加入", "layout": "paper"}
    return render(request, FORM, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def member_revise(request: StaffRequest, pk: int) -> HttpResponse:
    """Relation to the head, living together, counted or not; a new head."""
    row = Membership.objects.visible_to(request.post).select_related("household", "resident").get_or_404(pk)
    form = MemberReviseForm(request.POST or None, membership=row)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: revise_member(membership_id=pk, **form.cleaned_data, by=request.post)):
            messages.success(request, f"已更正{row.resident.name}的家庭关系。")
            return redirect(row.household)
    context = {"form": form, "household": row.household, "title": f"更正家庭关系：{row.resident.name}", "button": "保存"}
    return render(request, FORM, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def member_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = Membership.objects.visible_to(request.post).select_related("household", "resident").get_or_404(pk)
    form = MemberEndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: end_membership(membership_id=pk, **form.cleaned_data, by=request.post)):
            messages.success(request, f"已登记{row.resident.name}离开本户。")
            return redirect(row.household)
    context = {"form": form, "household": row.household, "title": f"成员离开：{row.resident.name}", "button": "登记离开"}
    return render(request, FORM, context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def resident_revise(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A person corrected: name, paper, telephone, account, death."""
    resident = Resident.objects.visible_to(request.post).get_or_404(pk)
    if not can_revise_resident(request.post, resident):  # the form shows what the card does not: what an account ends in
        raise PermissionDenied("人员资料由居住地乡镇（街道）更正。")
    form = ResidentForm(request.POST or None, resident=resident)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: revise_resident(resident_id=pk, **form.content, by=request.post)):
            messages.success(request, f"已更正{form.cleaned_data['name']}的资料。")
            return redirect(resident)
    context = {"form": form, "resident": resident, "title": f"更正人员资料：{resident.name}", "button": "保存", "layout": "paper"}
    return render(request, FORM, context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def relative_note(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A guardian or obligor outside the household."""
    resident = Resident.objects.visible_to(request.post).get_or_404(pk)
    form = RelativeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("role", "relation", "since")}
        row = submit(form, lambda: note_relative(resident_id=pk, person=form.person, **said, by=request.post))
        if row:
            messages.success(request, f"已登记{row.relative.name}为{row.get_role_display()}。")
            return redirect(resident)
    context = {"form": form, "resident": resident, "title": f"登记户外关系人：{resident.name}", "button": "登记", "layout": "paper"}
    return render(request, FORM, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def relative_end(request: StaffRequest, pk: int) -> HttpResponse:
    row = Relative.objects.visible_to(request.post).select_related("resident", "relative").get_or_404(pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: end_relative(relative_id=pk, on=form.cleaned_data["on"], by=request.post)):
            messages.success(request, "已登记终止。")
            return redirect(row.resident)
    context = {"form": form, "resident": row.resident, "title": f"户外关系人终止：{row.relative.name}", "button": "登记终止"}
    return render(request, FORM, context, status=422 if form.errors else 200)
