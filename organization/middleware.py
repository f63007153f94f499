"""Who is acting in this request: the way to sign in, the post, the limits of the session, the password that must be changed first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from config import clock, problems
from config.addresses import page_before
from config.polling import is_poll
from config.remembered import Remembered

from . import passwords
from .figures import figure
from .models import Post
from .requests import StaffRequest
from .transitions import sessions

SESSION_STATE = "organization:session_state"
ALWAYS_OPEN = frozenset({"organization:sign_out", "organization:password_change", SESSION_STATE, "text_size"})


# Asked anew with each request; only its text is remembered.
_posts = Remembered(
    lambda on, staff: Post.objects.effective(on).filter(staff_id=staff).select_related("unit__region", "unit__department", "staff")
)


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Every page is for people signed in, unless its view opts out. Afterwards they are back where they were."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]) -> HttpResponseRedirect:
        """A post led away from comes back to the page its form stands on: its own address may know no GET."""
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        return HttpResponseRedirect(_sign_in(page_before(request)))


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
        request.posts = _posts.rows(clock.today(), staff.pk)
        chosen = request.session.get("post_id")
        post = next((p for p in request.posts if p.pk == chosen), request.posts[0] if request.posts else None)
        request.post = post  # type: ignore[assignment]
        name, is_asking = _view_of(request)
        why = _expired(request, is_use=not is_asking)
        if why:
            return _sign_out(request, why, asks_only=name == SESSION_STATE)
        if chosen and request.post and request.post.pk != chosen:
            request.session["post_id"] = request.post.pk
            messages.warning(request, f"您原来的岗位已到期或终止，现以“{request.post.label}”身份继续。")
        if passwords.must_change(staff) and name not in ALWAYS_OPEN:
            if problems.is_api(request):
                return problems.refused(request, 403, "请先在网页登录并修改密码。")
            return redirect("organization:password_change")
        return self.get_response(request)


def _sign_in(back: str) -> str:
    """The sign-in page; from the front door it leads to one's own work anyway."""
    return reverse("organization:sign_in") + (f"?{urlencode({'next': back})}" if back not in {"", "/"} else "")


def _sign_out(request: StaffRequest, why: str, *, asks_only: bool) -> HttpResponse:
    """Over a page that only asks, or asks for a fragment, its scripts let people sign in (js/session.js)."""
    sessions.leave(staff=request.user, reason=why, by=request.post)
    logout(request)
    if asks_only:
        return HttpResponse(status=401)
    if problems.is_api(request):
        return problems.refused(request, 401, f"{why}，请重新登录。")
    back = request.get_full_path() if request.method == "GET" else page_before(request)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": _sign_in(page_before(request))})
    messages.warning(request, f"{why}，请重新登录。")
    return redirect(_sign_in(back))


def _expired(request: StaffRequest, *, is_use: bool) -> str:
    """Why the session has ended, if it has; else remember that it was used, at most once a minute. To ask whether it lives is no use."""
    moment = clock.now()
    began = datetime.fromisoformat(request.session.setdefault("began_at", moment.isoformat()))
    used = datetime.fromisoformat(request.session.get("used_at", began.isoformat()))
    if moment - began > timedelta(hours=figure("session_absolute_hours")):
        return f"登录已超过 {figure('session_absolute_hours')} 小时"
    if moment - used > timedelta(minutes=figure("session_idle_minutes")):
        return f"已有 {figure('session_idle_minutes')} 分钟没有操作"
    if is_use and (moment - used > timedelta(minutes=1) or "used_at" not in request.session):
        request.session["used_at"] = moment.isoformat()
    return ""


def _view_of(request: StaffRequest) -> tuple[str, bool]:
    """The name of the page, and whether it is one that scripts ask by themselves: no use of the session."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return "", False
    return match.view_name, match.view_name == SESSION_STATE or is_poll(match.func)
