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
from typing import Any

from django.db import connection, models

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
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {connection.ops.quote_name(model._meta.db_table)} ({names}) FROM STDIN", _Lines(rows))
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

    STRETCH = 2_000

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._lines = _stretches(rows, self.STRETCH)
        self._left = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        while not self._left:
            stretch = next(self._lines, None)
            if stretch is None:
                return ""
            self._left = stretch
        if size is None or size < 0:
            size = len(self._left)
        given, self._left = self._left[:size], self._left[size:]
        return given


def _stretches(rows: Iterable[Sequence[Any]], count: int) -> Iterator[str]:
    lines: list[str] = []
    for row in rows:
        lines.append("\t".join([_TEXTS.get(type(value), _other)(value) for value in row]))
        if len(lines) >= count:
            yield "\n".join(lines) + "\n"
            lines.clear()
    if lines:
        yield "\n".join(lines) + "\n"


def _string(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


def _hex(value: uuid.UUID) -> str:
    """Without dashes: a third of the time, and PostgreSQL reads it."""
    return f"{value.int:032x}"


# By type and not by isinstance: twenty million values pass here.
_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    bool: lambda value: "t" if value else "f",
    str: _string,
    int: str,
    Decimal: str,
    uuid.UUID: _hex,
    datetime: lru_cache(4096)(datetime.isoformat),
    date: lru_cache(65_536)(date.isoformat),
    list: lambda value: "{" + ",".join(str(part) for part in value) + "}",
}


def _other(value: Any) -> str:
    """A choice's member is a string; the rest is JSON."""
    return _string(str(value)) if isinstance(value, str) else json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
