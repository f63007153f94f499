"""A workbook as an answer: written while it is sent, by its Chinese name, kept by nobody on the way.

A view that exports is a POST: handing rows out is an act, with a line in the record.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from config import clock
from organization.models import Post

from . import step_up, transitions
from .caps import most_rows
from .cells import Column
from .held import Columns, HeldRows, ReadyRows, Turned, turned_rows
from .workbook import Sheet, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Statement(NamedTuple):
    """SQL with places for its values."""

    sql: str
    params: Sequence[Any] = ()


@dataclass(frozen=True)
class Part:
    """One sheet as asked for: rows by a QuerySet with `values_list`, in order, or by a statement; a list where they are computed.

    `shape` makes the cells of a row, in the order of the columns; without it the row's own columns are the cells. `turn` does it for some
    rows at once, and gives column by column: for the largest ledgers, where a call for each row costs as much as writing it.
    """

    title: str
    columns: Sequence[Column]
    asked: "QuerySet[Any, Any] | Statement | list[Any]"
    shape: Callable[[Any], Sequence[Any]] | None = None
    turn: Turned | None = None

    def held(self, most: int) -> HeldRows | ReadyRows:
        if isinstance(self.asked, list):
            return ReadyRows(self.asked, most=most, turned=self.turned)
        if isinstance(self.asked, Statement):
            return HeldRows(self.asked.sql, self.asked.params, most=most, turned=self.turned)
        return HeldRows.of(self.asked, most=most, turned=self.turned)

    def turned(self, rows: Sequence[Any]) -> Columns:
        """The cells of these rows as asked for, of which there is at least one, column by column."""
        if self.turn is not None:
            return self.turn(rows)
        return turned_rows(rows if self.shape is None else list(map(self.shape, rows)))


def answer(
    request: HttpRequest, *parts: Part, filters: str, by: Post, name: str = "", most: int = 0, reason: str = ""
) -> HttpResponse | StreamingHttpResponse:
    """The file of these sheets, each cut at the cap of the post, with its line in the record written before the first octet leaves.
    Beyond 500 rows the answer first asks for the password and the reason (403).

    `filters`: what narrows the rows, in words without a name or a number (`filter_words`). `name` of the file, else the first title.
    `reason`: said already, with the password on the form before, or approved, of rows that somebody brought himself (his file would have to
    come twice): it is not asked again. Whoever said it, it stands on the sheets and in the record.
    `most` in place of the cap: a list that is the unit's own work and worth nothing in pieces.
    """
    most, now = most or most_rows(by), clock.local(clock.now())
    with ExitStack() as held:
        found: list[HeldRows | ReadyRows] = []
        for part in parts:
            found.append(part.held(most))
            held.callback(found[-1].close)
        totals = [len(rows) for rows in found]
        title = name or parts[0].title
        try:
            if step_up.is_needed(max(totals)) and not reason:
                reason = step_up.reason_given(request, title)
        except step_up.NotProven as asked:
            return asked.response
        for part, total in zip(parts, totals, strict=True):
            transitions.export(title=part.title, rows=min(total, most), filters=filters, reason=reason, by=by)
            if total > most:
                messages.warning(request, f"{part.title}超过{most:,}行，文件里只有前{most:,}行。请缩小筛选范围，分次导出。")
        kept = held.pop_all()  # nothing went wrong: the answer gives them back
    said = f"{filters}；用途：{reason}" if reason else filters
    sheets = [
        Sheet(tab(part.title), part.title, part.columns, rows, limit=most, note=note(rows, most, said))
        for part, rows in zip(parts, found, strict=True)
    ]
    watermark = f"{by.label} {now:%Y-%m-%d %H:%M} 导出，仅限工作使用"
    disposition = content_disposition_header(as_attachment=True, filename=f"{title} {now:%Y-%m-%d}.xlsx") or "attachment"
    return StreamingHttpResponse(
        _Stream(sheets, watermark, kept),
        content_type=XLSX,
        headers={"Content-Disposition": disposition, "X-Accel-Buffering": "yes"},
    )


def filter_words(form: BaseForm, *, personal: Collection[str] = ()) -> str:
    """What a filter form holds: label and chosen words; of what may be a name or a number the label alone."""
    words = []
    for bound in form:
        value = bound.value()
        if value in (None, "", [], False, "False"):
            continue
        if bound.name in personal:
            words.append(f"{bound.label}：已填")
        elif value is True or value in ("on", "True", "true"):
            words.append(str(bound.label))
        else:
            chosen = dict(getattr(bound.field, "choices", ()) or ())
            words.append(f"{bound.label}：{chosen.get(value, value)}")
    return "；".join(words) or "未筛选"


def tab(title: str) -> str:
    """What a sheet's tab can say of a title."""
    return re.sub(r"[\[\]:*?/\\']", "", title)[:31] or "数据"


def note(rows: HeldRows | ReadyRows, most: int, filters: str) -> str:
    """How many rows there are, and what narrowed them."""
    cut = f"符合条件的超过{most:,}行，只导出前{most:,}行" if rows.total > most else f"共{rows.total:,}行"
    return f"{cut}；{filters}"


class _Stream:
    """The octets, and what is given back to the server when the answer ends, however it ends."""

    def __init__(self, sheets: Sequence[Sheet], watermark: str, held: ExitStack) -> None:
        self._sheets, self._watermark, self._held = sheets, watermark, held

    def __iter__(self) -> Iterator[bytes]:
        yield from workbook(self._sheets, watermark=self._watermark)

    def close(self) -> None:
        self._held.close()
