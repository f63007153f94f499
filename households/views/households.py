"""A household opened, shown, corrected; registrations put aside."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.addresses import next_of
from config.once import is_spent, once
from config.protection.identity import check_id_number, guess_id_type
from config.submit import submit
from config.verbs import TransitionError
from organization.gates import requires
from organization.requests import StaffRequest

from .. import finding
from ..forms import AddressForm, HouseholdForm, MembersFormSet, beside
from ..models import Household, HouseholdDraft, Membership
from ..page import page_of
from ..permissions import can_enter, can_search
from ..transitions import drop, known_elsewhere, open_household, put_aside, revise_household
from ..transitions.drafts import content_of

ADDRESS = ("region", "setting", "address")
MEMBER = ("relation", "name", "id_type", "number", "sex", "birth_on", "phone", "lives_together")
LONGEST = 120


@require_GET
@requires(can_search)
def household_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """All that the platform knows of a household, as far as the post may see it; of one that was merged, the one that stays."""
    household = Household.objects.visible_to(request.post).select_related("region__parent", "opened_by__unit").get_or_404(pk)
    if household.successor_id:
        return redirect("households:household_detail", pk=household.successor_id)
    return render(request, "households/household_detail.html", {"page": page_of(household, request.post)})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
def household_open(request: StaffRequest) -> HttpResponse:
    """Register a household: the address, and its members as a sub-table. 暂存 keeps what was typed.

    Numbers known elsewhere are named before anything is saved, in a transaction of their own: such a look stays in the record.
    """
    if request.method != "POST":
        return _open_page(request, *_empty(request))
    address, members = AddressForm(request.POST, by=request.post), MembersFormSet(request.POST, prefix="members")
    if request.POST.get("step") == "keep":
        return _put_aside(request)
    if address.is_valid() & members.is_valid() and (is_spent(request) or _nobody_is_known(request, members)):
        return _opened(request, address, members)
    return _open_page(request, address, members, status=422)


@sensitive_variables()
def _empty(request: StaffRequest) -> tuple[AddressForm, Any]:
    """Blank, or with the number that was looked for in vain, here or by the room that sent the clerk on, or as it was put aside."""
    if draft_id := request.GET.get("draft"):
        draft = HouseholdDraft.objects.visible_to(request.post).get_or_404(draft_id)
        content = content_of(draft)
        return AddressForm(by=request.post, initial=content["address"]), MembersFormSet(initial=content["members"], prefix="members")
    came_from = request.GET.get("from", "")
    number = finding.typed_before(request, "number") if came_from == "search" else finding.expected(request, came_from)
    told = check_id_number(number, guess_id_type(number), on=clock.today(), allow_synthetic=settings.IS_DEMO) if number else None
    head: dict[str, Any] = {"relation": Membership.Relation.HEAD, "number": number}
    if told is not None:
        head |= {"id_type": told.id_type, "birth_on": told.birth_on, "sex": told.sex or ""}
    return AddressForm(by=request.post), MembersFormSet(initial=[head], prefix="members")


def _open_page(request: StaffRequest, address: AddressForm, members: Any, status: int = 200) -> HttpResponse:
    drafts = HouseholdDraft.objects.visible_to(request.post)
    asked = request.POST if request.method == "POST" else request.GET
    context = {"address": address, "members": members, "drafts": drafts, "draft": asked.get("draft", ""), "next": next_of(request)}
    return render(request, "households/household_open.html", context, status=status)


@sensitive_variables()
def _nobody_is_known(request: StaffRequest, members: Any) -> bool:
    """Sentences beside the numbers that belong to a household already."""
    lines = members.filled
    try:
        told = known_elsewhere(numbers=[line.id_number for line in lines], by=request.post)
    except TransitionError as refused:
        lines[0].add_error(None, str(refused))
        return False
    for position, sentence in told.items():
        lines[position].add_error("number", sentence)
    return not told


@once
@sensitive_variables()
def _opened(request: StaffRequest, address: AddressForm, members: Any) -> HttpResponse:
    lines = members.filled
    people = [line.member for line in lines]
    household = submit(address, lambda: beside(lines, lambda: open_household(**address.cleaned_data, members=people, by=request.post)))
    if household is None:
        return _open_page(request, address, members, status=422)
    if draft_id := _draft_of(request):
        drop(draft_id=draft_id, by=request.post)
    messages.success(request, f"已登记，户编号{household.number}。")
    return redirect(next_of(request) or household)


@once
@sensitive_variables()
def _put_aside(request: StaffRequest) -> HttpResponse:
    """As typed: nothing is checked, and nothing is lost."""
    count = request.POST.get("members-TOTAL_FORMS", "")
    rows = [
        {name: request.POST.get(f"members-{row}-{name}", "")[:LONGEST] for name in MEMBER}
        for row in range(min(int(count) if count.isdecimal() else 0, 30))
    ]
    members = [row | {"lives_together": row["lives_together"] == "on"} for row in rows if row["name"].strip() or row["number"].strip()]
    content = {"address": {name: request.POST.get(name, "")[:LONGEST] for name in ADDRESS}, "members": members}
    draft = put_aside(content=content, draft_id=_draft_of(request), by=request.post)
    messages.success(request, "已暂存。内容加密保存，只有您能打开，登记后自动删除。")
    back = next_of(request)
    return redirect(f"{request.path}?{urlencode({'draft': draft.pk} | ({'next': back} if back else {}))}")


def _draft_of(request: StaffRequest) -> UUID | None:
    """The draft that the form was filled in from."""
    try:
        return UUID(request.POST.get("draft", ""))
    except ValueError:
        return None


@require_POST
@requires(can_enter)
def draft_drop(request: StaffRequest, pk: UUID) -> HttpResponse:
    drop(draft_id=pk, by=request.post)
    messages.success(request, "已删除暂存的登记。")
    return redirect("households:household_open")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_enter)
@once
def household_revise(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Where and how the household lives, corrected."""
    household = Household.objects.visible_to(request.post).get_or_404(pk)
    form = HouseholdForm(request.POST or None, by=request.post, household=household)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: revise_household(household_id=pk, **form.cleaned_data, by=request.post)):
            messages.success(request, "已更正家庭资料。")
            return redirect(household)
    context = {"form": form, "household": household, "title": "更正家庭资料", "button": "保存"}
    return render(request, "households/form.html", context, status=422 if form.errors else 200)
