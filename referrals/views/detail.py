"""One referral for those who work on it, and why a date is that date."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from config import clock
from config.once import once
from config.submit import submit
from deadlines import counting
from deadlines.models import Duty
from organization.figures import figure
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..dossier import DATES, Dossier, stays_of
from ..forms import LookIntoForm
from ..models import Referral
from ..permissions import can_look_into, can_open_cases, has_inbox, watches
from ..steps import offers, right_post
from .finding import asks_why, found, state_of


@require_GET
@requires(has_inbox)
def referral_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Everything the unit needs on one page, and the steps that are possible now. Opening it takes the right one of a person's posts."""
    try:
        referral = found(request, pk)
    except Http404:
        if not asks_why(request, pk):
            raise
        return redirect("referrals:referral_look_into", pk=pk)
    stays = stays_of(referral)
    stay = stays[-1] if stays else None
    context = {
        "referral": referral,
        "dossier": Dossier(referral, right_post(request.posts, referral), stays),
        "offers": offers(referral, stay, request.posts),
        "seen": state_of(referral, stay),
        "has_case": can_open_cases(request.post),
    }
    return render(request, "referrals/referral_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(watches)
@once
def referral_look_into(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Why the platform opens a sensitive item of others. Until then the page names neither program nor person."""
    referral: Referral = Referral.objects.visible_to(request.post).select_related("program").get_or_404(pk)
    if not can_look_into(request.post, referral):
        raise PermissionDenied("这个项目不用填写查看原因，请直接打开转办单。")
    form = LookIntoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: transitions.look_into(referral_id=pk, **form.said(), by=request.post)):
            return redirect(referral)
    context = {"form": form, "number": referral.number, "minutes": figure("reveal_shown_for")}
    return render(request, "referrals/referral_look_into.html", context, status=422 if form.errors else 200)


@require_GET
@requires(has_inbox)
def referral_why(request: StaffRequest, pk: UUID, kind: str) -> HttpResponse:
    """为什么是这一天, for everybody who sees the referral, also where another unit's duty is meant."""
    referral = found(request, pk)
    duty = (
        Duty.objects.about(referral, kind)
        .select_related("unit", "taken_by__unit", "taken_by__staff", "closed_by__unit", "closed_by__staff")
        .order_by("-opened_at")
        .first()
    )
    if duty is None:
        raise Http404("这个转办单没有这样的时限。")
    lamp = counting.lamp_of(duty, clock.now(), counting.calendar_for(duty)) | {"url": ""}
    context = {
        "referral": referral,
        "duty": duty,
        "headline": duty.headline,
        "label": DATES.get(kind, duty.kind_name),
        "facts": counting.facts_of(duty),
        "explanation": counting.explain(duty),
        "lamp": lamp,
        "can_take": False,
    }
    template = "deadlines/_explanation.html" if request.htmx else "referrals/referral_why.html"  # type: ignore[attr-defined]
    return render(request, template, context)
