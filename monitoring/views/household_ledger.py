"""按户统计台账 (L1, ZX-25) on screen: as of any month, closed months as they were; its sums, and the closing of a month."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.dates import add_months
from config.once import once
from config.verbs import TransitionError
from households.permissions import CASEWORK
from organization.gates import requires
from organization.kinds import COUNTY_WIDE, LOCAL
from organization.models import Post
from organization.requests import StaffRequest
from spreadsheets import asking
from spreadsheets.caps import most_rows
from spreadsheets.permissions import can_propose_report, keeps_forms, takes_ledgers

from ..household_ledger import listing, live, sheets
from ..household_ledger.declared import KEY
from ..household_ledger.forms import LedgerForm
from ..household_ledger.permissions import can_close_ledger, has_household_ledger
from ..models import LedgerMonth
from ..transitions.ledger_months import close_ledger_month

# Beside the household's own: what a line shows on screen; the file has every column.
SHOWN = ("成员姓名", "与户主关系", "救助项目", "救助单位", "定期/一次性", "标准/金额（元）", "起始日期", "终止日期", "个人身份标签")
CORRECTIONS_SHOWN = 50


@require_GET
@requires(has_household_ledger)
def household_ledger(request: StaffRequest) -> HttpResponse:
    """Household by household. The same address gives the page, or the table alone to htmx."""
    form = LedgerForm(request.GET, request.post)
    if not form.is_valid():
        return render(request, "monitoring/household_ledger.html", _frame(request, form), status=422)
    page, rows = listing.page_of(form, request.post, request)
    columns = [column.label for column in sheets.columns_for(request.post)]
    opens = request.post.unit.kind in COUNTY_WIDE | LOCAL and request.post.role in CASEWORK
    context = _frame(request, form) | {
        "page": page,
        "rows": [_row(row, columns, opens=opens) for row in rows],
        "totals": _totals(form) if "totals" in request.GET else None,
    }
    template = "monitoring/_household_ledger_rows.html" if request.htmx else "monitoring/household_ledger.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_GET
@requires(has_household_ledger)
def household_ledger_corrections(request: StaffRequest) -> HttpResponse:
    """What the month before would say otherwise by now, or said otherwise when this month was closed."""
    form = _valid(request)
    book = form.book()
    asked = book.corrections()
    found = live.read(asked, CORRECTIONS_SHOWN + 1) if asked is not None else []
    shape = sheets.correction_shape(book)
    rows = [shape(row) for row in found[:CORRECTIONS_SHOWN]]
    labels = [column.label for column in sheets.CORRECTION_COLUMNS]
    context = _frame(request, form) | {
        "rows": [[{"label": label, "text": _text(value)} for label, value in zip(labels, row, strict=True)] for row in rows],
        "heads": labels,
        "is_cut": len(found) > CORRECTIONS_SHOWN,
        "is_never_closed": asked is None,
        "before": add_months(book.month, -1),
    }
    return render(request, "monitoring/household_ledger_corrections.html", context)


@require_POST
@requires(can_close_ledger)
@once
def household_ledger_close(request: StaffRequest) -> HttpResponse:
    """Close the month that comes next."""
    try:
        row = close_ledger_month(month=next_to_close(request.post), by=request.post)
    except TransitionError as refused:
        messages.error(request, str(refused))
        return redirect("monitoring:household_ledger")
    messages.success(request, f"{row.label}台账已月结：{row.lines:,}行、{row.households:,}户，对上月的更正{row.corrections:,}行。")
    return redirect(f"{reverse('monitoring:household_ledger')}?month={row.month:%Y-%m}")


def next_to_close(post: Post) -> date:
    """The month after the last closed one; the month before this one where none was."""
    last = LedgerMonth.objects.visible_to(post).order_by("-month").first()
    return add_months(last.month, 1) if last else add_months(clock.today().replace(day=1), -1)


def _frame(request: StaffRequest, form: LedgerForm) -> dict[str, Any]:
    month = form.of_month if form.is_valid() else clock.today().replace(day=1)
    closed = LedgerMonth.objects.visible_to(request.post).filter(month=month).select_related("closed_by__staff", "closed_by__unit").first()
    query = request.GET.copy()
    for name in ("before", "after", "totals"):
        query.pop(name, None)
    due = next_to_close(request.post) if can_close_ledger(request.post) else None
    return {
        "filter_form": form,
        "month": month,
        "closed": closed,
        "query": query.urlencode(),
        "most": most_rows(request.post),
        "key": KEY if takes_ledgers(request.post) else "",
        "brought": list(asking.of_form(form, form.data).items()),
        "can_report": can_propose_report(request.post),
        "keeps_forms": keeps_forms(request.post),
        "due": due if due and add_months(due, 1) <= clock.today() else None,
        "is_department": request.post.unit.kind == "department",
    }


def _totals(form: LedgerForm) -> list[tuple[str, str]]:
    """Asked for when somebody wants it: over the county as it stands it takes seconds."""
    found = form.book().totals()
    sums = (("按月", found.monthly), ("按年", found.yearly), ("一次性", found.once))
    loose = f"（其中未归户{found.loose:,}人，不计入户数）" if found.loose else ""
    counted = [
        ("行数", f"{found.lines:,}行，{found.records:,}笔救助"),
        ("户数、人数", f"{found.households:,}户，{found.people:,}人{loose}"),
    ]
    return counted + [(label, f"{_text(total)}元") for label, total in sums if total]


def _valid(request: StaffRequest) -> LedgerForm:
    form = LedgerForm(request.GET, request.post)
    if not form.is_valid():
        raise Http404("没有这样的台账。")
    return form


def _row(row: listing.Listed, columns: Sequence[str], *, opens: bool) -> dict[str, Any]:
    cells = dict(zip(columns, row.cells, strict=True))
    place = " ".join(filter(None, (cells["乡镇（街道）"], cells["村（社区）"])))
    home = " ".join(filter(None, (cells["户编号"], cells["户主"])))
    return {
        "is_first": row.is_first,
        "url": reverse("households:household_detail", args=[row.home]) if opens and row.home and row.is_first else "",
        "home": home,
        "place": place,
        "size": cells["家庭人口"],
        "tags": cells["家庭身份标签"],
        "doubts": cells.get("疑点", ""),
        "cells": [{"label": label, "text": _text(cells[label]), "css": _css(label)} for label in SHOWN],
    }


def _css(label: str) -> str:
    if label.endswith("（元）"):
        return "number"
    return "text-nowrap" if label.endswith(("日期", "姓名")) else ""


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}".removesuffix(".00")
    return "" if value is None else str(value)
