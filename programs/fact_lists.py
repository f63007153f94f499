"""Whole lists: since when and for how long absence means no, by two people of the holder (issue 5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from config import clock
from config.dates import add_months
from config.once import once
from config.submit import late, submit
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest

from .facts import list_of
from .models import FactKind, WholeList
from .permissions import can_confirm_list, can_propose_list, can_withdraw_list, confirms_lists
from .transitions import confirm_list, propose_list, withdraw_list


class ProposeListForm(forms.Form):
    on = forms.DateField(label="到齐日期", widget=forms.DateInput(attrs={"type": "date"}))


class WithdrawListForm(forms.Form):
    reason = forms.CharField(label="撤回原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


@dataclass(frozen=True, slots=True)
class ListRow:
    """A list on the page. `counts_until`: the last day on which the standing one counts; `is_stale`: that day has passed."""

    kind: Any
    standing: WholeList | None
    waiting: WholeList | None
    counts_until: date | None
    is_stale: bool
    can_confirm: bool


@require_GET
@requires(confirms_lists)
def fact_lists(request: StaffRequest) -> HttpResponse:
    """The lists of the post, first those that wait for something to be done."""
    today = clock.today()
    kinds = FactKind.objects.visible_to(request.post).lists().with_listed_on(today).select_related("holder")
    mine = [kind for kind in kinds.order_by("holder__number", "key") if can_propose_list(request.post, kind)]
    standing, waiting = _deliveries(request.post, mine)
    rows = [_row(request.post, kind, standing.get(kind.pk), waiting.get(kind.pk), today) for kind in mine]
    rows.sort(key=lambda row: (row.waiting is None, row.standing is not None and not row.is_stale))
    return render(request, "programs/fact_lists.html", {"rows": rows, "today": today})


def _deliveries(post: Post, kinds: list[Any]) -> tuple[dict[str, WholeList], dict[str, WholeList]]:
    """By list, the last that stands and the one that waits."""
    rows = WholeList.objects.visible_to(post).filter(kind__in=kinds, withdrawn_at=None).order_by("on", "pk")
    found: tuple[dict[str, WholeList], dict[str, WholeList]] = ({}, {})
    for row in rows.select_related("kind", "proposed_by__unit", "proposed_by__staff", "confirmed_by__unit", "confirmed_by__staff"):
        found[row.confirmed_at is None][row.kind_id] = row
    return found


def _row(post: Post, kind: Any, standing: WholeList | None, waiting: WholeList | None, today: date) -> ListRow:
    until = add_months(standing.on, kind.list_months) if standing and isinstance(kind.list_months, int) else None
    can = waiting is not None and can_confirm_list(post, waiting) and waiting.proposed_by_staff_id != post.staff_id
    return ListRow(kind, standing, waiting, until, standing is not None and list_of(kind, today) is None, can)


@require_POST
@requires(confirms_lists)
@once
def fact_list_propose(request: StaffRequest, key: str) -> HttpResponse:
    form = ProposeListForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请填写名单到齐的日期，如 2026-09-24。")
        return redirect("programs:fact_lists")
    delivery = propose_list(kind_key=key, on=form.cleaned_data["on"], by=request.post)
    messages.success(request, f"已提出“{delivery.kind}”于{delivery.on:%Y-%m-%d}到齐，由掌握部门的另一人确认后生效。")
    return redirect("programs:fact_lists")


@require_POST
@requires(confirms_lists)
@once
def fact_list_confirm(request: StaffRequest, pk: int) -> HttpResponse:
    delivery = confirm_list(list_id=pk, by=request.post)
    messages.success(request, f"已确认“{delivery.kind}”的整份名单于{delivery.on:%Y-%m-%d}到齐。从这一天起，名单中没有的人即为否。")
    return redirect("programs:fact_lists")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(confirms_lists)
@once
def fact_list_withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    delivery = WholeList.objects.visible_to(request.post).get_or_404(pk)
    if not can_withdraw_list(request.post, delivery):
        raise PermissionDenied("名单由掌握部门或县级平台撤回。")
    form = WithdrawListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if submit(form, lambda: withdraw_list(list_id=pk, reason=form.cleaned_data["reason"], by=request.post)):
            messages.success(request, f"已撤回“{delivery.kind}”的到齐确认。名单中没有的人改为数据不足。")
            return redirect("programs:fact_lists")
    if told := late(request, form, "programs:fact_lists"):
        return told
    return render(request, "programs/fact_list_withdraw.html", {"form": form, "delivery": delivery}, status=422 if form.errors else 200)
