"""The inbox: what a unit does next with its referrals, over all posts of a person."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from config import clock, lists
from organization.gates import requires
from organization.requests import StaffRequest

from .. import bulk, forms, inbox, words
from ..filters import ReferralFilter
from ..permissions import has_inbox

LIST = lists.declare(
    lists.List(
        "referrals:referral_list",
        (
            lists.Column("lamp", "时限", is_fixed=True),
            lists.Column("number", "转办单号", is_fixed=True),
            lists.Column("applicant", "申请人", is_fixed=True),
            lists.Column("program", "救助项目"),
            lists.Column("place", "乡镇（街道）"),
            lists.Column("step", "环节", is_fixed=True),
            lists.Column("whose", "现由谁办"),
            lists.Column("since", "自何时", sort="-starts_at", is_filled=True),
            lists.Column("due", "环节到期日", sort="due_at"),
            lists.Column("closed", "办结时间", sort="-closed_at", is_filled=True, is_fixed=True),
            lists.Column("promise", "承诺办结日"),
        ),
        sort="due",
        filters=ReferralFilter,
        personal=frozenset({"name"}),
    )
)


@require_GET
@requires(has_inbox)
def referral_list(request: StaffRequest) -> HttpResponse:
    """Most urgent first; clocks that stand come last, and after them what is told without its day.

    The same address gives the page, or the table alone to htmx.
    """
    tabs = inbox.tabs_of(request.posts)
    counts = inbox.tallies(request.posts, tabs)
    asked = request.GET.get("tab", "")
    tab = next((tab for tab in tabs if tab.name == asked), None) or _first(tabs, counts)
    chosen = LIST.chosen(request)
    found = ReferralFilter(chosen.filters, queryset=inbox.of_tab(inbox.duties_of(request.posts), tab), request=request)
    is_closed = tab.name == "closed"
    without = {"due", "since", "whose"} if is_closed else {"closed", *(["since"] if inbox.is_watching(request.posts) else [])}
    table = chosen.table(
        found.qs.values_list(*inbox.POSITION, named=True),
        sort="-closed" if is_closed else "due",
        without=without,
        form=found.form,
        apart=inbox.untold(request.posts),
    )
    reminds = tab.name != "closed" and (inbox.is_watching(request.posts) or tab.name == "away")
    context = {
        "filter": found,
        "table": table,
        "rows": inbox.listed(table.rows, request.posts, clock.now()),
        "tab": tab,
        "bulk": _bulk(request, tab),
        "reminds": reminds,
        "words": words.back(request) if reminds else "",
        "tabs": [_link(each, tab, counts) for each in tabs],
    }
    template = "referrals/_referral_rows.html" if request.htmx else "referrals/referral_list.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _first(tabs: list[inbox.Tab], counts: dict[str, str]) -> inbox.Tab:
    """Where a unit lands: on work of its own; what it has sent out waits for others."""
    return next((tab for tab in tabs if tab.name != "away" and counts.get(tab.name, "0") != "0"), tabs[0])


def _bulk(request: StaffRequest, tab: inbox.Tab) -> forms.BulkForm:
    """What may be done with several of this tab at once: signed for, by approvers given to a colleague and approved; printed by all."""
    assigns = bulk.may_assign(request.posts) and not inbox.is_watching(request.posts) and tab.name in {"receive", "stage"}
    return forms.BulkForm(people=bulk.colleagues(request.posts), is_assigning=assigns)


def _link(tab: inbox.Tab, current: inbox.Tab, counts: dict[str, str]) -> dict[str, object]:
    return {"label": tab.label, "url": f"?{urlencode({'tab': tab.name})}", "is_current": tab == current, "count": counts.get(tab.name)}
