"""Statements that every page asks, compiled once in the process: Django takes longer to write them than the database to answer them.

    posts = Remembered(lambda on, staff: Post.objects.effective(on).filter(staff_id=staff).select_related("unit"))
    posts.rows(today, 7)

The QuerySet is built once for each number of values in its lists, with markers of no meaning; where they stand in the compiled statement,
the values of each question go. So what builds it must not look at a value, only hand it on: a marker that does not come out of it again is
refused at once. Nothing of an answer is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import QuerySet

from config import keyset

M = TypeVar("M", bound=models.Model)
Value = int | str | date | list[int] | list[str] | list[UUID]
# Of each value its kind, and how many of it stand in a list; -1: no list.
Shape = tuple[tuple[type, int], ...]
KINDS = int | str | date | UUID
SHAPES = 64  # that one statement is remembered in
_FIRST, _DAY = 1_987_000_000, date(1, 1, 2)


class Remembered(Generic[M]):
    """The rows of one QuerySet: models with what it joins, or what it says with `values_list`."""

    def __init__(self, build: Callable[..., "QuerySet[M]"]) -> None:
        self._build = build
        self._known = lru_cache(maxsize=SHAPES)(self._compiled)

    def rows(self, *values: Value) -> list[Any]:
        """No list may be empty. What a gate keeps shut is not asked."""
        rows, compiler, sql, places = self._known(_shape(values))
        if places is None:
            return []
        asking = copy(compiler)
        asking.connection = connections[DEFAULT_DB_ALIAS]
        asking.as_sql = lambda: (sql, places.filled(values))
        question: Any = rows.all()  # a copy would ask the database
        question._query = _Asking(rows.query, asking)
        return list(question._iterable_class(question))

    def _compiled(self, shape: Shape) -> "tuple[QuerySet[M], Any, str, Places | None]":
        markers = _markers(shape)
        rows = self._build(*markers)
        if rows.query.is_empty():
            return rows, None, "", None
        compiler: Any = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        return rows, compiler, sql, Places(params, markers)


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
        names, sql, places = self._known(_shape(values))
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, places.filled(values))
            return dict(zip(names, cursor.fetchone(), strict=True))

    def _compiled(self, shape: Shape) -> "tuple[list[str], str, Places]":
        markers = _markers(shape)
        names, sql, params = keyset.counting(self._build(*markers), self._cap)
        return names, sql, Places(params, markers)


class Places:
    """Where among a statement's parameters the values go."""

    def __init__(self, params: Sequence[Any], markers: Sequence[Any]) -> None:
        where: dict[Any, tuple[int, int | None]] = {}
        for number, marker in enumerate(markers):
            where |= {one: (number, place) for place, one in enumerate(marker)} if isinstance(marker, list) else {marker: (number, None)}
        self._params = list(params)
        self._places = [(place, *where[param]) for place, param in enumerate(params) if isinstance(param, KINDS) and param in where]
        if {params[place] for place, *_ in self._places} != set(where):
            raise ValueError("a remembered statement must hand on each of its values as it is")

    def filled(self, values: Sequence[Any]) -> tuple[Any, ...]:
        params = list(self._params)
        for place, number, within in self._places:
            params[place] = values[number] if within is None else values[number][within]
        return tuple(params)


def _shape(values: Sequence[Any]) -> Shape:
    return tuple((type(value[0]), len(value)) if isinstance(value, list) else (type(value), -1) for value in values)


def _markers(shape: Shape) -> list[Any]:
    """A different one for each value, of its kind."""
    return [
        _marker(kind, number, 0) if count < 0 else [_marker(kind, number, place) for place in range(count)]
        for number, (kind, count) in enumerate(shape, start=1)
    ]


def _marker(kind: type, number: int, place: int) -> Any:
    if kind is date:
        return _DAY + timedelta(days=number)
    whole = _FIRST + number * 10_000 + place
    return UUID(int=whole) if kind is UUID else str(whole) if kind is str else whole
