"""A year as its page shows it, and what a change would move."""

import calendar
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .models import CalendarDay
from .transitions.calendar import Move, date_text

SHOWN, SHOWN_UNITS = 20, 8


@dataclass(frozen=True, slots=True)
class Cell:
    """One day: `tone` colours it, `word` says the same in words."""

    day: date
    tone: str
    word: str
    is_today: bool
    label: str


def months_of(year: int, rows: Iterable[CalendarDay], today: date) -> list[dict[str, Any]]:
    """Twelve months of weeks from Monday on; days of the months beside are empty. A year without rows follows its weekdays."""
    days = {row.date: row for row in rows}
    months = []
    for month in range(1, 13):
        weeks = calendar.Calendar().monthdatescalendar(year, month)
        cells = [[_cell(day, days.get(day), today) if day.month == month else None for day in week] for week in weeks]
        count = sum(cell.tone in {"work", "made-up"} for week in cells for cell in week if cell)
        months.append({"month": month, "weeks": cells, "workdays": count})
    return months


def _cell(day: date, row: CalendarDay | None, today: date) -> Cell:
    is_workday, name = (row.is_workday, row.name) if row else (day.weekday() < 5, "")
    if is_workday:
        tone, word = ("made-up", "班") if day.weekday() >= 5 else ("work", "")
    else:
        tone, word = ("holiday", "休") if name else ("weekend", "")
    spoken = "上班" if is_workday else "休息"
    return Cell(day, tone, word, day == today, f"{day.month}月{day.day}日 {spoken}{f'（{name}）' if name else ''}")


def moves_view(moved: list[Move]) -> dict[str, Any]:
    """Counts by unit, and the first rows without title or subject: an administrator sees no case."""
    dated = [move for move in moved if move.old != move.new]
    units = Counter(move.duty.unit.short_name for move in dated)
    rows = [
        {
            "unit": move.duty.unit.short_name,
            "kind": move.duty.kind_name,
            "topic": move.duty.topic_code,
            "old": date_text(move.old),
            "new": date_text(move.new),
        }
        for move in dated[:SHOWN]
    ]
    return {
        "count": len(dated),
        "units": units.most_common(SHOWN_UNITS),
        "unit_count": len(units),
        "rows": rows,
        "hidden": len(dated) - len(rows),
    }
