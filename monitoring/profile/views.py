"""精准画像 and the booklet 一户一册. Each opening is a line of the record: the page tells all about a family at once (SECURITY S8)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from audit.reading import leaves_a_line
from config import clock
from documents.downloads import word_file
from documents.word.pages import word_page
from households.models import Household
from households.page import sees_card_only
from households.permissions import can_search
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest

from .chain import DOUBT
from .page import profile_of

READ, PRINTED = "household.profile_read", "household.booklet_read"
ON_PAPER = 60  # entries of the chain in a booklet


@require_GET
@requires(can_search)
def profile(request: StaffRequest, pk: UUID) -> HttpResponse:
    """All about one household on a page, as far as the post may read it."""
    household = _household(request, pk)
    if household.successor_id:
        return redirect("profile:profile", pk=household.successor_id)
    answer = render(request, "monitoring/profile.html", {"profile": profile_of(household, request.post)})
    return leaves_a_line(answer, READ, household, by=request.post, household_id=household.pk)


@require_GET
@requires(can_search)
def booklet(request: StaffRequest, pk: UUID) -> HttpResponse:
    """一户一册 on A4: the same, for the file of the household or the visit; so without doubts, which are the office's own."""
    household = _household(request, pk)
    if household.successor_id:
        return redirect("profile:booklet", pk=household.successor_id)
    answer = render(request, "monitoring/booklet.html", _booklet(household, request.post))
    return leaves_a_line(answer, PRINTED, household, by=request.post, household_id=household.pk)


@require_GET
@requires(can_search)
def booklet_docx(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The same as a Word file, with who took it when on each sheet."""
    household = _household(request, pk)
    if household.successor_id:
        return redirect("profile:booklet_docx", pk=household.successor_id)
    content = render_to_string("monitoring/_booklet.html", _booklet(household, request.post))
    taken = f"{clock.local(clock.now()):%Y-%m-%d %H:%M} {request.post.label}下载，仅供办理救助使用"
    octets = word_page("困难家庭救助一户一册", content, above=f"户编号 {household.number}", below=taken)
    answer = word_file(octets, f"一户一册 {household.number}.docx")
    return leaves_a_line(answer, PRINTED, household, by=request.post, household_id=household.pk)


def _booklet(household: Household, post: Post) -> dict[str, Any]:
    found = profile_of(household, post)
    entries = [entry for entry in found.chain.entries if entry.what != DOUBT]
    return {"profile": found, "entries": entries[:ON_PAPER], "is_cut": found.chain.is_cut or len(entries) > ON_PAPER}


def _household(request: StaffRequest, pk: UUID) -> Household:
    household: Household = Household.objects.visible_to(request.post).select_related("region__parent", "opened_by__unit").get_or_404(pk)
    if sees_card_only(household, request.post):
        raise PermissionDenied("本单位只是协助核实，不查看这个家庭的画像。")
    return household
