"""数据报送: one delivery, its parts, and its verbs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.navigation import address
from config.once import once
from config.submit import late, submit
from organization.gates import requires, through_any
from organization.models import Post
from organization.requests import StaffRequest
from spreadsheets.models import Batch
from spreadsheets.transitions.handing_in import FileOnItsWay

from .. import round_permissions
from ..forms.rounds import HandInForm, PaperForm, ReturnForm, SubmitForm
from ..models import Delivery, DeliveryItem
from ..round_page import DeliveryPage
from ..round_permissions import has_deliveries
from ..transitions import deliveries as verbs


def _found(request: StaffRequest, pk: UUID) -> tuple[Delivery, Post]:
    return through_any(request, lambda post: Delivery.objects.visible_to(post).with_page_data(), pk)


@require_GET
@requires(has_deliveries)
def delivery_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is owed, what was marked, and what may be done now."""
    delivery, post = _found(request, pk)
    page = DeliveryPage(delivery, post)
    return _shown(request, page, SubmitForm(is_as_returned=page.is_as_returned))


def _shown(request: StaffRequest, page: DeliveryPage, form: django_forms.Form) -> HttpResponse:
    context = {"delivery": page.delivery, "page": page, "form": form}
    return render(request, "monitoring/delivery_detail.html", context, status=422 if form.errors else 200)


@require_POST
@requires(has_deliveries)
@once
def delivery_policy(request: StaffRequest, pk: UUID) -> HttpResponse:
    delivery, post = _found(request, pk)
    item = verbs.confirm_policy(delivery_id=pk, by=post)
    messages.success(request, f"“{item.title}”：{item.get_state_display()}。")
    return redirect(delivery)


@require_POST
@requires(has_deliveries)
@once
def delivery_no_change(request: StaffRequest, pk: UUID) -> HttpResponse:
    """`item`: one or several; none: all that are not marked yet and may be marked at once."""
    delivery, post = _found(request, pk)
    named = set(filter(None, request.POST.getlist("item")))
    chosen = [item.pk for item in delivery.items.all() if str(item.pk) in named] if named else None
    count = verbs.mark_unchanged(delivery_id=pk, items=chosen, by=post)
    left_out = [] if named else DeliveryPage(delivery, post).rest.left_out
    messages.success(request, "".join([f"已声明{count}项“本月无变化”。", *left_out]))
    return redirect(delivery)


@require_POST
@requires(has_deliveries)
@once
def delivery_submit(request: StaffRequest, pk: UUID) -> HttpResponse:
    delivery, post = _found(request, pk)
    form = SubmitForm(request.POST, is_as_returned=DeliveryPage(delivery, post).is_as_returned)
    if form.is_valid():
        if submit(form, lambda: verbs.submit(delivery_id=pk, **form.said(), by=post)):
            messages.success(request, f"{delivery}已报送，等待县级平台确认。")
            return redirect(delivery)
    if told := late(request, form, delivery):
        return told
    return _shown(request, DeliveryPage(delivery, post), form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_deliveries)
@once
def delivery_return(request: StaffRequest, pk: UUID) -> HttpResponse:
    delivery, post = _found(request, pk)
    _refuse(round_permissions.can_answer(post, delivery), "由县级平台退回。")
    form = ReturnForm(request.POST or None)
    return _step(request, delivery, form, "退回报送", "已退回。", lambda: verbs.send_back(delivery_id=pk, **form.cleaned_data, by=post))


@require_POST
@requires(has_deliveries)
@once
def delivery_accept(request: StaffRequest, pk: UUID) -> HttpResponse:
    delivery, post = _found(request, pk)
    verbs.accept(delivery_id=pk, by=post)
    messages.success(request, f"{delivery}已确认。")
    return redirect(delivery)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_deliveries)
@once
def delivery_paper(request: StaffRequest, pk: UUID) -> HttpResponse:
    delivery, post = _found(request, pk)
    _refuse(round_permissions.can_register_paper(post, delivery), "纸质资料由县级平台登记，只用于乡镇报送。")
    form = PaperForm(request.POST or None)
    return _step(
        request, delivery, form, "登记纸质资料", "已登记。", lambda: verbs.register_paper(delivery_id=pk, **form.cleaned_data, by=post)
    )


@require_GET
@requires(has_deliveries)
def delivery_receipt(request: StaffRequest, pk: UUID) -> HttpResponse:
    """回执, on A4."""
    delivery, post = _found(request, pk)
    page = DeliveryPage(delivery, post)
    if not page.has_receipt:
        raise Http404("还没有报送，或已退回，没有回执。")
    return render(request, "monitoring/delivery_receipt.html", {"delivery": delivery, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(has_deliveries)
@once
def item_hand_in(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The file of one list: handed to the import, whose preview follows."""
    item, post = through_any(request, lambda post: DeliveryItem.objects.visible_to(post).exclude(key=""), pk)
    delivery, _ = _found(request, item.delivery_id)
    _refuse(round_permissions.can_fill(post, delivery), "由报送单位或县级平台上传。")
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = HandInForm(data, files, initial={"as_of": min(delivery.round.cut_off_on, clock.today())})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        given = {"file_name": file.name, "octets": file.read(), "as_of": form.cleaned_data["as_of"]}
        if batch := submit(form, lambda: _handed_in(request, item_id=pk, **given, by=post)):
            return redirect(batch)
    context = {
        "form": form,
        "delivery": delivery,
        "item": item,
        "is_on_behalf": round_permissions.is_on_behalf(post, delivery),
        "blank_url": address("spreadsheets:template_blank", item.key),
    }
    return render(request, "monitoring/item_hand_in.html", context, status=422 if form.errors else 200)


def _handed_in(request: StaffRequest, **given: Any) -> Batch:
    """The new file, or the same one that is being worked on."""
    try:
        return verbs.hand_in(**given)
    except FileOnItsWay as standing:
        messages.warning(request, str(standing))
        return standing.batch


@require_POST
@requires(has_deliveries)
@once
def item_use_file(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What was entered by the import itself counts for the item."""
    _, post = through_any(request, lambda post: DeliveryItem.objects.visible_to(post), pk)
    item = verbs.use_file(item_id=pk, by=post)
    messages.success(request, f"“{item.title}”：{item.get_state_display()}。")
    return redirect("monitoring:delivery_detail", pk=item.delivery_id)


def _refuse(may: bool, words: str) -> None:
    if not may:
        raise PermissionDenied(words)


def _step(
    request: StaffRequest, delivery: Delivery, form: django_forms.Form, title: str, done: str, verb: Callable[[], Any]
) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and submit(form, verb):
        messages.success(request, done)
        return redirect(delivery)
    if told := late(request, form, delivery):
        return told
    context = {"form": form, "delivery": delivery, "title": title}
    return render(request, "monitoring/delivery_step.html", context, status=422 if form.errors else 200)
