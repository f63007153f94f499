"""The inbox over all posts of a person, and why a date is that date."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from config import clock, lists
from config.once import once
from organization.gates import requires
from organization.models import Absence, Post
from organization.permissions import stands_in
from organization.requests import StaffRequest

from .. import counting, transitions
from ..filters import DutyFilter
from ..models import Duty
from ..permissions import can_take

INBOX = lists.declare(
    lists.List(
        "deadlines:duty_list",
        (
            lists.Column("lamp", "时限", is_fixed=True),
            lists.Column("kind", "环节", sort="kind_name"),
            lists.Column("title", "事项", sort="title", is_fixed=True),
            lists.Column("unit", "承办单位"),
            lists.Column("opened", "交办时间", sort="-opened_at", is_extra=True),
            lists.Column("due", "到期日", sort="due_at", is_fixed=True),
            lists.Column("closed", "办结时间", sort="-closed_at", is_filled=True),
            lists.Column("taker", "领办人"),
            lists.Column("actions", "操作", is_fixed=True),
        ),
        sort="due",
        filters=DutyFilter,
    )
)
TABS = {"waiting": "待办", "taken": "在办", "overdue": "超期", "promised": "承诺", "closed": "已办"}


@require_GET
@requires()
def duty_list(request: StaffRequest) -> HttpResponse:
    """Most urgent first; clocks that stand come last. The same address gives the page, or the table alone to htmx."""
    now, inbox = clock.now(), Duty.objects.inbox(request.posts)
    tab = asked if (asked := request.GET.get("tab", "")) in TABS else "waiting"
    chosen = INBOX.chosen(request)
    found = DutyFilter(chosen.filters, queryset=inbox.of_tab(tab, now).with_list_data(), request=request)
    is_closed = tab == "closed"
    table = chosen.table(
        found.qs,
        sort="-closed" if is_closed else "due",
        without=_without(request, tab),
        sorts={"closed"} if is_closed else None,
        form=found.form,
    )
    context = {
        "filter": found,
        "table": table,
        "rows": _rows(request, table.rows, now, tab),
        "tab": tab,
        "tabs": _tabs(tab, inbox.tallied(now)),
    }
    template = "deadlines/_duty_table.html" if request.htmx else "deadlines/duty_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _rows(request: StaffRequest, duties: Sequence[Duty], now: datetime, tab: str) -> list[counting.Row]:
    """With what a deputy may take over from who is away; only where somebody has anything in hand."""
    away = Absence.objects.away(clock.today()) if tab in {"taken", "overdue"} else set()
    units = {post.unit_id for post in request.posts if stands_in(post)} if away else set()
    return counting.listed(duties, now, away=away, standing_in=units)


def _without(request: StaffRequest, tab: str) -> set[str]:
    """The columns that would say the same in every row, or nothing."""
    one_unit = len({post.unit_id for post in request.posts}) == 1
    return ({"unit"} if one_unit else set()) | ({"actions"} if tab == "closed" else {"closed"})


def _tabs(current: str, tally: dict[str, str]) -> list[dict[str, object]]:
    return [
        {"label": label, "url": f"?{urlencode({'tab': name})}", "is_current": name == current, "count": tally.get(name)}
        for name, label in TABS.items()
    ]


@require_GET
@requires()
def duty_explain(request: StaffRequest, pk: UUID) -> HttpResponse:
    """为什么是这一天: a page, or to htmx the fragment."""
    duty = _found(request, pk)
    context = {
        "duty": duty,
        "facts": counting.facts_of(duty),
        "explanation": counting.explain(duty),
        "lamp": counting.lamp_of(duty, clock.now(), counting.calendar_for(duty)) | {"url": ""},
        "can_take": duty.is_open and can_take(_acting(request, duty), duty),
    }
    template = "deadlines/_explanation.html" if request.htmx else "deadlines/duty_explain.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_POST
@requires()
@once
def duty_take(request: StaffRequest, pk: UUID) -> HttpResponse:
    duty = transitions.take(duty_id=pk, by=_acting(request, _found(request, pk)))
    messages.success(request, f"已领办：{duty.title}。")
    return redirect(duty.url or "deadlines:duty_list")


@require_POST
@requires()
@once
def duty_take_over(request: StaffRequest, pk: UUID) -> HttpResponse:
    duty = transitions.take_over(duty_id=pk, by=_acting(request, _found(request, pk)))
    messages.success(request, f"已接办：{duty.title}。")
    return redirect(duty.url or "deadlines:duty_list")


@require_POST
@requires()
@once
def duty_put_back(request: StaffRequest, pk: UUID) -> HttpResponse:
    duty = transitions.put_back(duty_id=pk, by=_acting(request, _found(request, pk)))
    messages.success(request, f"已放回待办：{duty.title}。")
    return redirect("deadlines:duty_list")


def _found(request: StaffRequest, pk: UUID) -> Duty:
    """In the inbox of any of the person's posts, else what the acting post sees."""
    related = ("unit", "taken_by__unit", "taken_by__staff", "closed_by__unit", "closed_by__staff", "opened_by__unit", "opened_by__staff")
    mine = Duty.objects.inbox(request.posts).select_related(*related).filter(pk=pk).first()
    return mine or Duty.objects.visible_to(request.post).select_related(*related).get_or_404(pk)


def _acting(request: StaffRequest, duty: Duty) -> Post:
    """The right one of the person's posts: that of the duty's unit."""
    return next((post for post in request.posts if post.unit_id == duty.unit_id), request.post)
