"""Somebody is at the window: who it is, what is known of the household, and the answer they take home."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.once import once
from config.submit import late, submit
from households import transitions as households
from households.models import Resident
from organization.gates import requires
from organization.requests import StaffRequest

from .. import guide_cards, offers, receiving, transitions
from ..forms.visits import PROGRAMS_PER_CARD, AnswerForm, FinderForm, IdentifyForm
from ..models import Visit
from ..permissions import can_attend, can_read_applications, can_receive
from ..visit_page import VisitPage
from .steps import progress_url


@require_GET
@requires(can_read_applications)
def visit_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _page(request, _visit(request, pk), FinderForm())


def _visit(request: StaffRequest, pk: UUID) -> Visit:
    visit: Visit = Visit.objects.visible_to(request.post).with_list_data().get_or_404(pk)
    return visit


def _page(request: StaffRequest, visit: Visit, finder: FinderForm) -> HttpResponse:
    page = VisitPage(visit, request.post, receiving.kept(request.session, visit))
    context = {"page": page, "visit": visit, "finder": finder, "is_window": can_receive(request.post)}
    return render(request, "intake/visit_detail.html", context, status=422 if finder.errors else 200)


@sensitive_post_parameters("wanted")
@require_POST
@requires(can_receive)
def visit_find(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A number finds anybody in the county, a name or its initials people of the own township; what was found is kept for this visit.

    Sent twice it looks twice and changes nothing twice; the look itself leaves its line whatever the page says, so there is no token here.
    """
    visit, form = _visit(request, pk), FinderForm(request.POST)
    if form.is_valid() and submit(form, lambda: _look(request, visit, form)):
        return redirect(visit)
    return _page(request, visit, form)


def _look(request: StaffRequest, visit: Visit, form: FinderForm) -> bool:
    wanted = form.cleaned_data["wanted"]
    if not form.is_number:
        people = Resident.objects.named(wanted, request.post)[: receiving.CANDIDATES]
        receiving.keep(request.session, visit, by_name=True, candidates=[str(person.pk) for person in people])
        return True
    found = households.find_by_number(number=wanted, by=request.post)
    receiving.forget(request.session, visit)
    receiving.keep_found(request, visit, found, wanted)
    if found.is_here:
        at_home = found.household and found.household.pk
        transitions.identify(visit_id=visit.pk, resident_id=found.resident and found.resident.pk, household_id=at_home, by=request.post)
    return True


@require_POST
@requires(can_receive)
@once
def visit_identify(request: StaffRequest, pk: UUID) -> HttpResponse:
    """就是这位: one of those found, or a member of the household that was registered just now."""
    form = IdentifyForm(request.POST)
    if form.is_valid():
        visit = transitions.identify(visit_id=pk, resident_id=form.cleaned_data["resident"], household_id=None, by=request.post)
        receiving.forget(request.session, visit)
        return redirect(visit)
    return _page(request, _visit(request, pk), FinderForm())


@require_POST
@requires(can_receive)
@once
def visit_take_on(request: StaffRequest, pk: UUID) -> HttpResponse:
    """在本窗口受理: somebody registered elsewhere applies here. The token says who it is; no address does."""
    visit = _visit(request, pk)
    number = receiving.number_kept(request.session, visit)
    household = households.take_on(token=receiving.kept(request.session, visit).token, by=request.post)
    found = households.find_by_number(number=number, by=request.post)
    transitions.identify(visit_id=pk, resident_id=found.resident and found.resident.pk, household_id=household.pk, by=request.post)
    receiving.forget(request.session, visit)
    messages.success(request, "已在本窗口受理，可以查看这个家庭，为其登记申请。")
    return redirect(visit)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_receive)
@once
def visit_answer(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The answer in words, with the programs that are printed on the card. Registering it ends the clock."""
    visit, today = _visit(request, pk), clock.today()
    first = {} if request.method == "POST" else {"programs": guide_cards.suggested(visit)[:PROGRAMS_PER_CARD]}
    form = AnswerForm(request.POST or None, initial=first, offered=offers.choices(offers.offers(request.post, today)))
    if request.method == "POST" and form.is_valid():
        card = submit(form, lambda: _answer(request, visit, form))
        if card is not None:
            messages.success(request, "已登记答复。请打印明白卡交给来人。")
            return redirect(visit)
    if told := late(request, form, visit):
        return told
    context: dict[str, Any] = {"form": form, "visit": visit, "can_answer": visit.is_open and can_attend(request.post, visit)}
    return render(request, "intake/visit_answer.html", context, status=422 if form.errors else 200)


def _answer(request: StaffRequest, visit: Visit, form: AnswerForm) -> Any:
    transitions.answer(visit_id=visit.pk, text=form.cleaned_data["text"], by=request.post)
    codes = form.cleaned_data["programs"]
    return transitions.hand_out_card(visit_id=visit.pk, program_codes=codes, progress_url=progress_url(request), by=request.post)
