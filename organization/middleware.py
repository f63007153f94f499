"""Who is acting in this request: the post, the limits of the session, and the password that must be changed first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from config import clock

from . import passwords
from .figures import figure
from .models import Post
from .requests import StaffRequest
from .transitions import sessions

ALWAYS_OPEN = frozenset({"organization:sign_out", "organization:password_change", "text_size"})


class ActingPostMiddleware:
    """Sets `request.posts` (effective today) and `request.post`; a post that expired or ended is gone with the next request."""

    def __init__(self, get_response: Callable[[StaffRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: StaffRequest) -> HttpResponse:
        request.posts = []
        request.post = None  # type: ignore[assignment]  # pages that need one are behind `requires`
        if not request.user.is_authenticated:
            return self.get_response(request)
        staff = request.user
        effective = Post.objects.effective(clock.today()).filter(staff=staff)
        request.posts = list(effective.select_related("unit__region", "unit__department", "staff"))
        chosen = request.session.get("post_id")
        post = next((p for p in request.posts if p.pk == chosen), request.posts[0] if request.posts else None)
        request.post = post  # type: ignore[assignment]
        why = _expired(request)
        if why:
            return _sign_out(request, why)
        if chosen and request.post and request.post.pk != chosen:
            request.session["post_id"] = request.post.pk
            messages.warning(request, f"您原来的岗位已到期或终止，现以“{request.post.label}”身份继续。")
        if passwords.must_change(staff) and _name_of(request) not in ALWAYS_OPEN:
            return redirect("organization:password_change")
        return self.get_response(request)


def _sign_out(request: StaffRequest, why: str) -> HttpResponse:
    sessions.leave(staff=request.user, reason=why, by=request.post)
    back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" and request.path != "/" else ""
    logout(request)
    messages.warning(request, f"{why}，请重新登录。")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("organization:sign_in")})
    return redirect(reverse("organization:sign_in") + back)


def _expired(request: StaffRequest) -> str:
    """Why the session has ended, if it has; else remember that it was used, at most once a minute."""
    moment = clock.now()
    began = datetime.fromisoformat(request.session.setdefault("began_at", moment.isoformat()))
    used = datetime.fromisoformat(request.session.get("used_at", began.isoformat()))
    if moment - began > timedelta(hours=figure("session_absolute_hours")):
        return f"登录已超过 {figure('session_absolute_hours')} 小时"
    if moment - used > timedelta(minutes=figure("session_idle_minutes")):
        return f"已有 {figure('session_idle_minutes')} 分钟没有操作"
    if moment - used > timedelta(minutes=1) or "used_at" not in request.session:
        request.session["used_at"] = moment.isoformat()
    return ""


def _name_of(request: StaffRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""
