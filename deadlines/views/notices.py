"""What the house tells its people."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import keyset
from config.once import once
from organization.gates import requires
from organization.requests import StaffRequest

from .. import transitions
from ..models import Notice


@require_GET
@requires()
def notice_list(request: StaffRequest) -> HttpResponse:
    """Newest first, over all posts of the person."""
    inbox = Notice.objects.inbox(request.posts)
    shows_all = request.GET.get("tab") == "all"
    rows = inbox.select_related("unit", "read_by__staff", "read_by__unit")
    segments = keyset.ordered(rows if shows_all else rows.unread(), "-delivered_at", is_filled=True)
    page = keyset.page(segments, request, sort="-delivered_at")
    tabs = [
        {"label": "未读", "url": "?", "is_current": not shows_all, "count": None},
        {"label": "全部", "url": "?tab=all", "is_current": shows_all, "count": None},
    ]
    return render(request, "deadlines/notice_list.html", {"page": page, "tabs": tabs, "shows_all": shows_all})


@require_POST
@requires()
def notice_read(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Read, and on to the page it is about."""
    notice = Notice.objects.inbox(request.posts).get_or_404(pk)
    acting = next((post for post in request.posts if post.unit_id == notice.unit_id), request.post)
    transitions.read_notice(notice_id=pk, by=acting)
    return redirect(notice.url or "deadlines:notice_list")


@require_POST
@requires()
@once
def notice_read_all(request: StaffRequest) -> HttpResponse:
    count = transitions.read_all_notices(posts=request.posts, by=request.post)
    messages.success(request, f"已将{count}条消息标为已读。")
    return redirect("deadlines:notice_list")
