"""Who is acting in this request: the post, the limits of the session, and the password that must be changed first."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve

from config import clock

from . import passwords
from .models import Post, Staff
from .transitions import sessions

ALWAYS_OPEN = frozenset({"organization:sign_out", "organization:password_change", "organization:large_text"})


class ActingPostMiddleware:
    """Sets `request.posts` (effective today) and `request.post`; a post that expired or ended is gone with the next request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.posts, request.post = [], None
        if not request.user.is_authenticated:
            return self.get_response(request)
        staff: Staff = request.user
        request.posts = list(
            Post.objects.effective(clock.today()).filter(staff=staff).select_related("unit__region", "unit__department", "staff")
        )
        chosen = request.session.get("post_id")
        request.post = next((p for p in request.posts if p.pk == chosen), request.posts[0] if request.posts else None)
        why = _expired(request) or ("" if staff.is_active else "帐号已停用")
        if why:
            return self._sign_out(request, staff, why)
        if chosen and request.post and request.post.pk != chosen:
            request.session["post_id"] = request.post.pk
            messages.warning(request, f"您原来的岗位已到期或终止，现以“{request.post.label}”身份继续。")
        if passwords.must_change(staff) and _name_of(request) not in ALWAYS_OPEN:
            return redirect("organization:password_change")
        return self.get_response(request)

    def _sign_out(self, request: HttpRequest, staff: Staff, why: str) -> HttpResponse:
        sessions.leave(staff=staff, reason=why, by=request.post)
        path = request.get_full_path() if request.method == "GET" else "/"
        logout(request)
        messages.warning(request, f"{why}，请重新登录。")
        response = redirect(f"{settings.SIGN_IN_PATH}?next={path}" if path != "/" else settings.SIGN_IN_PATH)
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=401, headers={"HX-Redirect": settings.SIGN_IN_PATH})
        return response


def _expired(request: HttpRequest) -> str:
    """Why the session has ended, if it has; else remember that it was used, at most once a minute."""
    moment = clock.now()
    began = datetime.fromisoformat(request.session.setdefault("began_at", moment.isoformat()))
    used = datetime.fromisoformat(request.session.get("used_at", began.isoformat()))
    if moment - began > timedelta(minutes=settings.SESSION_ABSOLUTE_MINUTES):
        return f"登录已超过 {settings.SESSION_ABSOLUTE_MINUTES // 60} 小时"
    if moment - used > timedelta(minutes=settings.SESSION_IDLE_MINUTES):
        return f"已有 {settings.SESSION_IDLE_MINUTES} 分钟没有操作"
    if moment - used > timedelta(minutes=1) or "used_at" not in request.session:
        request.session["used_at"] = moment.isoformat()
    return ""


def _name_of(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""
