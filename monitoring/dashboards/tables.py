"""What a figure says: rows of numbers under heads. The chart is drawn from the table, so that the two cannot differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from households.small_counts import HIDDEN
from spreadsheets.cells import Column as SheetColumn
from spreadsheets.cells import Kind

Value = int | float | Decimal | None | str  # a text where the number is not told
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Column:
    """`unit`: what it counts. `is_drawn`: the chart shows it; those drawn together count the same."""

    label: str
    unit: str = ""
    is_drawn: bool = True
    tone: str = ""  # of a lamp: green, amber, red, grey


@dataclass(frozen=True, slots=True)
class Row:
    """`url`: the rows behind it that the asker may see; `urls`: those behind each number. `key`: what it is about."""

    key: str
    label: str
    values: tuple[Value, ...]
    url: str = ""
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`as_of`: 截至. `total` where adding up says something: of people and households it counts each once. `leaves_out`: what the asker
    is not told, which is in none of its numbers."""

    head: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    as_of: datetime
    total: tuple[Value, ...] | None = None
    note: str = ""
    leaves_out: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(isinstance(value, str) or value for row in self.rows for value in row.values)

    @property
    def tells_nothing(self) -> bool:
        """No number that would be drawn: all are nought, unknown or kept back."""
        return not any(value and not isinstance(value, str) for row in self.rows for value in row.values)

    @property
    def keeps_back(self) -> bool:
        return any(isinstance(value, str) for row in self.rows for value in row.values)

    def sheet_columns(self) -> list[SheetColumn]:
        return [SheetColumn(self.head, width=24), *(SheetColumn(_with_unit(column), Kind.NUMBER, 16) for column in self.columns)]

    def sheet_rows(self) -> list[list[Any]]:
        rows: list[list[Any]] = [[row.label, *row.values] for row in self.rows]
        return [*rows, ["合计", *self.total]] if self.total and rows else rows

    def without_few(self, least: int) -> "Table":
        """For a screen on a wall: counts so small that they may be known to be somebody are not told."""
        return replace(self, rows=tuple(_large(row, least) for row in self.rows), total=None)

    def without_untold(self) -> "Table":
        """Without the rows of which nothing is told: they are counted below it."""
        told = tuple(row for row in self.rows if not all(isinstance(value, str) for value in row.values))
        left = len(self.rows) - len(told)
        note = f"另有{left}行数目很小，不显示。" if left else self.note
        return replace(self, rows=told, note=note)


def _large(row: Row, least: int) -> Row:
    few = any(isinstance(value, int) and 0 < value < least for value in row.values)
    return Row(row.key, row.label, tuple(HIDDEN for _ in row.values) if few else row.values)


def _with_unit(column: Column) -> str:
    return f"{column.label}（{column.unit}）" if column.unit else column.label


def text_of(value: Value) -> str:
    """As the page says it: 1,234, 1,234.50, 2.5, a dash for what is not known."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}" if isinstance(value, Decimal) else f"{value:,.1f}".removesuffix(".0")


def sums(rows: Sequence[Row], width: int) -> tuple[Value, ...]:
    """Of columns that may be added."""
    return tuple(sum(value for row in rows if isinstance(value := row.values[place], int | Decimal)) for place in range(width))
