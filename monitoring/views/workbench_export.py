"""What the workbench shows, as Excel: the tab, the filters, the order and the columns that one sees; titles are masked already."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from config import clock
from organization.gates import requires
from organization.requests import StaffRequest
from spreadsheets import downloads
from spreadsheets.cells import Column

from .. import workbench as bench
from .workbench import PERSONAL, shown

COLUMNS: dict[str, tuple[Column, Callable[[bench.Row], Any]]] = {
    "lamp": (Column("时限", width=16), lambda row: row.word),
    "kind": (Column("环节", width=16), lambda row: row.kind),
    "title": (Column("事项", width=44), lambda row: row.title),
    "program": (Column("救助项目", width=24), lambda row: row.program),
    "unit": (Column("承办单位", width=24), lambda row: row.unit),
    "opened": (Column("交办时间", width=18), lambda row: row.opened),
    "due": (Column("到期日", width=18), lambda row: row.due),
    "closed": (Column("办结时间", width=18), lambda row: row.closed),
    "taker": (Column("领办人", width=12), lambda row: row.taker),
}
Position = NamedTuple("Position", [(name, Any) for name in bench.POSITION])  # type: ignore[misc]


@require_POST
@requires()
def workbench_export(request: StaffRequest) -> HttpResponseBase:
    """Its line stands in the record before the first row leaves; no more rows than the post may take (SECURITY abuse 6)."""
    now = clock.now()
    tab, found, table = shown(request, now)
    names = [name for name in COLUMNS if table.shows[name]]

    def cells(values: tuple[Any, ...]) -> list[Any]:
        [row] = bench.listed([Position(*values)], request.posts, now)
        return [COLUMNS[name][1](row) for name in names]

    part = downloads.Part(
        f"工作台（{tab.label}）", [COLUMNS[name][0] for name in names], table.ordered(found.qs).values_list(*bench.POSITION), shape=cells
    )
    return downloads.answer(request, part, filters=downloads.filter_words(found.form, personal=PERSONAL), by=request.post)
