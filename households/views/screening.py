"""Screening beside the household, and what units are asked for."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock, keyset
from config.once import once
from config.submit import late, submit
from organization.figures import figure
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest

from ..forms import AnswerFactForm, AskFactForm, DeclineFactForm, LookIntoForm
from ..knowledge import shown_value
from ..models import FactRequest, Household, Screening
from ..page import sees_card_only
from ..permissions import (
    can_answer_fact,
    can_look_into,
    can_see_fact,
    can_see_screening,
    can_withdraw_request,
    reads_requests,
    screens,
)
from ..screening_page import page_of_screening
from ..showing import shown_fact, shown_name
from ..transitions import answer_fact, ask_for_fact, decline_fact, look_into_screening, screen_household, withdraw_request

TABS = {"open": ("待核实", "asked_at"), "done": ("已答复", "answered_at")}
DONE = {"answer": "已登记核实结果，并已告知提出的单位。", "decline": "已答复，并已告知提出的单位。", "withdraw": "已撤回。"}


@require_GET
@requires(can_see_screening)
def screening(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the last screening said of the household, as far as the post may read it."""
    household = Household.objects.visible_to(request.post).select_related("region__parent").get_or_404(pk)
    if sees_card_only(household, request.post):
        raise PermissionDenied("本单位只是协助核实，不查看这个家庭的筛查结果。")
    rows = Screening.objects.visible_to(request.post).for_household(pk).select_related("previous", "asked_by__unit", "asked_by__staff")
    last = rows.newest().first()
    page = page_of_screening(household, last, request.post, clock.today())
    return render(request, "households/screening.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_look_into)
@once
def screening_look_into(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Why the platform reads the sensitive programs and facts of a screening; it reads them for some minutes."""
    household = Household.objects.visible_to(request.post).get_or_404(pk)
    form = LookIntoForm(request.POST or None)
    back = reverse("households:screening", args=[pk])
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: look_into_screening(household_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            return redirect(back)
    context = {"form": form, "heading": f"查看筛查中的敏感内容：{household}", "minutes": figure("reveal_shown_for"), "back": back}
    return render(request, "households/look_into.html", context, status=422 if form.errors else 200)


@require_POST
@requires(screens)
@once
def screening_ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """筛查, 重新筛查."""
    row = screen_household(household_id=pk, by=request.post)
    messages.success(request, f"已按{row.on}有效的规则和数据筛查。筛查只作提示，是否申请、给予由人决定。")
    return redirect(row)


@require_POST
@requires(screens)
@once
def fact_ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    """请单位核实: a button beside what is missing."""
    form = AskFactForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有说明要核实的事项。请在筛查页面点“请单位核实”。")
        return redirect("households:screening", pk=pk)
    said = form.cleaned_data
    row = ask_for_fact(household_id=pk, kind_key=said["kind"], resident_id=said["resident"], reason=said["reason"], by=request.post)
    messages.success(request, f"已请{row.unit.name}核实。答复后重新筛查。")
    return redirect("households:screening", pk=pk)


@require_GET
@requires(reads_requests)
def fact_request_list(request: StaffRequest) -> HttpResponse:
    """请单位核实: what waits for an answer, the oldest first; what was answered, the newest first."""
    rows = FactRequest.objects.visible_to(request.post)
    parts = {"open": rows.open(), "done": rows.exclude(status=FactRequest.Status.OPEN)}
    tab = "done" if request.GET.get("tab") == "done" else "open"
    field, counts = TABS[tab][1], keyset.tallies(parts)
    page = keyset.page([keyset.Segment(parts[tab].with_page_data(), field, is_descending=tab == "done")], request)
    context = {
        "tabs": [
            {"label": label, "url": f"?tab={name}", "is_current": name == tab, "count": counts[name]} for name, (label, _) in TABS.items()
        ],
        "page": page,
        "lines": [(row, shown_fact(row, request.post), _whose(row, request.post)) for row in page.rows],
        "is_done": tab == "done",
        "is_asked": request.post.unit.kind == "department",
    }
    return render(request, "households/fact_request_list.html", context)


def _whose(row: FactRequest, post: Post) -> str:
    return shown_name(row.resident.name, post) if row.resident else f"全家（户编号{row.household.number}）"


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@requires(reads_requests)
@once
def fact_request_detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What is asked and of whom; the unit's answer, or why there is none; `step` of the button says which."""
    row: FactRequest = FactRequest.objects.visible_to(request.post).with_page_data().get_or_404(pk)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    answer = AnswerFactForm(request.POST if step == "answer" else None, kind=row.kind)
    decline = DeclineFactForm(request.POST if step == "decline" else None)
    if step == "withdraw":
        withdraw_request(request_id=pk, by=request.post)
        return _done(request, row, step)
    if step == "answer" and answer.is_valid():
        if submit(answer, lambda: answer_fact(request_id=pk, **answer.cleaned_data, by=request.post)):
            return _done(request, row, step)
    if step == "decline" and decline.is_valid():
        if submit(decline, lambda: decline_fact(request_id=pk, **decline.cleaned_data, by=request.post)):
            return _done(request, row, step)
    return late(request, answer, row) or late(request, decline, row) or _detail(request, row, answer, decline)


def _done(request: StaffRequest, row: FactRequest, step: str) -> HttpResponse:
    messages.success(request, DONE[step])
    return redirect(row)


def _detail(request: StaffRequest, row: FactRequest, answer: AnswerFactForm, decline: DeclineFactForm) -> HttpResponse:
    post, is_open = request.post, row.status == FactRequest.Status.OPEN
    context: dict[str, Any] = {
        "row": row,
        "whose": _whose(row, post),
        "matter": shown_fact(row, post),
        "place": row.household.region.full_name,
        "number": row.resident.id_number if row.resident else None,
        "value": shown_value(row.kind, row.fact.value) if row.fact and can_see_fact(post, row.kind) else "",
        "answer": answer if is_open and can_answer_fact(post, row) else None,
        "decline": decline,
        "may_withdraw": is_open and can_withdraw_request(post, row),
        "can_screen": post.unit.kind != "department",
    }
    return render(request, "households/fact_request_detail.html", context, status=422 if answer.errors or decline.errors else 200)
