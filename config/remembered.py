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
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.query import ModelIterable, QuerySet

M = TypeVar("M", bound=models.Model)
Value = int | date | Sequence[int]
_FIRST, _DAY = 1_987_000_000, date(1, 1, 2)


class Remembered(Generic[M]):
    """The rows of one QuerySet, as models with what it joins."""

    def __init__(self, build: Callable[..., "QuerySet[M]"]) -> None:
        self._build = build
        self._known: dict[tuple[int, ...], tuple[Any, str, Places]] = {}

    def rows(self, *values: Value) -> list[M]:
        """No list may be empty."""
        compiler, sql, places = self._compiled(values)
        asking = copy(compiler)
        asking.connection = connections[DEFAULT_DB_ALIAS]
        asking.as_sql = lambda: (sql, places.filled(values))
        query = SimpleNamespace(get_compiler=lambda using: asking)  # noqa: ARG005 - the one database there is
        return list(ModelIterable(SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})))  # type: ignore[arg-type]

    def _compiled(self, values: Sequence[Value]) -> "tuple[Any, str, Places]":
        shape = _shape(values)
        if shape not in self._known:
            markers = _markers(values)
            compiler: Any = self._build(*markers).query.get_compiler(DEFAULT_DB_ALIAS)
            sql, params = compiler.as_sql()
            self._known[shape] = compiler, sql, Places(params, markers)
        return self._known[shape]


class RememberedCounts:
    """Several lists counted in one statement, as `keyset.counts` does."""

    def __init__(self, build: Callable[..., "Mapping[str, QuerySet[Any]]"], cap: int) -> None:
        self._build, self._cap = build, cap
        self._known: dict[tuple[int, ...], tuple[list[str], str, Places]] = {}

    def counts(self, *values: Value) -> dict[str, int]:
        names, sql, places = self._compiled(values)
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(sql, places.filled(values))
            return dict(zip(names, cursor.fetchone(), strict=True))

    def _compiled(self, values: Sequence[Value]) -> "tuple[list[str], str, Places]":
        from config.keyset import counting

        shape = _shape(values)
        if shape not in self._known:
            markers = _markers(values)
            names, sql, params = counting(self._build(*markers), self._cap)
            self._known[shape] = names, sql, Places(params, markers)
        return self._known[shape]


class Places:
    """Where among a statement's parameters the values go."""

    def __init__(self, params: Sequence[Any], markers: Sequence[Any]) -> None:
        where = {marker: (number, None) for number, marker in enumerate(markers) if not isinstance(marker, list)}
        where |= {one: (number, place) for number, each in enumerate(markers) if isinstance(each, list) for place, one in enumerate(each)}
        self._params = list(params)
        self._places = [(place, *where[param]) for place, param in enumerate(params) if isinstance(param, int | date) and param in where]
        if {params[place] for place, *_ in self._places} != set(where):
            raise ValueError("a remembered statement must hand on each of its values as it is")

    def filled(self, values: Sequence[Value]) -> tuple[Any, ...]:
        params = list(self._params)
        for place, number, within in self._places:
            value: Any = values[number]
            params[place] = value if within is None else value[within]
        return tuple(params)


def _shape(values: Sequence[Value]) -> tuple[int, ...]:
    return tuple(len(value) if isinstance(value, Sequence) else -1 for value in values)


def _markers(values: Sequence[Value]) -> list[Any]:
    """A different one for each value, of its kind."""
    found: list[Any] = []
    for number, value in enumerate(values, start=1):
        if isinstance(value, Sequence):
            found.append([_FIRST + number * 10_000 + place for place in range(len(value))])
        else:
            found.append(_DAY + timedelta(days=number) if isinstance(value, date) else _FIRST + number * 10_000)
    return found
