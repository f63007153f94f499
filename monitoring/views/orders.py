"""督办单: the list, a new one, one with its rounds, and its verbs."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset, lists
from config.once import once
from config.submit import late, submit
from organization.gates import requires, through_any
from organization.models import Post, Unit
from organization.requests import StaffRequest

from .. import chosen as choosing
from .. import permissions, transitions
from ..forms.orders import IssueForm, OrderForm, ReplyForm, SendBackForm, WithdrawForm
from ..models import SupervisionOrder
from ..order_page import TABS, OrderPage, lines, of_tab, tabs_of
from ..supervision_filters import OrderFilter

LIST = lists.declare(
    lists.List(
        "monitoring:order_list",
        (
            lists.Column("lamp", "回复时限", is_fixed=True),
            lists.Column("number", "文号", is_fixed=True),
            lists.Column("unit", "承办单位", is_fixed=True),
            lists.Column("matter", "督办事项", is_fixed=True),
            lists.Column("issuer", "发出单位"),
            lists.Column("due", "回复到期日"),
            lists.Column("since", "拟稿时间", sort="-drafted_at", is_filled=True),
        ),
        sort="-since",
        filters=OrderFilter,
    )
)


@require_GET
@requires(permissions.has_orders)
def order_list(request: StaffRequest) -> HttpResponse:
    """By what is due: to be answered by the unit, to be read by the issuing side, to be signed."""
    rows = SupervisionOrder.objects.visible_to(request.post)
    names = tabs_of(request.post)
    counts = keyset.tallies({tab: of_tab(rows, tab) for tab in names if tab in {"open", "answer", "draft"}})
    asked = request.GET.get("tab", "")
    tab = asked if asked in names else next((name for name in counts if counts[name] != "0"), "open")
    chosen = LIST.chosen(request)
    found = OrderFilter(chosen.filters, queryset=of_tab(rows, tab).with_list_data(), request=request)
    table = chosen.table(found.qs, form=found.form)
    context = {
        "filter": found,
        "table": table,
        "rows": lines(table.rows, clock.now()),
        "tabs": [
            {"label": TABS[name], "url": f"?{urlencode({'tab': name})}", "is_current": name == tab, "count": counts.get(name)}
            for name in names
        ],
        "may_draft": permissions.can_draft_order(request.post),
    }
    template = "monitoring/_order_rows.html" if request.htmx else "monitoring/order_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_draft_order)
@once
def order_new(request: StaffRequest) -> HttpResponse:
    """`?duty=`: about late matters ticked on their list; else about a matter in words. Signed at once, or left for whoever signs."""
    matters = choosing.late_matters(request)
    units = _units(request.post)
    form = OrderForm(request.POST or None, units=units, is_about_duties=bool(matters))
    if request.method == "POST" and form.is_valid():
        may_issue = permissions.issues_orders(request.post) and request.POST.get("act") != "draft"
        verb = transitions.issue_orders if may_issue else transitions.draft_orders
        orders = submit(form, lambda: verb(duty_ids=[matter.key for matter in matters], **form.said(), by=request.post))
        if orders:
            messages.success(request, f"已{'签发' if may_issue else '起草'}{len(orders)}份督办单。")
            return redirect(orders[0] if len(orders) == 1 else "monitoring:order_list")
    context = {"form": form, "matters": matters, "may_issue": permissions.issues_orders(request.post)}
    return render(request, "monitoring/order_new.html", context, status=422 if form.errors else 200)


def _units(post: Post) -> Any:
    """Whoever holds work in the county, but the own desk."""
    kinds = [Unit.Kind.DEPARTMENT, Unit.Kind.PLATFORM, Unit.Kind.TOWNSHIP_WINDOW, Unit.Kind.TOWNSHIP_OFFICE]
    return Unit.objects.visible_to(post).current(clock.today()).filter(kind__in=kinds).exclude(pk=post.unit_id).order_by("kind", "pk")


def _found(request: StaffRequest, pk: UUID) -> tuple[SupervisionOrder, Post]:
    return through_any(request, lambda post: SupervisionOrder.objects.visible_to(post).with_page_data(), pk)


@require_GET
@requires(permissions.has_orders)
def order_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is wanted, what was answered, and what may be done now."""
    order, post = _found(request, pk)
    return render(request, "monitoring/order_detail.html", {"order": order, "page": OrderPage(order, post)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.has_orders)
@once
def order_issue(request: StaffRequest, pk: UUID) -> HttpResponse:
    order, post = _found(request, pk)
    _refuse(permissions.can_issue_order(post, order), "督办单由发出单位的审批岗签发。")
    form = IssueForm(request.POST or None, initial={"demand": order.demand, "days": order.reply_days})
    return _step(request, order, form, "签发督办单", "已签发。", lambda: transitions.issue_order(order_id=pk, **form.cleaned_data, by=post))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.has_orders)
@once
def order_reply(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The unit's words: kept for its head, or sent by him."""
    order, post = _found(request, pk)
    _refuse(permissions.can_draft_reply(post, order), "由承办单位回复。")
    page = OrderPage(order, post)
    standing = {"text": page.draft.text, "seen": page.draft.mark} if page.draft else {}
    form = ReplyForm(request.POST or None, initial=standing)
    is_sent = request.POST.get("act") == "send"
    verb = transitions.send_reply if is_sent else transitions.draft_reply
    done = "已报送，等待发出单位审核。" if is_sent else "已保存，请单位负责人报送。"
    template = "monitoring/order_reply.html"
    return _step(
        request, order, form, "回复督办单", done, lambda: verb(order_id=pk, **form.cleaned_data, by=post), template=template, page=page
    )


@require_POST
@requires(permissions.has_orders)
@once
def order_accept(request: StaffRequest, pk: UUID) -> HttpResponse:
    order = transitions.accept_reply(order_id=pk, by=_found(request, pk)[1])
    messages.success(request, f"已审核通过，督办单{order.number}办结。")
    return redirect(order)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.has_orders)
@once
def order_send_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    order, post = _found(request, pk)
    _refuse(permissions.can_answer_reply(post, order), "由发出单位的审批岗审核。")
    form = SendBackForm(request.POST or None)
    return _step(
        request, order, form, "退回回复", "已退回，承办单位重新回复。",
        lambda: transitions.send_back_reply(order_id=pk, **form.cleaned_data, by=post),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.has_orders)
@once
def order_withdraw(request: StaffRequest, pk: UUID) -> HttpResponse:
    order, post = _found(request, pk)
    _refuse(permissions.can_withdraw_order(post, order), "由发出单位撤销。")
    form = WithdrawForm(request.POST or None)
    return _step(
        request, order, form, "撤销督办单", "已撤销。", lambda: transitions.withdraw_order(order_id=pk, **form.cleaned_data, by=post)
    )


def _refuse(may: bool, words: str) -> None:
    if not may:
        raise PermissionDenied(words)


def _step(
    request: StaffRequest, order: SupervisionOrder, form: django_forms.Form, title: str, done: str, verb: Callable[[], Any],
    *, template: str = "monitoring/order_step.html", page: OrderPage | None = None,
) -> HttpResponse:  # fmt: skip
    if request.method == "POST" and form.is_valid():
        if submit(form, verb):
            messages.success(request, done)
            return redirect(order)
    if told := late(request, form, order):
        return told
    context = {"form": form, "order": order, "title": title, "page": page}
    return render(request, template, context, status=422 if form.errors else 200)
