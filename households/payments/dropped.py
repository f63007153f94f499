"""A draft that was dropped while somebody had its page: whoever would see it is told by whom, and is not sent to look for it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase

from audit.models import Event
from config import clock
from config.submit import instead
from organization.kinds import COUNTY_WIDE
from organization.lineage import departments
from organization.models import Post
from organization.requests import StaffRequest
from programs.models import Program

from ..models import PaymentList

View = Callable[..., HttpResponseBase]


def told_when_dropped(view: View) -> View:
    """For a view of one list. Stands below the gates, above `once`: what was begun of the step is undone."""

    @wraps(view)
    def guarded(request: StaffRequest, pk: UUID, **given: Any) -> HttpResponseBase:
        try:
            return view(request, pk, **given)
        except Http404:
            if sentence := _sentence(request.post, pk):
                return instead(request, sentence, "payments:payment_list_list")
            raise

    return guarded


def _sentence(post: Post, pk: UUID) -> str:
    """Who dropped it and when; "" where there was none, or none that the post would have seen (`PaymentListQuerySet.open_to`)."""
    rows = Event.objects.filter(verb="payment_list.dropped", subject_label=PaymentList._meta.label_lower, subject_id=str(pk))
    event = rows.order_by("-id").first()
    program = Program.objects.filter(pk=event.data.get("program", "")).first() if event else None
    if event is None or program is None:
        return ""
    if post.unit.kind in COUNTY_WIDE:
        may_know = not program.is_sensitive
    else:
        may_know = post.unit.kind == "department" and program.department_id in departments(post)
    if not may_know:
        return ""
    when = f"{clock.local(event.at):%Y-%m-%d %H:%M}"
    return f"{event.subject_text or '这份名册'}已由{event.post_label}于{when}删除（还没有月结，没有发放过）。还要发放的，请重新编制。"
