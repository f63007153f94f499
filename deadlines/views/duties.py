"""Why a date is that date, and a duty taken, put back, taken over; the list of them is the workbench."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.once import once
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest

from .. import counting, transitions
from ..discretion import UNTOLD, may_tell
from ..models import Duty
from ..permissions import can_take
from ..reminder_view import reminders_of

WORKBENCH = "monitoring:workbench"  # above us: by its name alone


@require_GET
@requires()
def duty_explain(request: StaffRequest, pk: UUID) -> HttpResponse:
    """为什么是这一天: a page, or to htmx the fragment. Of what a post may not be told about, the rule and the days alone."""
    duty = _found(request, pk)
    is_told = may_tell(duty, request.posts)
    context = {
        "duty": duty,
        "headline": duty.headline if is_told else UNTOLD,
        "facts": counting.facts_of(duty) if is_told else [],
        "explanation": counting.explain(duty, is_told=is_told),
        "lamp": counting.lamp_of(duty, clock.now(), counting.calendar_for(duty)) | {"url": ""},
        "reminders": reminders_of(duty),
        "can_take": duty.is_open and can_take(_acting(request, duty), duty),
    }
    template = "deadlines/_explanation.html" if request.htmx else "deadlines/duty_explain.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_POST
@requires()
@once
def duty_take(request: StaffRequest, pk: UUID) -> HttpResponse:
    duty = transitions.take(duty_id=pk, by=_acting(request, _found(request, pk)))
    messages.success(request, f"已领办：{duty.title}。")
    return redirect(duty.url or WORKBENCH)


@require_POST
@requires()
@once
def duty_take_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    duty = transitions.take_over(duty_id=pk, by=_acting(request, _found(request, pk)))
    messages.success(request, f"已接办：{duty.title}。")
    return redirect(duty.url or WORKBENCH)


@require_POST
@requires()
@once
def duty_put_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    duty = transitions.put_back(duty_id=pk, by=_acting(request, _found(request, pk)))
    messages.success(request, f"已放回待办：{duty.title}。")
    return redirect(WORKBENCH)


def _found(request: StaffRequest, pk: UUID) -> Duty:
    """In the inbox of any of the person's posts, else what the acting post sees."""
    related = ("unit", "taken_by__unit", "taken_by__staff", "closed_by__unit", "closed_by__staff", "opened_by__unit", "opened_by__staff")
    mine = Duty.objects.inbox(request.posts).select_related(*related).filter(pk=pk).first()
    return mine or Duty.objects.visible_to(request.post).select_related(*related).get_or_404(pk)


def _acting(request: StaffRequest, duty: Duty) -> Post:
    """The right one of the person's posts: that of the duty's unit."""
    return next((post for post in request.posts if post.unit_id == duty.unit_id), request.post)
