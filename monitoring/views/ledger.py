"""转办反馈台账 on the page and as a workbook."""

from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from config import clock, lists
from deadlines.rules import SHANGHAI
from organization.gates import requires
from organization.models import Post
from organization.requests import StaffRequest
from referrals.models import Referral
from spreadsheets import downloads
from spreadsheets.caps import most_rows

from .. import ledger
from ..ledger_filters import LedgerFilter
from ..permissions import reads_figures

FIXED = {"number", "program", "timely"}
LIST = lists.declare(
    lists.List(
        "monitoring:ledger_referrals",
        tuple(
            lists.Column(
                field.name,
                field.column.label,
                sort="-dispatched_at" if field.name == "dispatched" else "",
                is_fixed=field.name in FIXED | {"dispatched"},
                is_extra=field.is_extra,
                is_filled=field.name == "dispatched",
            )
            for field in ledger.FIELDS
        ),
        sort="-dispatched",
        filters=LedgerFilter,
    )
)
TITLE = "转办反馈台账"


@require_GET
@requires(reads_figures)
def ledger_referrals(request: StaffRequest) -> HttpResponse:
    """The newest first. The same address gives the page, or the table alone to htmx."""
    post, now = request.post, clock.now()
    chosen = LIST.chosen(request)
    found = _found(chosen, request)
    fields = ledger.fields_for(post)
    hidden = {field.name for field in ledger.FIELDS} - {field.name for field in fields}
    table = chosen.table(found.qs.values_list("id", "dispatched_at", named=True), without=hidden, form=found.form)
    ids = [row.id for row in table.rows]
    cells = dict(ledger.listed(_rows(post).filter(pk__in=ids), post, now)) if ids else {}
    shown = [place for place, field in enumerate(fields) if table.shows[field.name]]
    context = {
        "filter": found,
        "table": table,
        "rows": [_shown(cells[pk], fields, shown, _page_of(pk, post)) for pk in ids if pk in cells],
        "most": most_rows(post),
        "hides_persons": ledger.hides_persons(post),
    }
    template = "monitoring/_ledger_rows.html" if request.htmx else "monitoring/ledger_referrals.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_POST
@requires(reads_figures)
def ledger_referrals_export(request: StaffRequest) -> HttpResponseBase:
    """What the page shows, with all columns, as a workbook."""
    post, now = request.post, clock.now()
    found = _found(LIST.chosen(request), request)
    part = downloads.Part(
        TITLE, [field.column for field in ledger.fields_for(post)], ledger.statement(found.qs, post, now), shape=ledger.shaper(post, now)
    )
    return downloads.answer(request, part, filters=downloads.filter_words(found.form), by=post)


def _page_of(pk: Any, post: Post) -> str:
    return "" if ledger.hides_persons(post) else reverse("referrals:referral_detail", args=[pk])


def _rows(post: Post) -> Any:
    return Referral.objects.ledgered_for(post)


def _found(chosen: lists.Chosen, request: StaffRequest) -> LedgerFilter:
    return LedgerFilter(chosen.filters, queryset=_rows(request.post), request=request, post=request.post)


def _shown(cells: tuple[Any, ...], fields: tuple[ledger.Field, ...], shown: list[int], url: str) -> dict[str, Any]:
    return {"url": url, "cells": [_cell(fields[place], cells[place]) for place in shown]}


def _cell(field: ledger.Field, value: Any) -> dict[str, Any]:
    text = _text(value)
    is_late = field.name == "timely" and "超期" in text
    is_nowrap = field.name in {"number", "status", "outcome"} or isinstance(value, date)
    return {"label": field.column.label, "text": text, "is_link": field.name == "number", "is_late": is_late, "is_nowrap": is_nowrap}


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
