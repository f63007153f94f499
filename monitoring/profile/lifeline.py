"""Every aid of a household as a bar over time, a line for each program and beneficiary, department by department: plain cells of a table.

Pure: records and a day come in. A column is one month or several, so that the whole life of the household fits on a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

MOST = 24  # columns
STEPS = (1, 2, 3, 6, 12)  # months of a column
OLDEST = MOST * STEPS[-1] // 12  # years


class Aid(Protocol):
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Cell:
    """`span` columns of one record, or of nothing."""

    span: int
    record: Any = None
    is_open: bool = False


@dataclass(slots=True)
class Line:
    department: str
    program: str
    whom: str
    cells: list[Cell] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lifeline:
    """`heads`: words over the columns, with how many each covers."""

    heads: list[Cell]
    lines: list[Line]
    step: int
    columns: int

    @property
    def scale(self) -> str:
        return "每格1个月" if self.step == 1 else f"每格{self.step}个月" if self.step < 12 else "每格1年"


def lifeline(records: Sequence[Any], today: date) -> Lifeline | None:
    """None where there was never any aid."""
    if not records:
        return None
    last = _month(today)
    first = max(min(_month(row.since) for row in records), last - (MOST * STEPS[-1] - 1))
    first = min(first, last)
    step = next(step for step in STEPS if (last - first) // step < MOST)
    first -= first % step  # columns begin with the year's parts
    columns = (last - first) // step + 1
    if columns > MOST:
        first += (columns - MOST) * step
        columns = MOST
    lines: list[Line] = []
    for key in _keys(records):
        mine = sorted((row for row in records if _key(row) == key), key=lambda row: (row.since, str(row.pk)))
        lines += _lines(key, mine, first, step, columns, today)
    return Lifeline(_heads(first, step, columns), lines, step, columns)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _key(row: Any) -> tuple[str, str, str]:
    return row.program.department.name, str(row.program), row.resident.name if row.resident else "全家"


def _keys(records: Sequence[Any]) -> list[tuple[str, str, str]]:
    return sorted({_key(row) for row in records})


def _lines(key: tuple[str, str, str], rows: Sequence[Any], first: int, step: int, columns: int, today: date) -> list[Line]:
    """Records that share a month stand beneath one another; of a column of several months the later of two has the one that they share."""
    found: list[tuple[Line, int]] = []
    for row in rows:
        begin = (_month(row.since) - first) // step
        end = (_month(min(row.until or today, today)) - first) // step
        if end < 0 or begin >= columns:  # before all columns, or not begun yet
            continue
        begin, end = max(begin, 0), max(min(end, columns - 1), max(begin, 0))
        _make_way(found, row, begin)
        place = next((position for position, (_, used) in enumerate(found) if used <= begin), None)
        if place is None:
            found.append((Line(*key), 0))
            place = len(found) - 1
        line, used = found[place]
        if begin > used:
            line.cells.append(Cell(begin - used))
        line.cells.append(Cell(end - begin + 1, row, row.until is None or row.until >= today))
        found[place] = line, end + 1
    for line, used in found:
        if used < columns:
            line.cells.append(Cell(columns - used))
    return [line for line, _ in found]


def _make_way(found: list[tuple[Line, int]], row: Any, begin: int) -> None:
    """A bar that reaches into the column of what follows it, and not into its month, gives the column up, unless it is all it has."""
    for position, (line, used) in enumerate(found):
        last = line.cells[-1]
        if used == begin + 1 and last.span > 1 and last.record.until and _month(last.record.until) < _month(row.since):
            line.cells[-1] = Cell(last.span - 1, last.record, last.is_open)
            found[position] = line, begin


def _heads(first: int, step: int, columns: int) -> list[Cell]:
    """Years over their columns; where each column is a year, its own."""
    heads: list[Cell] = []
    for place in range(columns):
        year = f"{(first + place * step) // 12}"
        if heads and heads[-1].record == year:
            heads[-1] = Cell(heads[-1].span + 1, year)
        else:
            heads.append(Cell(1, year))
    return heads
