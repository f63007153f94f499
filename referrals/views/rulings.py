"""Rulings on disputes: read by the parties, countersigned by the convener (ZX-34)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import keyset
from config.once import once
from organization.gates import requires
from organization.requests import StaffRequest

from .. import disputes, transitions
from ..models import Referral, Ruling
from ..permissions import can_countersign, has_rulings

SORT = "-ruled_at"


@require_GET
@requires(has_rulings)
def ruling_list(request: StaffRequest) -> HttpResponse:
    """The newest first. Words and units, no person: a ruling is read long after its case."""
    rows = Ruling.objects.visible_to(request.post).with_page_data()
    page = keyset.page(keyset.ordered(rows, SORT, is_filled=True), request.GET, sort=SORT)
    lines = [(ruling, disputes.program_named(ruling, request.post)) for ruling in page.rows]
    return render(request, "referrals/ruling_list.html", {"page": page, "lines": lines})


@require_GET
@requires(has_rulings)
def ruling_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Both claims, the window's opinion, the ruling. Who works on the referral goes on to it; the convener reads no more than this."""
    ruling = Ruling.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    referral = Referral.objects.readable_by(request.post).filter(pk=ruling.dispute.referral_id).first()
    context = {
        "ruling": ruling,
        "dispute": ruling.dispute,
        "program": disputes.program_named(ruling, request.post),
        "referral": referral,
        "waits_for_me": ruling.in_force_at is None and can_countersign(request.post, ruling),
    }
    return render(request, "referrals/ruling_detail.html", context)


@require_POST
@requires(has_rulings)
@once
def ruling_countersign(request: StaffRequest, pk: UUID) -> HttpResponse:
    ruling = transitions.countersign(ruling_id=pk, by=request.post)
    messages.success(request, f"已会签，裁定{ruling.number}生效。")
    return redirect(ruling)
