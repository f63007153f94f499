"""The record, read: all of it by the auditor, one's own lines by everybody else."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from .filters import EventFilter
from .models import Event
from .presenters import as_read, phrase, subject_line

PAGE = 50


@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    """Newest first; pages go by id, so that page 2,000 costs what page 1 does."""
    post: Any = getattr(request, "post", None)
    found = EventFilter(request.GET, queryset=Event.objects.visible_to(post).select_related("by"), request=request)
    rows = found.qs if found.is_valid() else Event.objects.none()
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=int(before[:18]))
    events = as_read(list(rows[: PAGE + 1]), post)
    following = request.GET.copy()
    following["before"] = str(events[PAGE - 1].pk) if len(events) > PAGE else ""
    context = {
        "filter": found,
        "rows": [_told(event, post) for event in events[:PAGE]],
        "next": f"?{following.urlencode()}" if following["before"] else "",
        "previous": "" if not before else f"?{_without_position(request)}",
        "sees_all": _sees_all(post),
    }
    return render(request, "audit/_event_table.html" if request.headers.get("HX-Request") else "audit/event_list.html", context)


CONFIDENTIAL = "（涉及敏感项目，不显示内容）"


def _told(event: Event, post: Any) -> tuple[Event, str, str]:
    """A line as it is shown. What a confidential one is about is told to its author alone, not to whoever audits (DESIGN 2)."""
    in_full = not event.is_confidential or (post is not None and event.by_id == post.staff_id)
    if not in_full:
        event.subject_text, event.old, event.new, event.note, event.data = CONFIDENTIAL, "", "", "", {}
    return event, phrase(event, in_full=in_full), subject_line(event)


def _sees_all(post: Any) -> bool:
    """The auditor, who also reads the record by the names of verbs."""
    return post is not None and post.unit.kind == "audit_administration"


def _without_position(request: HttpRequest) -> str:
    """The query string of the newest page under the same filters."""
    query = request.GET.copy()
    query.pop("before", None)
    return query.urlencode() or "before="


@require_GET
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One line with everything it holds."""
    event = Event.objects.visible_to(getattr(request, "post", None)).select_related("by").filter(pk=pk).first()
    if event is None:
        raise Http404("没有找到，或不在您的权限范围内。")
    [event] = as_read([event], getattr(request, "post", None))
    event, sentence, subject = _told(event, getattr(request, "post", None))
    context = {
        "event": event,
        "phrase": sentence,
        "subject": subject,
        "data": sorted(event.data.items()),
        "sees_all": _sees_all(getattr(request, "post", None)),
    }
    return render(request, "audit/event_detail.html", context)
