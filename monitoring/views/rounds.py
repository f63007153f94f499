"""数据报送 over the county: the list of deliveries, the board of a round, L12."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from config import clock, keyset
from config.dates import add_months
from organization.figures import figure
from organization.gates import requires
from organization.kinds import TOWNSHIP
from organization.models import Post
from organization.requests import StaffRequest
from spreadsheets import downloads
from spreadsheets.caps import most_rows

from .. import round_board
from ..models import Delivery, Round
from ..round_page import lines
from ..round_permissions import has_deliveries, reads_board

SORT = "-opened_at"


@require_GET
@requires(has_deliveries)
def round_list(request: StaffRequest) -> HttpResponse:
    """Deliveries, the newest first: a unit's own; all of them before the platform."""
    rows = Delivery.objects.visible_to(request.post).with_list_data()
    page = keyset.page(keyset.ordered(rows, SORT, is_filled=True), request, sort=SORT)
    context = {
        "page": page,
        "lines": lines(page.rows, clock.now()),
        "reads_board": reads_board(request.post),
        "advice": _advice(request.post),
    }
    return render(request, "monitoring/round_list.html", context)


def _advice(post: Post) -> str:
    """When there will be something, to whom nothing is asked yet; townships owe none where the county does not ask them monthly."""
    if post.unit.kind not in TOWNSHIP:
        return "每月1日开放当月报送，5日前报完；1日至5日没有工作日的月份提前开放。"
    if not figure("township_cycle_enabled"):
        return "乡镇（街道）不用按月报送。新增、变更随时登记，成批的到“数据导入”里导入。"
    window = figure("e_submit_window")
    return f"每月1日生成当月报送，{window['from_day']}日至{window['to_day']}日报送。"


@require_GET
@requires(reads_board)
def round_board_page(request: StaffRequest) -> HttpResponse:
    """At a glance: who is late, since when, what they sent; supervision reads it without links to files."""
    kind, month = _asked(request)
    gate, now = Round.objects.visible_to(request.post), clock.now()
    row = gate.filter(kind=kind, month=month).first()
    found = round_board.board(row, now) if row else []
    kinds = set(gate.order_by().values_list("kind", flat=True).distinct()) | {kind}
    context: dict[str, Any] = {
        "row": row,
        "month": month,
        "lines": found,
        "counts": round_board.counts(found),
        "tabs": [
            {"label": label, "url": f"?{urlencode({'kind': name, 'month': f'{month:%Y-%m}'})}", "is_current": name == kind}
            for name, label in Round.Kind.choices
            if name in kinds
        ],
        "before": _address(kind, add_months(month, -1)),
        "after": _address(kind, add_months(month, 1)),
        "is_open": request.post.role != "L",
        "export_url": f"{reverse('monitoring:round_export')}?{urlencode({'kind': kind, 'month': f'{month:%Y-%m}'})}",
        "most": most_rows(request.post),
    }
    return render(request, "monitoring/round_board.html", context)


@require_POST
@requires(reads_board)
def round_export(request: StaffRequest) -> HttpResponseBase:
    """L12 of a month: a row for each unit, and one for each list; names of units and of those who keep their data alone."""
    kind, month = _asked(request)
    row: Round | None = Round.objects.visible_to(request.post).filter(kind=kind, month=month).first()
    found = round_board.board(row, clock.now()) if row else []
    words = str(row) if row else "这个月没有报送轮次"
    units = downloads.Part("数据更新情况", round_board.SHEET, found, shape=round_board.sheet_row)
    items = downloads.Part("报送项", round_board.ITEM_SHEET, round_board.item_rows(found))
    return downloads.answer(request, units, items, filters=words, by=request.post, name=f"{month.year}年{month.month}月数据更新情况")


def _asked(request: StaffRequest) -> tuple[str, date]:
    """The kind and month asked for; else the newest round that has opened."""
    kind = asked if (asked := request.GET.get("kind", "")) in Round.Kind.values else str(Round.Kind.MONTHLY)
    try:
        month = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        month = date.max
    if date.min.year < month.year < date.max.year:  # the months beside it are months too
        return kind, month
    newest = Round.objects.visible_to(request.post).filter(kind=kind).order_by("-month").values_list("month", flat=True).first()
    return kind, newest or clock.today().replace(day=1)


def _address(kind: str, month: date) -> str:
    return f"?{urlencode({'kind': kind, 'month': f'{month:%Y-%m}'})}"
