"""Finding people: a POST, answered by a redirect to an address that says nothing (DESIGN 8)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config.once import once
from config.submit import submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import finding
from ..forms import SearchForm
from ..models import Household
from ..permissions import can_enter, can_look_up, can_search, can_take_on
from ..transitions import find_by_number, take_on


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_search)
def household_search(request: StaffRequest) -> HttpResponse:
    """One field. What lies within the gate by its number is opened at once."""
    form = SearchForm(request.POST or None, by=request.post)
    if request.method == "POST" and form.is_valid():
        answer = _LOOK[form.cleaned_data["wanted"].kind](request, form)
        if answer is not None:
            return answer
    return render(
        request,
        "households/household_search.html",
        {"form": form, "can_look_up": can_look_up(request.post), "can_enter": can_enter(request.post)},
        status=422 if form.errors else 200,
    )


@sensitive_variables()
def _by_number(request: StaffRequest, form: SearchForm) -> HttpResponse | None:
    typed = form.cleaned_data["wanted"]
    found = submit(form, lambda: find_by_number(number=typed.text, by=request.post))
    if found is None:
        return None
    if found.household is not None:
        return redirect(found.household)
    finding.remember(request, typed, people=[found.resident.pk] if found.resident else [], found=found)
    return redirect("households:search_results")


def _by_household(request: StaffRequest, form: SearchForm) -> HttpResponse:
    typed = form.cleaned_data["wanted"]
    household = Household.objects.visible_to(request.post).of_number(typed.text).first()
    if household is not None:
        return redirect(household)
    finding.remember(request, typed)
    return redirect("households:search_results")


def _by_name(request: StaffRequest, form: SearchForm) -> HttpResponse:
    typed = form.cleaned_data["wanted"]
    finding.remember(request, typed, people=finding.people_named(typed.text, request.post))
    return redirect("households:search_results")


_LOOK = {"number": _by_number, "household": _by_household, "name": _by_name}


@require_GET
@requires(can_search)
def search_results(request: StaffRequest) -> HttpResponse:
    """What was found last: people within the gate with their households, or the card of somebody beyond it, or nobody."""
    kept: dict[str, Any] | None = request.session.get(finding.SESSION)
    if kept is None:
        return redirect("households:household_search")
    people = [UUID(pk) for pk in kept["people"]]
    context = {
        "form": SearchForm(by=request.post, initial={"wanted": finding.typed_before(request, "name")}),
        "rows": finding.rows_of(people[: finding.SHOWN], request.post) if people else [],
        "is_cut": len(people) > finding.SHOWN,
        "shown": finding.SHOWN,
        "kind": kept["kind"],
        "outside": kept["outside"],
        "can_enter": can_enter(request.post),
        "can_take_on": can_take_on(request.post),
    }
    return render(request, "households/search_results.html", context)


@require_POST
@requires(can_take_on)
@once
def household_take_on(request: StaffRequest) -> HttpResponse:
    """在本窗口受理: the household of the card opens for this window."""
    household = take_on(token=request.POST.get("token", ""), by=request.post)
    messages.success(request, "已可在本窗口受理这个家庭的申请。查看和办理都会留痕。")
    return redirect(household)
