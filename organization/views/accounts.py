"""Accounts and posts: the system administrator creates and proposes, the security administrator grants, the auditor reads."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.once import once
from config.submit import late, submit

from ..filters import StaffFilter
from ..forms import PasswordIssueForm, PostForm, ReasonForm, StaffForm
from ..gates import requires
from ..models import Mobile, Post, Staff
from ..permissions import can_create_accounts, can_disable, can_end, can_grant, can_grant_posts, can_issue_password, can_read_accounts
from ..requests import StaffRequest
from ..transitions import accounts, posts


@require_GET
@requires(can_read_accounts)
def staff_list(request: StaffRequest) -> HttpResponse:
    found = StaffFilter(request.GET, queryset=Staff.objects.visible_to(request.post).with_posts(clock.today()))
    page = Paginator(found.qs, 50).get_page(request.GET.get("page"))
    context = {"filter": found, "page": page, "can_create": can_create_accounts(request.post)}
    template = "organization/_staff_table.html" if request.htmx else "organization/staff_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_create_accounts)
@once
def staff_create(request: StaffRequest) -> HttpResponse:
    form, first = StaffForm(request.POST or None), PasswordIssueForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and first.is_valid():
        staff = submit(form, lambda: accounts.create_staff(**form.cleaned_data, **first.cleaned_data, by=request.post))
        if staff:
            messages.success(request, f"已为 {staff.name} 建立账号 {staff.username}。请接着提出岗位，由安全管理员授权后生效。")
            return redirect("organization:post_propose", pk=staff.pk)
    return render(
        request, "organization/staff_create.html", {"form": form, "first": first}, status=422 if form.errors or first.errors else 200
    )


@require_GET
@requires(can_read_accounts)
def staff_detail(request: StaffRequest, pk: int) -> HttpResponse:
    staff = Staff.objects.visible_to(request.post).get_or_404(pk)
    by, today = request.post, clock.today()
    held = Post.objects.visible_to(by).held_by(pk).select_related("unit", "staff", "proposed_by__staff", "granted_by__staff")
    context = {
        "person": staff,
        "mobile": Mobile.objects.visible_to(by).of(pk),
        "held": [_post_row(by, post, today) for post in held],
        "can_create": can_create_accounts(by),
        "can_disable": can_disable(by, staff),
        "can_issue_password": can_issue_password(by, staff),
        "can_grant": can_grant_posts(by),
    }
    return render(request, "organization/staff_detail.html", context)


def _post_row(by: Post, post: Post, today: date) -> dict[str, Any]:
    people = (post.proposed_by, post.granted_by)
    return {
        "post": post,
        "state": post.state_on(today),
        "duties": post.duties,
        "who": "；".join(p.staff.name for p in people if p),
        "can_grant": post.is_pending and can_grant(by, post),
        "can_end": post.is_open and can_end(by, post),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_create_accounts)
@once
def staff_describe(request: StaffRequest, pk: int) -> HttpResponse:
    staff = Staff.objects.visible_to(request.post).get_or_404(pk)
    initial = {f: getattr(staff, f) for f in ("username", "name", "employment_type", "phone")}
    form = StaffForm(request.POST or None, initial=initial)
    form.fields["username"].disabled = True
    if request.method == "POST" and form.is_valid():
        data = {k: v for k, v in form.cleaned_data.items() if k != "username"}
        if submit(form, lambda: accounts.describe_staff(staff_id=pk, **data, by=request.post)):
            messages.success(request, "已保存。")
            return redirect("organization:staff_detail", pk=pk)
    return render(request, "organization/staff_describe.html", {"form": form, "person": staff}, status=422 if form.errors else 200)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_create_accounts)
@once
def staff_issue_password(request: StaffRequest, pk: int) -> HttpResponse:
    staff = Staff.objects.visible_to(request.post).get_or_404(pk)
    form = PasswordIssueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: accounts.issue_password(staff_id=pk, password=form.cleaned_data["password"], by=request.post)):
            messages.success(request, f"已为 {staff.name} 设置初始密码，下次登录须修改。")
            return redirect("organization:staff_detail", pk=pk)
    context = {"form": form, "person": staff, "heading": "设置初始密码", "confirm": "设置"}
    return render(request, "organization/step.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_create_accounts)
@once
def staff_disable(request: StaffRequest, pk: int) -> HttpResponse:
    """Disable an account in use, or enable a disabled one: the same page, the other way round."""
    staff = Staff.objects.visible_to(request.post).get_or_404(pk)
    verb, heading = (accounts.disable, "停用账号") if staff.is_active else (accounts.enable, "启用账号")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: verb(staff_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, f"已{heading}：{staff.name}。")
            return redirect("organization:staff_detail", pk=pk)
    context = {"form": form, "person": staff, "heading": heading, "confirm": heading}
    return render(request, "organization/step.html", context, status=422 if form.errors else 200)


@require_POST
@requires(can_grant_posts)
@once
def staff_lift_lock(request: StaffRequest, pk: int) -> HttpResponse:
    staff = accounts.lift_lock(staff_id=pk, by=request.post)
    messages.success(request, f"已解除 {staff.name} 的登录锁定。")
    return redirect("organization:staff_detail", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_create_accounts)
@once
def post_propose(request: StaffRequest, pk: int) -> HttpResponse:
    staff = Staff.objects.visible_to(request.post).get_or_404(pk)
    form = PostForm(request.POST or None, by=request.post)
    if request.method == "POST" and form.is_valid():
        data = {**form.cleaned_data, "flags": frozenset(form.cleaned_data["flags"])}
        if submit(form, lambda: posts.propose(staff_id=pk, **data, by=request.post)):
            messages.success(request, "已提出，待安全管理员授权后生效。")
            return redirect("organization:staff_detail", pk=pk)
    return render(request, "organization/post_propose.html", {"form": form, "person": staff}, status=422 if form.errors else 200)


@require_GET
@requires(can_read_accounts)
def grant_list(request: StaffRequest) -> HttpResponse:
    """Proposed posts waiting for the security administrator, oldest first."""
    waiting = (
        Post.objects.visible_to(request.post)
        .awaiting_grant()
        .select_related("unit", "staff", "proposed_by__staff")
        .order_by("proposed_at", "pk")
    )
    page = Paginator(waiting, 50).get_page(request.GET.get("page"))
    rows = [(post, can_grant(request.post, post)) for post in page]
    return render(request, "organization/grant_list.html", {"page": page, "rows": rows, "can_grant": can_grant_posts(request.post)})


@require_POST
@requires(can_grant_posts)
@once
def post_grant(request: StaffRequest, pk: int) -> HttpResponse:
    post = posts.grant(post_id=pk, by=request.post)
    messages.success(request, f"已授权：{post.label}，{post.valid_from} 至 {post.valid_until}。")
    return redirect("organization:grant_list")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_grant_posts)
@once
def post_refuse(request: StaffRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, posts.refuse, "不予授权")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_grant_posts)
@once
def post_end(request: StaffRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, posts.end, "终止岗位")


def _with_reason(request: StaffRequest, pk: int, verb: object, heading: str) -> HttpResponse:
    post = Post.objects.visible_to(request.post).get_or_404(pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: verb(post_id=pk, reason=form.cleaned_data["reason"], by=request.post)):  # type: ignore[operator]
            messages.success(request, f"已{heading}：{post.label}。")
            return redirect("organization:staff_detail", pk=post.staff_id)
    if told := late(request, form, reverse("organization:staff_detail", args=[post.staff_id])):
        return told
    context = {"form": form, "person": post.staff, "target": post, "heading": heading, "confirm": heading}
    return render(request, "organization/step.html", context, status=422 if form.errors else 200)
