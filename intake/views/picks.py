"""From the screening of a household into its application."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from config import clock
from config.once import once
from households.models import Household
from organization.gates import requires
from organization.requests import StaffRequest

from ..models import Application
from ..permissions import can_receive
from ..transitions.picks import Pick, draft_of, take_picks
from .steps import back_to

MOST = 60
KEPT = "screening_picks"


@require_POST
@requires(can_receive)
@once
def picks_take(request: StaffRequest) -> HttpResponse:
    """Into the application that is being filled in; without one, a new one is begun with what was ticked."""
    household = Household.objects.visible_to(request.post).get_or_404(request.POST.get("household") or None)
    picks = picks_of(request.POST.getlist("picks"))
    if not picks:
        messages.warning(request, "没有勾选项目。请在筛查页面勾选要申请的项目。")
        return redirect("households:screening", pk=household.pk)
    application = draft_of(household, request.post)
    if application is None:
        # in the session, not in the address: what somebody may be entitled to stays out of the server's log
        ticked = [f"{pick.program}:{pick.resident}" for pick in picks]
        request.session[KEPT] = {"household": str(household.pk), "on": clock.today().isoformat(), "picks": ticked}
        return redirect(f"{reverse('intake:application_new')}?{urlencode({'household': household.pk})}")
    put_into(request, application, picks)
    return back_to(application, "items")


def picks_of(texts: list[str]) -> list[Pick]:
    return [pick for text in texts[:MOST] if (pick := Pick.read(text)) is not None]


def picks_kept(request: StaffRequest, household: Household) -> list[Pick]:
    """What was ticked before there was an application: once, and on the same day, since tomorrow the screening may say something else."""
    kept: dict[str, Any] = request.session.pop(KEPT, {})
    is_of_today = kept.get("household") == str(household.pk) and kept.get("on") == clock.today().isoformat()
    return picks_of(kept["picks"]) if is_of_today else []


def put_into(request: StaffRequest, application: Application, picks: list[Pick]) -> None:
    """Added, and told what was added and what was not."""
    taken = take_picks(application_id=application.pk, picks=picks, by=request.post)
    if taken.added:
        messages.success(request, f"已填入：{'、'.join(taken.added)}。请逐项核对办理情形，不对的删除后重新添加。")
    for text in taken.refused:
        messages.warning(request, text)
