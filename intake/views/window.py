"""The window's landing page, and the arrival that begins there."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from config import keyset
from config.once import once
from config.submit import submit
from config.verbs import TransitionError
from deadlines import counting
from households import transitions as households
from organization.figures import figure
from organization.gates import requires
from organization.requests import StaffRequest

from .. import receiving, transitions
from ..desk import DRAFT, REQUEST, TABS, Desk
from ..forms.visits import ArrivalForm
from ..models import Visit
from ..permissions import can_receive
from ..request_list import rows_of

WINDOW = "intake:window"


@require_GET
@requires(can_receive)
def window(request: StaffRequest) -> HttpResponse:
    """The field for the next ID, who is being received, and the unit's work by kind."""
    template = "intake/_work.html" if request.htmx else "intake/window.html"  # type: ignore[attr-defined]
    return render(request, template, _context(request, ArrivalForm()))


@sensitive_post_parameters("number")
@require_POST
@requires(can_receive)
@once
def visit_arrive(request: StaffRequest) -> HttpResponse:
    """The clock starts; the number is looked up in the same go."""
    form = ArrivalForm(request.POST)
    if form.is_valid():
        visit = submit(form, lambda: _receive(request, form))
        if visit is not None:
            return redirect(visit)
    return render(request, "intake/window.html", _context(request, form), status=422)


def _receive(request: StaffRequest, form: ArrivalForm) -> Visit:
    """A look-up that is refused (the day's cap) turns nobody away: the arrival stands, and the page says why."""
    number, found = form.typed_number, None
    try:
        found = households.find_by_number(number=number, by=request.post) if number else None
    except TransitionError as refused:
        messages.warning(request, str(refused))
    known: dict[str, Any] = {}
    if found and found.is_here:
        known = {"resident_id": found.resident and found.resident.pk, "household_id": found.household and found.household.pk}
    visit = transitions.arrive(mode=form.cleaned_data["mode"], matter=form.cleaned_data["matter"], by=request.post, **known)
    if found:
        receiving.keep_found(request, visit, found, number)
    return visit


def _context(request: StaffRequest, form: ArrivalForm) -> dict[str, Any]:
    desk, counts = Desk(request.post), {}
    counts = desk.counts()
    asked = request.GET.get("tab", "")
    tab = asked if asked in TABS else next((name for name in TABS if counts[name] not in {0, "0"}), DRAFT)
    return {
        "form": form,
        "desk": desk,
        "limit": figure("window_answer_min"),
        "share": figure("amber_divisor"),
        "tab": tab,
        "tabs": [
            {"label": label, "url": f"{reverse(WINDOW)}?tab={name}", "is_current": name == tab, "count": counts[name]}
            for name, label in TABS.items()
        ],
        **_rows(request, desk, tab),
    }


def _rows(request: StaffRequest, desk: Desk, tab: str) -> dict[str, Any]:
    path = reverse(WINDOW)
    if tab == DRAFT:
        page = keyset.page([keyset.Segment(desk.drafts(), "drafted_at", is_descending=True)], request, path=path)
        return {"page": page, "rows": page.rows}
    if tab == REQUEST:
        page = keyset.page(desk.requests().segments(), request, path=path)
        return {"page": page, "rows": rows_of(page.rows, request.post)}
    work = desk.work(tab)
    few = [keyset.Segment(work.filter(due_at__isnull=False), "due_at"), keyset.Segment(work.filter(due_at=None))]
    page = keyset.page(few, request, path=path)
    return {"page": page, "rows": counting.listed(page.rows, desk.now)}
