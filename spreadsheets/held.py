"""Rows of one statement, held by the server and fetched some thousand at a time: a ledger of the county never stands in our memory.

Figures that a page has computed already, one row a unit, come as they are.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction

FETCHED = 2_000  # rows at once (PERFORMANCE 1)
ROOM = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"  # a ledger sorts some hundred thousand rows
_numbers = count(1)

Columns = Sequence[Sequence[Any]]
Turned = Callable[[Sequence[Any]], Columns]


def turned_rows(rows: Sequence[Any]) -> Columns:
    """Column by column, as they are."""
    return list(zip(*rows, strict=True))


def statement_of(rows: "models.QuerySet[Any, Any]") -> tuple[str, tuple[Any, ...]]:
    """What a QuerySet asks; one that Django knows to be empty asks for no row."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::uuid WHERE false", ()


class HeldRows:
    """The answer of a statement as it stood when it was asked, and how many rows it has.

    The statement runs once, in a short transaction of its own; its answer lies in a cursor of the server (WITH HOLD), so that no
    transaction stays open while somebody downloads slowly. No further rows are asked for than one beyond `most`. Iterate once; `close`.

    `turned` makes the cells of some rows of the database, column by column: names of codes, masked names.
    """

    def __init__(self, sql: str, params: Sequence[Any] = (), *, most: int, turned: Turned = turned_rows) -> None:
        self._name, self._turned, self._is_open = f"held_{next(_numbers)}", turned, True
        with transaction.atomic(), connection.cursor() as cursor:
            # What the database writes by itself: our own name and number, beside a statement whose values go apart.
            cursor.execute(
                f"{ROOM}; DECLARE {self._name} SCROLL CURSOR WITH HOLD FOR SELECT * FROM ({sql}) AS asked LIMIT {int(most) + 1}",  # noqa: S608
                list(params),
            )
            cursor.execute(f"MOVE FORWARD ALL IN {self._name}")
            self.total = int(cursor.cursor.statusmessage.split()[-1])
            cursor.execute(f"MOVE ABSOLUTE 0 IN {self._name}")

    @classmethod
    def of(cls, rows: "models.QuerySet[Any, Any]", *, most: int, turned: Turned = turned_rows) -> Self:
        """Of a QuerySet with `values_list`. Its columns come as the driver gives them."""
        sql, params = statement_of(rows)
        return cls(sql, params, most=most, turned=turned)

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for block in self.blocks():
            yield from zip(*block, strict=True)

    def blocks(self) -> Iterator[Columns]:
        try:
            while self._is_open and (rows := self._fetch()):
                yield self._turned(rows)
        finally:
            self.close()

    def _fetch(self) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(f"FETCH FORWARD {FETCHED} FROM {self._name}")
            found: list[Any] = cursor.fetchall()
            return found

    def close(self) -> None:
        """Give the answer back to the server; once more does nothing."""
        if self._is_open:
            self._is_open = False
            with connection.cursor() as cursor:
                cursor.execute(f"CLOSE {self._name}")


class ReadyRows:
    """Rows that stand in memory because there are few of them: a line for each unit or township."""

    def __init__(self, rows: Sequence[Any], *, most: int, turned: Turned = turned_rows) -> None:
        self._rows, self._turned = rows[: most + 1], turned
        self.total = len(self._rows)

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return zip(*self._turned(self._rows), strict=True) if self._rows else iter(())

    def blocks(self) -> Iterator[Columns]:
        if self._rows:
            yield self._turned(self._rows)

    def close(self) -> None:
        """Nothing is held anywhere."""
