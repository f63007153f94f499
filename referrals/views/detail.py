"""One referral for those who work on it, and why a date is that date."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import clock
from deadlines import counting
from deadlines.models import Duty
from organization.gates import requires
from organization.requests import StaffRequest

from ..dossier import DATES, Dossier, stays_of
from ..permissions import can_open_cases, has_inbox
from ..steps import offers, right_post
from .finding import found, state_of


@require_GET
@requires(has_inbox)
def referral_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Everything the unit needs on one page, and the steps that are possible now. Opening it takes the right one of a person's posts."""
    referral = found(request, pk)
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
        "label": DATES.get(kind, duty.kind_name),
        "facts": counting.facts_of(duty),
        "explanation": counting.explain(duty),
        "lamp": lamp,
        "can_take": False,
    }
    template = "deadlines/_explanation.html" if request.htmx else "referrals/referral_why.html"  # type: ignore[attr-defined]
    return render(request, template, context)
