"""Pages by position instead of by number: as fast on the last page as on the first (PERFORMANCE 6).

A list is one or more segments, read one after the other, each ordered by (field, id) or by id alone. A position is the segment, the
field's value and the id of a row; a page goes on after it, or back before it. A list stays flat where an index holds (scope, field, id) in
the order of the sort.

A position stands sealed in the link, since a page may withhold what its edge row is ordered by, and opens only in the list, the narrowing,
the order and the post it was made for: in another list it would show between which rows it lies (ADR 0041). Of a text not even the sealed
value stands there, a name being nothing for an address: the row is asked for it again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.http import HttpRequest, QueryDict
from django.utils.timezone import is_naive

from config.protection.sealing import open_from_address, seal_for_address

SEAL_LABEL = "list-position"
WAYS = ("before", "after")
SIZES = (20, 50, 100)
ALL = 2**31 - 1
CAP = 1000  # a count beyond it takes as long as it is large, and nobody reads it

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Segment:
    """Rows without NULL in `field`, which may lead over relations (`resident__name_order`); without a field they go by id."""

    rows: "QuerySet[Any]"
    field: str = ""
    is_descending: bool = False

    def read(self, count: int, *, position: tuple[Any, Any] | None, backwards: bool) -> list[Any]:
        """Up to `count` rows after the position, or before it, nearest first."""
        down = self.is_descending != backwards
        columns = [self.field, "id"] if self.field else ["id"]
        rows = self.rows.order_by(*(f"-{column}" if down else column for column in columns))
        if position:
            rows = rows.filter(self._beyond(position, columns, down=down))
        return list(rows[:count])

    def _beyond(self, position: tuple[Any, Any], columns: list[str], *, down: bool) -> Any:
        """One comparison of rows, (field, id) > (value, id): the index is entered there, however many rows share the value."""
        here = [Value(value, field_of(self.rows, column)) for value, column in zip(position[-len(columns) :], columns, strict=True)]
        # The output field serves the compiler alone; PostgreSQL compares column by column.
        row = [Func(*parts, function="ROW", output_field=models.TextField()) for parts in ([F(column) for column in columns], here)]
        return LessThan(*row) if down else GreaterThan(*row)

    def position_of(self, row: Any) -> str:
        """value~id; the value of a text stays out."""
        if not self.field or self._is_hidden:
            return f"~{row.id}"
        value = _value_of(row, self.field)
        return f"{value.isoformat() if isinstance(value, date) else value}~{row.id}"

    def read_position(self, text: str) -> tuple[Any, Any] | None:
        """The value and the id; None when the text is not what `position_of` writes, or its row is gone."""
        value, tilde, pk = text.partition("~")
        if not tilde or bool(value) != bool(self.field and not self._is_hidden):
            return None
        try:
            found = field_of(self.rows, "id").to_python(pk)
            known = field_of(self.rows, self.field).to_python(value) if value else None
        except (ValidationError, ValueError, OverflowError):
            return None
        if isinstance(known, datetime) and is_naive(known):
            return None
        if self.field and self._is_hidden:
            known = self.rows.model._base_manager.filter(pk=found).values_list(self.field, flat=True).first()
            return None if known is None else (known, found)
        return known, found

    @property
    def _is_hidden(self) -> bool:
        return isinstance(field_of(self.rows, self.field), models.CharField | models.TextField)


@dataclass(frozen=True)
class Apart:
    """Rows of which a page withholds what it goes by, and the field that they go by instead: one that the page tells of them.

    By what another page tells of the same rows, their key too, both would stand in one order, and the third here were the third there.
    """

    rows: Q
    field: str


@dataclass(frozen=True)
class KeysetPage:
    """`previous` and `next` are addresses of the list, empty at the ends."""

    rows: Sequence[Any]
    previous: str
    next: str


def ordered(rows: "QuerySet[M]", sort: str, *, is_filled: bool = False, apart: Apart | None = None) -> list[Segment]:
    """The rows in the order of a field, `-field` descending, those that lack it last; `is_filled`: the rows are known to have it.

    `apart`: of which the page withholds that field. Between their neighbours they would tell it, so they come after all others.
    """
    if apart is not None:
        # Found first and ordered then: for the first few in order PostgreSQL would walk an index of all rows for the few that are meant.
        few = rows.filter(apart.rows).order_by().values("pk")[:ALL]
        return [*ordered(rows.exclude(apart.rows), sort, is_filled=is_filled), Segment(rows.filter(pk__in=few), apart.field)]
    field = sort.removeprefix("-")
    known = Segment(rows, field, is_descending=sort != field)
    if is_filled or not field_of(rows, field).null:
        return [known]
    return [Segment(rows.filter(**{f"{field}__isnull": False}), field, known.is_descending), Segment(rows.filter(**{field: None}))]


def page(
    segments: Sequence[Segment], request: HttpRequest, *, sort: str = "", size: int = 0, once: Collection[str] = (), path: str = ""
) -> KeysetPage:
    """The page that the address asks for; a position that does not open here, or cannot be read, begins at the top.

    `once`: what the address asks for this page alone; links leave it out. `path`: of the list, where its rows are brought in from an
    address of their own, or where it is shown once more by a form that came back.

    Raises:
        ValueError: a form came back and the path is not named: nothing leads on from an address that only takes forms.
    """
    if request.method == "POST" and not path:
        raise ValueError("a list that answers a form names its own path")
    path, query = path or request.path, request.GET
    carried = [(name, value) for name, values in query.lists() if name not in {*WAYS, *once} for value in values]
    bound_to = _bound_to(request, path, carried, sort)
    size = size or size_in(query) or SIZES[0]
    before = _read(query.get("before", ""), segments, bound_to)
    after = None if before else _read(query.get("after", ""), segments, bound_to)
    found = _collect(segments, size + 1, before or after, backwards=bool(before))
    more, found = len(found) > size, found[:size]
    if before:
        found.reverse()
    has_previous, has_next = (more, True) if before else (bool(after), more)
    return KeysetPage(
        [row for _, row in found],
        _link(path, carried, "before", segments, bound_to, found[:1]) if has_previous else "",
        _link(path, carried, "after", segments, bound_to, found[-1:]) if has_next else "",
    )


def size_in(query: QueryDict) -> int:
    """The size a query string asks for, if it is one of ours; else 0."""
    return next((size for size in SIZES if query.get("size") == str(size)), 0)


def tally(rows: "QuerySet[Any]", cap: int = CAP) -> str:
    """How many, counted no further than one beyond `cap`: "1000+"."""
    return capped(rows.order_by()[: cap + 1].count(), cap)


def tallies(parts: "Mapping[str, QuerySet[Any]]", cap: int = CAP) -> dict[str, str]:
    """The same of several lists, by name, in one statement."""
    return {name: capped(count, cap) for name, count in counts(parts, cap).items()}


def counts(parts: "Mapping[str, QuerySet[Any]]", cap: int = CAP) -> dict[str, int]:
    """How many rows several lists have, each counted no further than one beyond the cap: one statement."""
    found: dict[str, int] = dict.fromkeys(parts, 0)
    names, sql, params = counting(parts, cap)
    if names:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found |= dict(zip(names, cursor.fetchone(), strict=True))
    return found


def counting(parts: "Mapping[str, QuerySet[Any]]", cap: int = CAP) -> tuple[list[str], str, list[Any]]:
    """The names it counts, without those that Django knows to be empty, the statement and its parameters."""
    compiled = {name: rows.order_by().values("pk")[: cap + 1].query for name, rows in parts.items()}
    asked = {name: query.sql_with_params() for name, query in compiled.items() if not query.is_empty()}
    sql = ", ".join(f"(SELECT count(*) FROM ({text}) AS t)" for text, _ in asked.values())  # noqa: S608 - Django's own, values apart
    return list(asked), f"SELECT {sql}", [value for _, values in asked.values() for value in values]


def capped(count: int, cap: int = CAP) -> str:
    return f"{cap}+" if count > cap else str(count)


def field_of(rows: "QuerySet[Any]", path: str) -> "models.Field[Any, Any]":
    """The model's field at the end of a path. A path over a relation that may be empty is nullable, and is not for lists."""
    model: Any = rows.model
    found: Any = None
    for name in path.split("__"):
        found = model._meta.pk if name in {"pk", "id"} else model._meta.get_field(name)
        model = found.related_model
    return found


def without_position(query: QueryDict) -> QueryDict:
    changed = query.copy()
    for name in WAYS:
        changed.pop(name, None)
    return changed


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


def _value_of(row: Any, path: str) -> Any:
    """Of a model's row or of a named tuple, whose columns bear the path as their name."""
    return getattr(row, path) if hasattr(row, path) else reduce(getattr, path.split("__"), row)


def _bound_to(request: HttpRequest, path: str, carried: Sequence[tuple[str, str]], sort: str) -> str:
    """Which list, narrowed how, in which order, before whom. How large a page is, and what is asked for first, is no matter."""
    narrowed = urlencode(sorted((name, value) for name, value in carried if name not in {"sort", "size"}))
    post = getattr(request, "post", None)
    reader = f"post.{post.pk}" if post else f"user.{getattr(getattr(request, 'user', None), 'pk', None)}"
    return "\n".join([path, narrowed, sort, reader])


def _read(token: str, segments: Sequence[Segment], bound_to: str) -> tuple[int, tuple[Any, Any]] | None:
    number, _, rest = open_from_address(SEAL_LABEL, token, bound_to).partition("~") if token else ("", "", "")
    if not (number.isdecimal() and number.isascii() and int(number) < len(segments)):
        return None
    position = segments[int(number)].read_position(rest)
    return (int(number), position) if position else None


def _link(
    path: str, carried: Sequence[tuple[str, str]], way: str, segments: Sequence[Segment], bound_to: str, edge: Sequence[tuple[int, Any]]
) -> str:
    """Without an edge, beyond the end of the list, to its top."""
    asked = list(carried)
    if edge:
        number, row = edge[0]
        asked.append((way, seal_for_address(SEAL_LABEL, f"{number}~{segments[number].position_of(row)}", bound_to)))
    return f"{path}?{urlencode(asked)}"
