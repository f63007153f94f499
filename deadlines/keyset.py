"""Pages by position instead of by number: as fast on the last page as on the first (PERFORMANCE 6).

A list is one or more segments, read one after the other, each ordered by (field, id) or by id alone. A position is the segment, the
field's value and the id of a row; a page goes on after it, or back before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

SIZES = (20, 50, 100)


@dataclass(frozen=True)
class Segment:
    rows: "QuerySet[Any]"
    field: str = ""
    is_descending: bool = False

    def read(self, count: int, *, position: tuple[str, str] | None, backwards: bool) -> list[Any]:
        """Up to `count` rows after the position, or before it, nearest first."""
        down = self.is_descending != backwards
        sign, step = ("-", "lt") if down else ("", "gt")
        rows = self.rows.order_by(*([f"{sign}{self.field}"] if self.field else []), f"{sign}id")
        if position:
            value, pk = position
            beyond = Q(**{f"id__{step}": pk})
            if self.field:
                beyond = Q(**{f"{self.field}__{step}e": value}) & (Q(**{f"{self.field}__{step}": value}) | beyond)
            rows = rows.filter(beyond)
        return list(rows[:count])

    def position_of(self, row: Any) -> str:
        return f"{getattr(row, self.field).isoformat() if self.field else ''}~{row.pk}"


@dataclass(frozen=True)
class KeysetPage:
    """`previous` and `next` are query strings, empty at the ends."""

    rows: Sequence[Any]
    previous: str
    next: str


def page(segments: Sequence[Segment], query: QueryDict) -> KeysetPage:
    """The page that the query string asks for; a position that cannot be read begins at the top."""
    size = next((size for size in SIZES if query.get("size") == str(size)), SIZES[0])
    before = _read(query.get("before", ""), len(segments))
    after = None if before else _read(query.get("after", ""), len(segments))
    found = _collect(segments, size + 1, before or after, backwards=bool(before))
    more, found = len(found) > size, found[:size]
    if before:
        found.reverse()
    has_previous, has_next = (more, True) if before else (bool(after), more)
    return KeysetPage(
        [row for _, row in found],
        _link(query, "before", segments, found[:1]) if has_previous else "",
        _link(query, "after", segments, found[-1:]) if has_next else "",
    )


def _collect(segments: Sequence[Segment], count: int, start: Any, *, backwards: bool) -> list[tuple[int, Any]]:
    order = range(len(segments) - 1, -1, -1) if backwards else range(len(segments))
    found: list[tuple[int, Any]] = []
    for number in order:
        if start and (number > start[0] if backwards else number < start[0]):
            continue
        position = start[1] if start and number == start[0] else None
        found += [(number, row) for row in segments[number].read(count - len(found), position=position, backwards=backwards)]
        if len(found) >= count:
            break
    return found


def _read(text: str, segments: int) -> tuple[int, tuple[str, str]] | None:
    number, _, rest = text.partition("~")
    value, _, pk = rest.rpartition("~")
    try:
        UUID(pk)
        if value:
            datetime.fromisoformat(value)
    except ValueError:
        return None
    return (int(number), (value, pk)) if number.isdigit() and int(number) < segments and bool(value) == (int(number) == 0) else None


def _link(query: QueryDict, way: str, segments: Sequence[Segment], edge: Sequence[tuple[int, Any]]) -> str:
    changed = query.copy()
    for name in ("before", "after"):
        changed.pop(name, None)
    if edge:
        number, row = edge[0]
        changed[way] = f"{number}~{segments[number].position_of(row)}"
    return changed.urlencode()
