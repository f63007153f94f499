"""按期率 and the list behind each of its figures."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from config import clock, keyset
from deadlines.counting import calendar_since
from deadlines.models import Duty
from deadlines.rules import SHANGHAI, date_of, due_on
from organization.gates import requires
from organization.lineage import desks
from organization.models import Post
from organization.requests import StaffRequest
from referrals.names import names
from spreadsheets import downloads
from spreadsheets.caps import most_rows
from spreadsheets.cells import Column, Kind

from .. import on_time
from ..ledger import NOTHING
from ..ledger_filters import OnTimeForm
from ..matters import step_of
from ..permissions import reads_figures
from ..spans import usual

SIZE = 50
KEY = re.compile(r"[\w~-]{0,40}")  # of a group: a unit, a program, a township, or none
SHEET = ("办结", "按期", "超期", "按期率", "用时中位数", "最长用时", "超期未办")


class Cell(NamedTuple):
    """`head` in the table, `label` where the row is a card and its half is not seen."""

    head: str
    label: str
    text: str
    url: str = ""


@require_GET
@requires(reads_figures)
def on_time_page(request: StaffRequest) -> HttpResponse:
    """Each figure leads to its list. The same address gives the page, or the table alone to htmx."""
    form = OnTimeForm(request.GET, post=request.post)
    by = asked if (asked := request.GET.get("by", "")) in on_time.WAYS else "unit"
    groups = on_time.groups(_question(form, request.post), by, clock.now()) if form.is_valid() else []
    context = {
        "filter_form": form,
        "by": by,
        "way": on_time.WAYS[by],
        "tabs": [_tab(request.GET, by, name, label) for name, label in on_time.WAYS.items()],
        "periods": [_period(request.GET, period) for period in usual(clock.today())],
        "rows": [_row(group, by, form) for group in groups],
        "export_url": f"{reverse('monitoring:on_time_export')}?{_with(request.GET, by=by)}",
        "most": most_rows(request.post),
    }
    return render(request, "monitoring/on_time.html", context, status=200 if form.is_valid() else 422)


@require_POST
@requires(reads_figures)
def on_time_export(request: StaffRequest) -> HttpResponseBase:
    """The table as a workbook, asked for by the page's own address."""
    form = OnTimeForm(request.GET, post=request.post)
    by = request.GET.get("by", "unit")
    if by not in on_time.WAYS or not form.is_valid():
        raise Http404("没有这张表。")
    way = on_time.WAYS[by]
    columns = [Column(way.removeprefix("按"), width=28)]
    for lead in ("环节", "承诺"):
        columns += [Column(lead + label, Kind.TEXT if label == "按期率" else Kind.NUMBER, 12) for label in SHEET]
    groups = on_time.groups(_question(form, request.post), by, clock.now())
    part = downloads.Part(f"按期率（{way}）", columns, groups, shape=_cells)
    return downloads.answer(request, part, filters=downloads.filter_words(form), by=request.post)


def _cells(group: on_time.Group) -> list[Any]:
    cells: list[Any] = [group.name]
    for half in (group.stage, group.promise):
        cells += [half.counted, half.in_time, half.late, half.rate, half.median, half.longest, half.open_late]
    return cells


def _question(form: OnTimeForm, post: Post) -> on_time.Question:
    asked = {name: form.cleaned_data.get(name, "") or "" for name in ("unit", "program", "township")}
    return on_time.Question(post, form.cleaned_data["since"], form.cleaned_data["until"], **asked)


def _tab(query: QueryDict, by: str, name: str, label: str) -> dict[str, Any]:
    return {"label": label, "url": f"?{_with(query, by=name)}", "is_current": name == by}


def _period(query: QueryDict, period: Any) -> dict[str, Any]:
    since, until = period.since.isoformat(), period.until.isoformat()
    chosen = (query.get("since"), query.get("until"))
    is_current = chosen == (since, until) or (chosen == (None, None) and period.label == "本月")
    return {"label": period.label, "url": f"?{_with(query, since=since, until=until)}", "is_current": is_current}


def _with(query: QueryDict, **changed: str) -> str:
    kept = {name: value for name, value in query.items() if name in {"by", "since", "until", "unit", "program", "township"} and value}
    return urlencode(kept | changed)


def _row(group: on_time.Group, by: str, form: OnTimeForm) -> dict[str, Any]:
    """The cells of a group: each count with the address of its list, where there is something to list."""
    address = reverse("monitoring:on_time_list")
    asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
    is_total = group.name == on_time.TOTAL and not group.key
    if not is_total:
        asked["key"] = group.key
    cells = []
    for half, prefix in (("stage", ""), ("promise", "承诺")):
        figures: on_time.Figures = getattr(group, half)
        for figure, label in on_time.FIGURES.items():
            count = getattr(figures, figure)
            link = f"{address}?{urlencode({'by': by, 'half': half, 'figure': figure, **asked})}" if count else ""
            cells.append(Cell(label, prefix + label, str(count), link))
        cells.insert(-1, Cell("按期率", f"{prefix}按期率", figures.rate))
        cells[-1:-1] = [
            Cell("用时中位数", f"{prefix}用时中位数", _days(figures.median)),
            Cell("最长用时", f"{prefix}最长用时", _days(figures.longest)),
        ]
    return {"name": group.name, "is_total": is_total, "cells": cells}


def _days(count: float | None) -> str:
    return "—" if count is None else f"{count:g}"


@require_GET
@requires(reads_figures)
def on_time_list(request: StaffRequest) -> HttpResponse:
    """What a figure counts, the newest first, last of all what is told without its days; the same conditions as the figure."""
    form = OnTimeForm(request.GET, post=request.post)
    by, half, figure = (request.GET.get(name, usual_) for name, usual_ in (("by", "unit"), ("half", "stage"), ("figure", "counted")))
    if by not in on_time.WAYS or half not in on_time.HALVES or figure not in on_time.FIGURES or not form.is_valid():
        raise Http404("没有这个数字。")
    key = request.GET.get("key")
    if key is not None and not KEY.fullmatch(key):
        raise Http404("没有这个数字。")
    rows = on_time.behind(_question(form, request.post), figure, by=by, key=key, half=half, now=clock.now())
    sort = "due_at" if figure == "open_late" else "-closed_at"
    by_place = _tells_place(form, by, key)
    page = keyset.page(
        keyset.ordered(rows, sort, is_filled=True, apart=_untold(request.post, sort, by_place=by_place)), request, sort=sort, size=SIZE
    )
    context = {
        "what": f"{on_time.HALVES[half]}：{on_time.FIGURES[figure]}",
        "group": on_time.TOTAL if key is None else on_time.name_of(by, key) or on_time.NAMELESS[by],
        "since": form.cleaned_data["since"],
        "until": form.cleaned_data["until"],
        "is_open": figure == "open_late",
        "total": rows.count(),
        "rows": _listed(page.rows, request.post, by_place=by_place),
        "page": page,
        "back": f"{reverse('monitoring:on_time')}?{_with(request.GET)}",
    }
    return render(request, "monitoring/on_time_list.html", context)


def _tells_place(form: OnTimeForm, by: str, key: str | None) -> bool:
    """Whether all rows of the list are of one township, which it says."""
    return bool(form.cleaned_data.get("township")) or (by == "township" and bool(key) and key != on_time.SENSITIVE)


def _untold(post: Post, sort: str, *, by_place: bool) -> keyset.Apart | None:
    """Of which rows the list does not tell what it goes by: the end of a step is told to whoever reads whose it is (see `_listed`).

    Their number is told, so they go by whose it is: by the clock's key, the list of late matters would tell unit and day of each in turn.
    """
    if sort != "due_at" and on_time.reads_persons(post):
        return None
    return keyset.Apart(on_time.kept_apart(post, by_place=by_place), "subject_id")


def _listed(duties: Sequence[Duty], post: Post, *, by_place: bool) -> list[dict[str, Any]]:
    """Numbers, units and dates: no title and no person, whoever reads; of others' sensitive matters a number or a unit, never both, nor a
    township and a unit."""
    words, today, own = names(), clock.today(), desks(post)
    hides_unit = by_place or on_time.reads_persons(post)
    used = on_time.used_days([duty.pk for duty in duties if duty.closed_at])
    numbers, open_to = on_time.subjects(duties, post)
    calendar = calendar_since(min((due_on(duty.due_at) for duty in duties if duty.due_at), default=today))
    listed = []
    for duty in duties:
        ended = date_of(duty.closed_at) if duty.closed_at else today
        last = due_on(duty.due_at) if duty.due_at else None
        is_late = duty.due_at is not None and (duty.closed_at or clock.now()) >= duty.due_at
        late = calendar.workdays_between(last, ended) if last and is_late else 0
        is_apart = duty.topic_code in words.sensitive and duty.unit_id not in own
        hides_dates = is_apart and hides_unit  # they stand beside the unit in the list of late matters
        hides_end = hides_dates and not on_time.reads_persons(post)  # and the end in the list of another group
        listed.append({
            "number": "" if is_apart and not hides_unit else numbers.get(duty.subject_id, ""),
            "url": duty.url if duty.subject_id in open_to else "",
            "kind": step_of(duty) if is_apart else duty.kind_name,
            "unit": NOTHING if is_apart and hides_unit else words.units.get(duty.unit_id, ""),
            "program": on_time.name_of("program", on_time.SENSITIVE if duty.topic_code in words.sensitive else duty.topic_code),
            "township": "" if is_apart and not hides_unit else words.townships.get(duty.region_code[:9], ""),
            "starts": NOTHING if hides_dates else _minute(duty.starts_at),
            "due": NOTHING if hides_dates else last.isoformat() if last else "",
            "closed": "未办结" if not duty.closed_at else "已办结" if hides_end else _minute(duty.closed_at),
            "used": used.get(duty.pk, ""),
            "late": "按期" if not is_late else "超期" if hides_dates else f"{late}个工作日" if late else "不足1个工作日",
            "is_late": is_late,
        })  # fmt: skip
    return listed


def _minute(moment: Any) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
