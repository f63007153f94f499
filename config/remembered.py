"""Statements that every page asks, compiled once in the process: Django takes longer to write them than the database to answer them.

    posts = Remembered(lambda on, staff: Post.objects.effective(on).filter(staff_id=staff).select_related("unit"))
    posts.rows(today, 7)

The QuerySet is built for each number of values in its lists, with markers of no meaning; where they stand in the compiled statement, the
values of each question go. So what builds it must not look at a value, only hand it on. It is built twice, with other markers: where one
does not come out again, or anything else of the two statements differs, it is refused at once. Nothing of an answer is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Generic, NamedTuple, Self, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import QuerySet

from config import keyset

M = TypeVar("M", bound=models.Model)
Value = int | str | date | list[int] | list[str] | list[UUID]
# Of each value its kind, and how many of it stand in a list; -1: no list.
Shape = tuple[tuple[type, int], ...]
KINDS = (int, str, date, UUID)
SHAPES = 64  # that one statement is remembered in
CHANGED = "a remembered statement must hand on each of its values as it is, and look at none"
APART = 1_000_000  # the markers of two values; no list is longer


class Marking(NamedTuple):
    first: int
    day: date
    step: int


# In other steps: what is made of a marker, the next day or a beginning, does not come out of both as the same parameter.
MARKINGS = (Marking(1_987_000_000, date(1, 1, 2), 1), Marking(1_123_000_000, date(7000, 3, 5), 3))


class Remembered(Generic[M]):
    """The rows of one QuerySet: models with what it joins, or what it says with `values_list`."""

    def __init__(self, build: Callable[..., "QuerySet[M]"]) -> None:
        self._build = build
        self._known = lru_cache(maxsize=SHAPES)(self._compiled)

    def rows(self, *values: Value) -> list[Any]:
        """No list may be empty. What a gate keeps shut is not asked."""
        rows, compiler, statement = self._known(_shape(values))
        if statement is None:
            return []
        asking = copy(compiler)
        asking.connection = connections[DEFAULT_DB_ALIAS]
        asking.as_sql = lambda: (statement.sql, statement.filled(values))
        question: Any = rows.all()  # a copy would ask the database
        question._query = _Asking(rows.query, asking)
        return list(question._iterable_class(question))

    def _compiled(self, shape: Shape) -> "tuple[QuerySet[M], Any, Statement | None]":
        markers, others = _markers(shape)
        rows = self._build(*markers)
        if rows.query.is_empty():
            return rows, None, None
        compiler: Any = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        statement, again = compiler.as_sql(), self._build(*others).query.sql_with_params()
        return rows, compiler, Statement.of(statement, markers).like(Statement.of(again, others))


class _Asking:
    """A query that has its compiler already."""

    def __init__(self, query: Any, compiler: Any) -> None:
        self._query, self._compiler = query, compiler

    def get_compiler(self, using: str | None = None) -> Any:  # noqa: ARG002 - the one database there is
        return self._compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self._query, name)


class RememberedCounts:
    """Several lists counted in one statement, as `keyset.counts` does."""

    def __init__(self, build: Callable[..., "Mapping[str, QuerySet[Any]]"], cap: int) -> None:
        self._build, self._cap = build, cap
        self._known = lru_cache(maxsize=SHAPES)(self._compiled)

    def counts(self, *values: Value) -> dict[str, int]:
        names, statement = self._known(_shape(values))
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(statement.sql, statement.filled(values))
            return dict(zip(names, cursor.fetchone(), strict=True))

    def _compiled(self, shape: Shape) -> "tuple[list[str], Statement]":
        markers, others = _markers(shape)
        names, *statement = keyset.counting(self._build(*markers), self._cap)
        _, *again = keyset.counting(self._build(*others), self._cap)
        return names, Statement.of(statement, markers).like(Statement.of(again, others))


@dataclass(frozen=True, slots=True)
class Statement:
    """A text, its parameters, and where among them the values go: the place, the value's number, and the place in it where it is a list."""

    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int, int | None], ...]

    @classmethod
    def of(cls, compiled: Sequence[Any], markers: Sequence[Any]) -> Self:
        sql, params = compiled
        where: dict[Any, tuple[int, int | None]] = {}
        for number, marker in enumerate(markers):
            where |= {one: (number, place) for place, one in enumerate(marker)} if isinstance(marker, list) else {marker: (number, None)}
        found = {place: param for place, param in enumerate(params) if isinstance(param, KINDS) and param in where}
        if set(found.values()) != set(where):
            raise ValueError(CHANGED)
        rest = tuple(None if place in found else param for place, param in enumerate(params))
        return cls(sql, rest, tuple((place, *where[param]) for place, param in found.items()))

    def like(self, other: Self) -> Self:
        if self != other:
            raise ValueError(CHANGED)
        return self

    def filled(self, values: Sequence[Any]) -> tuple[Any, ...]:
        params = list(self.params)
        for place, number, within in self.places:
            params[place] = values[number] if within is None else values[number][within]
        return tuple(params)


def _shape(values: Sequence[Any]) -> Shape:
    return tuple((type(value[0]), len(value)) if isinstance(value, list) else (type(value), -1) for value in values)


def _markers(shape: Shape) -> list[list[Any]]:
    """A different one for each value, of its kind; twice over."""
    return [
        [
            _marker(kind, marking, number, 0) if count < 0 else [_marker(kind, marking, number, place) for place in range(count)]
            for number, (kind, count) in enumerate(shape)
        ]
        for marking in MARKINGS
    ]


def _marker(kind: type, marking: Marking, number: int, place: int) -> Any:
    if kind not in KINDS:  # None would be compared with =, a moment is no day
        raise TypeError(f"a remembered statement takes no {kind.__name__}")
    if kind is date:
        return marking.day + timedelta(days=number * marking.step)
    whole = marking.first + (number * APART + place) * marking.step
    return UUID(int=whole) if kind is UUID else str(whole) if kind is str else whole
