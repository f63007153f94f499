"""Coming in, going out, one's own account."""

from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.addresses import client_address, next_of
from config.navigation import CASEWORK, address
from config.submit import submit

from .. import passwords
from ..figures import figure
from ..forms import NewPasswordForm, SignInForm
from ..models import Mobile, Post, Staff
from ..requests import StaffRequest
from ..sign_in import address_is_spraying
from ..transitions import accounts, posts, sessions

LANDING = {
    "AS": "organization:staff_list",
    "AX": "organization:grant_list",
    "AU": "audit:event_list",
    "L": "monitoring:supervision_home",
}
WORKBENCH = "monitoring:workbench"


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One sentence for every failure, so that nobody learns which names exist; the lock-out says how long it lasts."""
    if request.user.is_authenticated:
        return redirect(_next(request))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        staff = _authenticate(request, form)
        if staff is not None:
            return _let_in(request, staff)
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", ""), **_demo_accounts()}
    return render(request, "organization/sign_in.html", context, status=200 if not form.errors else 422)


def _authenticate(request: HttpRequest, form: SignInForm) -> Staff | None:
    username = form.cleaned_data["username"]
    credentials = {"username": username, "password": form.cleaned_data["password"]}
    minutes = figure("sign_in_lock_minutes")
    if address_is_spraying(client_address(request)):
        form.add_error(None, f"这个网络地址登录失败次数过多，请 {minutes} 分钟后再试，或换一处网络登录。")
        return None
    was_open = AxesProxyHandler.is_allowed(request, credentials)
    staff = authenticate(request, **credentials) if was_open else None
    if isinstance(staff, Staff):
        return staff
    locked = not AxesProxyHandler.is_allowed(request, credentials)
    if was_open:
        sessions.fail(username=username, locked=locked)
    form.add_error(
        None, f"连续输错次数过多，已锁定 {minutes} 分钟。急用请联系安全管理员解锁。" if locked else "登录名或密码不对，请重新输入。"
    )
    return None


def _let_in(request: HttpRequest, staff: Staff) -> HttpResponse:
    before, address = staff.last_login, staff.last_login_address
    login(request, staff)
    request.session["began_at"] = clock.now().isoformat()
    request.session["previous"] = {"at": before.isoformat() if before else "", "address": address or ""}
    post = _resumed(request, staff)
    sessions.arrive(staff=staff, address=client_address(request), by=post)
    if before:
        messages.info(
            request,
            f"上次登录：{clock.local(before):%Y年%m月%d日 %H:%M}，来自 {address or '本机'}。如不是您本人，请立即修改密码并告知安全管理员。",
        )
    else:
        messages.info(request, "这是您第一次登录。")
    return redirect(_next(request))


def _resumed(request: HttpRequest, staff: Staff) -> Post | None:
    """The post one acts for: over an open page the one it was opened with, if it is still one's own; else the first."""
    held, asked = Post.objects.effective(clock.today()).filter(staff=staff), request.POST.get("post", "")[:18]
    same = held.filter(pk=asked).first() if asked.isdecimal() else None
    if same:
        request.session["post_id"] = same.pk
    return same or held.first()


@login_not_required
@never_cache
@require_GET
def session_state(request: StaffRequest) -> HttpResponse:
    """Who is signed in here, asked by an open page before it sends a form; 401: nobody any more. Asking is no use of the session.

    The token is fresh: signing in again gave the old ones up.
    """
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    answer = {
        "staff": request.user.pk,
        "post": request.post.pk if request.post else None,
        "post_label": request.post.label if request.post else "",
        "must_change_password": bool(passwords.must_change(request.user)),
        "token": get_token(request),
    }
    return JsonResponse(answer)


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else resolve_url("organization:home")


def _demo_accounts() -> dict[str, object]:
    """Accounts and password of the demo's cast; nothing anywhere else."""
    if not settings.IS_DEMO:
        return {"demo_accounts": [], "demo_password": ""}
    from .. import demo

    return {"demo_accounts": demo.accounts_shown(), "demo_password": demo.PASSWORD}


@require_POST
def sign_out(request: StaffRequest) -> HttpResponse:
    sessions.leave(staff=request.user, reason="本人退出", by=request.post)
    logout(request)
    messages.success(request, "已退出。")
    return redirect("organization:sign_in")


@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Each post lands on its own work (UI): the workbench, where casework is done; the administrators on what they administer."""
    if request.post is None:
        return render(request, "organization/no_post.html")
    return redirect(LANDING.get(request.post.role, WORKBENCH))


@never_cache
@sensitive_post_parameters("current", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request: StaffRequest) -> HttpResponse:
    """Not under `once`: a wrong present password is counted as at the door, and stays counted although the page is refused."""
    form = NewPasswordForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        changed = submit(
            form, lambda: accounts.change_password(staff_id=request.user.pk, password=form.cleaned_data["password"], by=request.post)
        )
        if changed:
            update_session_auth_hash(request, changed)
            messages.success(request, "密码已修改，其他地方的登录已全部退出。")
            return redirect("organization:home")
    required = passwords.must_change(request.user)
    return render(request, "organization/password_change.html", {"form": form, "required": required}, status=422 if form.errors else 200)


@require_GET
def account(request: StaffRequest) -> HttpResponse:
    """One's own account: who I am, which posts, until when, when I last came."""
    held = Post.objects.held_by(request.user.pk).select_related("unit", "staff")
    before = request.session.get("previous", {"at": "", "address": ""})
    previous = {**before, "at": datetime.fromisoformat(before["at"]) if before["at"] else None}
    rows = [(post, post.state_on(clock.today())) for post in held]
    kin_url = address("households:own_kin") if request.post and request.post.role in CASEWORK else ""
    context = {"held": rows, "previous": previous, "kin_url": kin_url, "mobile": Mobile.objects.of(request.user.pk)}
    return render(request, "organization/account.html", context)


@require_POST
def post_switch(request: StaffRequest, pk: int) -> HttpResponse:
    """To one's own work; from a page that another post may not open (`_other_posts.html`) to that page."""
    if request.post is None:
        return redirect("organization:home")
    post = posts.switch(post_id=pk, by=request.post)
    request.session["post_id"] = post.pk
    messages.success(request, f"现以“{post.label}”身份工作。")
    return redirect(next_of(request) or "organization:home")
