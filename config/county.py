"""A county of people who do not exist, for measurements: each room fills its tables by COPY from `<room>/county.py` (`seed_county`)."""

import io
import json
import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import DatabaseError, connection, models

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Plan:
    """How large the county is to be. The same seed gives the same county, but for what the keys make of it."""

    households: int
    referrals: int
    seed: int
    by: Any

    def rng(self, room: str) -> random.Random:
        """A room's own chance, so that one room's changes leave the others' people as they were."""
        return random.Random(f"{self.seed} {room}")  # noqa: S311


def new_id(rng: random.Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def copy_into(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into a model's table; columns by attribute name. How many came in."""
    return copy_text(model, columns, _stretches(rows, _Lines.STRETCH))


def as_copied(rows: Iterable[Sequence[Any]]) -> io.TextIOBase:
    """Rows as something to read that COPY takes, for a table without a model."""
    return _Lines(_stretches(rows, _Lines.STRETCH))


def copy_text(model: type[models.Model], columns: Sequence[str], stretches: Iterable[str]) -> int:
    """The same of lines that are written as COPY reads them (`copy_escaped`), some thousand in a text. How many came in.

    The stretches may be made while they are asked for: the server takes in one while the next is made. They ask the database for nothing.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    lines = _Lines(stretches)
    with connection.cursor() as cursor:
        try:
            with connection.wrap_database_errors:  # of a COPY Django leaves the driver's own errors as they are
                cursor.copy_expert(f"COPY {connection.ops.quote_name(model._meta.db_table)} ({names}) FROM STDIN", lines, _Lines.AT_ONCE)
        except DatabaseError:
            if lines.broke_off is not None:
                raise lines.broke_off from None
            raise
        return int(cursor.rowcount)


def trusting_its_own_keys() -> bool:
    """Skip foreign-key triggers until the transaction ends: every id was just made here. Only a superuser may; else the COPY is slower."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        [is_allowed] = cursor.fetchone()
        if is_allowed:
            cursor.execute("SET LOCAL session_replication_role = replica")
    return bool(is_allowed)


class _Lines(io.TextIOBase):
    """Rows as the text that COPY reads, a stretch at a time: constant memory for any number of rows."""

    STRETCH = 1_000
    AT_ONCE = 65_536  # characters that are asked for

    def __init__(self, stretches: Iterable[str]) -> None:
        self._stretches = iter(stretches)
        self._text, self._given = "", 0
        self.broke_off: Exception | None = None  # what kept a stretch from being made

    def readable(self) -> bool:
        return True

    def _next(self) -> str | None:
        """The server is told that the copy broke off, and not why: its log holds no word of what was copied."""
        try:
            return next(self._stretches, None)
        except Exception as raised:
            self.broke_off = raised
            raise OSError from None

    def read(self, size: int | None = -1) -> str:
        while self._given >= len(self._text):
            stretch = self._next()
            if stretch is None:
                return ""
            self._text, self._given = stretch, 0
        begun = self._given
        self._given = len(self._text) if size is None or size < 0 else begun + size
        return self._text[begun : self._given]


def _stretches(rows: Iterable[Sequence[Any]], count: int) -> Iterator[str]:
    rows = iter(rows)
    while some := list(islice(rows, count)):
        yield "\n".join(map("\t".join, zip(*map(_texts, zip(*some, strict=True)), strict=True))) + "\n"


def _texts(column: Sequence[Any]) -> Iterable[str]:
    """Column by column: mostly all its values are of one type, which is asked once then, and text with nothing to escape stays as it is."""
    kinds = set(map(type, column))
    if len(kinds) > 1:  # mostly NULL among others
        return [_TEXTS.get(type(value), _other)(value) for value in column]
    [kind] = kinds
    if kind is str:
        return copy_escaped_all(column)
    if kind is uuid.UUID:
        return [f"{value.int:032x}" for value in column]
    return map(_TEXTS.get(kind, _other), column)


def copy_escaped(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


def copy_escaped_all(values: Sequence[str]) -> Sequence[str]:
    whole = "".join(values)
    return values if whole.isprintable() and "\\" not in whole else [copy_escaped(value) for value in values]


def _hex(value: uuid.UUID) -> str:
    """Without dashes: a third of the time, and PostgreSQL reads it."""
    return f"{value.int:032x}"


# By type and not by isinstance: twenty million values pass here.
_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    bool: lambda value: "t" if value else "f",
    str: copy_escaped,
    int: str,
    Decimal: str,
    uuid.UUID: _hex,
    datetime: lru_cache(4096)(datetime.isoformat),
    date: lru_cache(65_536)(date.isoformat),
    list: lambda value: "{" + ",".join(str(part) for part in value) + "}",
}


def _other(value: Any) -> str:
    """A choice's member is a string; the rest is JSON."""
    return copy_escaped(str(value)) if isinstance(value, str) else json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
