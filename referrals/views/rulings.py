"""Rulings on disputes: read by the parties, countersigned by the convener (ZX-34)."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.once import once
from config.submit import late, submit
from organization.gates import requires
from organization.requests import StaffRequest

from .. import disputes, routing, ruling_paper, transitions
from ..forms import SupersedeForm
from ..models import Referral, Ruling
from ..permissions import can_countersign, can_supersede, has_rulings, watches
from ..transitions.superseding import refuse_former, refuse_standing

SORT = "-ruled_at"


@require_GET
@requires(has_rulings)
def ruling_list(request: StaffRequest) -> HttpResponse:
    """The newest first. Words and units, no person: a ruling is read long after its case."""
    rows = Ruling.objects.visible_to(request.post).with_page_data()
    page = keyset.page(keyset.ordered(rows, SORT, is_filled=True), request, sort=SORT)
    lines = [(ruling, disputes.program_named(ruling, request.post), disputes.is_told(ruling, request.post)) for ruling in page.rows]
    return render(request, "referrals/ruling_list.html", {"page": page, "lines": lines})


@require_GET
@requires(has_rulings)
def ruling_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Both claims, the window's opinion, the ruling. Who works on the referral goes on to it; the convener reads no more than this."""
    ruling = Ruling.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    if not disputes.is_told(ruling, request.post):
        raise Http404("没有找到，或不在您的权限范围内。")
    referral = Referral.objects.readable_by(request.post).filter(pk=ruling.dispute.referral_id).first()
    context = {
        "ruling": ruling,
        "dispute": ruling.dispute,
        "program": disputes.program_named(ruling, request.post),
        "referral": referral,
        "paper": ruling_paper.of(ruling),
        "may_supersede": can_supersede(request.post, ruling) and ruling.in_force_at is not None and ruling.successor is None,
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


@require_http_methods(["GET", "HEAD", "POST"])
@requires(watches)
@once
def ruling_supersede(request: StaffRequest, pk: UUID) -> HttpResponse:
    """重新裁定: what was ruled stands beside the form; it begins with the former words, since most of them hold."""
    former = Ruling.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    if not can_supersede(request.post, former):
        raise PermissionDenied("由县级平台审批岗重新裁定。")
    referral = former.dispute.referral
    if request.method != "POST":
        refuse_former(former)
        refuse_standing(referral)
    units = routing.units_for(referral.township_code, clock.today()).exclude(pk=former.named_unit_id).order_by("kind", "name")
    form = SupersedeForm(request.POST or None, units=units, initial={"assessment": former.assessment, "basis": former.basis})
    if request.method == "POST" and form.is_valid():
        later = submit(form, lambda: transitions.supersede(ruling_id=pk, **form.said(), by=request.post))
        if later:
            messages.success(request, f"已重新裁定（{later.number}）{'，等待召集人会签' if later.in_force_at is None else '，即时生效'}。")
            return redirect(later)
    if told := late(request, form, former):
        return told
    context = {"form": form, "former": former, "program": disputes.program_named(former, request.post)}
    return render(request, "referrals/ruling_supersede.html", context, status=422 if form.errors else 200)
