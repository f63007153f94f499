"""家庭变动: proposed on one page with what will happen, confirmed on another by a second person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import keyset
from config.once import once
from config.submit import late, submit
from households.models import Household, RegistryChange, Resident
from households.permissions import can_answer_change, can_propose_change, can_see_changes, can_withdraw_change
from households.transitions import reject_change, withdraw_change
from households.transitions.registry import newest, title_of, titles_of
from organization.gates import requires
from organization.requests import StaffRequest

from .. import registry, transitions
from ..forms.registry import HOUSEHOLD_FORMS, AnswerForm, MergeResidentsForm

K = RegistryChange.Kind
SORT = "-proposed_at"
DONE = {"confirm": "已确认，变动已生效。", "reject": "已答复不同意，并告知提出单位。", "withdraw": "已撤回。"}


@require_GET
@requires(can_see_changes)
def registry_list(request: StaffRequest) -> HttpResponse:
    """What the township proposed and what it is asked to confirm, the newest first."""
    rows = RegistryChange.objects.visible_to(request.post).with_page_data()
    page = keyset.page(keyset.ordered(rows, SORT, is_filled=True), request, sort=SORT)
    lines = list(zip(page.rows, titles_of(page.rows), strict=True))
    return render(request, "referrals/registry_list.html", {"page": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_propose_change)
@once
def registry_propose(request: StaffRequest, pk: UUID, kind: str) -> HttpResponse:
    """What shall be done to a household: asked beside what stands there and what will happen."""
    if kind not in HOUSEHOLD_FORMS:
        raise Http404("没有这种变动。")
    household = Household.objects.beyond_the_card(request.post).select_related("region__parent").get_or_404(pk)
    form = HOUSEHOLD_FORMS[kind](request.POST or None, household=household)
    if request.method == "POST" and form.is_valid():
        said = form.said()
        change = submit(form, lambda: transitions.propose_registry(kind=kind, household_id=pk, **said, by=request.post))
        if change is not None:
            messages.success(request, f"已提出，请{change.unit.name}由另一名工作人员确认。")
            return redirect(change)
    side = registry.side_of_household("本户", household, request.post)
    return _propose_page(request, form, K(kind), [side], household.get_absolute_url())


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_propose_change)
@once
def registry_merge_residents(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Two rows of one person: this one goes, another stays."""
    resident = Resident.objects.beyond_the_card(request.post).select_related("region__parent").get_or_404(pk)
    form = MergeResidentsForm(request.POST or None, resident=resident, by=request.post)
    if request.method == "POST" and form.is_valid():
        said = form.said()
        change = submit(form, lambda: transitions.propose_registry(kind=K.MERGE_RESIDENTS, resident_id=pk, **said, by=request.post))
        if change is not None:
            messages.success(request, f"已提出，请{change.unit.name}由另一名工作人员确认。")
            return redirect(change)
    side = registry.side_of_person("重复的档案", resident, request.post)
    return _propose_page(request, form, K.MERGE_RESIDENTS, [side], resident.get_absolute_url())


def _propose_page(request: StaffRequest, form: Any, kind: RegistryChange.Kind, sides: list[registry.Side], back: str) -> HttpResponse:
    context = {"form": form, "title": kind.label, "sides": sides, "will": registry.WILL[kind], "back": back}
    return render(request, "referrals/registry_propose.html", context, status=422 if form.errors else 200)


@require_GET
@requires(can_see_changes)
def registry_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is proposed, what stands, what will happen; for the second person, the answer."""
    return _detail(request, pk)


@require_POST
@requires(can_see_changes)
@once
def registry_answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """确认, 不同意, 撤回: the button says which."""
    step, form = request.POST.get("step", ""), AnswerForm(request.POST)
    if form.is_valid() and submit(form, lambda: _answer(step, pk, form.cleaned_data, request)) is not None:
        messages.success(request, DONE[step])
        return redirect("referrals:registry_detail", pk=pk)
    change = RegistryChange.objects.visible_to(request.post).get_or_404(pk)
    over = None if change.is_open else late(request, form, change)
    return over or _detail(request, pk, form)


def _answer(step: str, pk: UUID, said: dict[str, Any], request: StaffRequest) -> RegistryChange:
    if step == "reject":
        return reject_change(change_id=pk, reason=said["note"], by=request.post)
    if step == "withdraw":
        return withdraw_change(change_id=pk, by=request.post)
    return transitions.confirm_registry(change_id=pk, seen_at=_moment(said["seen_at"]), by=request.post)


def _moment(text: str) -> datetime | None:
    """When the page was made; what is no moment is stale."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _detail(request: StaffRequest, pk: UUID, form: AnswerForm | None = None) -> HttpResponse:
    change = RegistryChange.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    may = change.is_open and can_answer_change(request.post, change)
    is_own = change.proposed_by_staff_id == request.post.staff_id
    context = {
        "change": change,
        "title": title_of(change),
        "lines": change.members.select_related("resident"),
        "sides": registry.sides_of(change, request.post) if change.is_open else [],
        "will": registry.WILL[K(change.kind)],
        "afresh": registry.AFRESH if change.status == change.Status.CONFIRMED and change.remakes_families else "",
        "form": form or AnswerForm(initial={"seen_at": newest(change).isoformat()}),
        "may_answer": may and not is_own,
        "waits_for_other": may and is_own,
        "may_withdraw": change.is_open and can_withdraw_change(request.post, change),
    }
    return render(request, "referrals/registry_detail.html", context, status=422 if form is not None and form.errors else 200)
