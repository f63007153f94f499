"""The weeks and months of the bulletins: pure, every date comes in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deadlines.rules import end_of, start_of

WEEK, MONTH = "week", "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both counted."""

    every: str
    first: date
    last: date

    @property
    def since(self) -> datetime:
        return start_of(self.first)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return end_of(self.last)

    @property
    def key(self) -> str:
        return f"{self.every}:{self.first.isoformat()}"


def last_complete(every: str, on: date) -> Period:
    """The week from Monday to Sunday, or the month, that had ended before `on`.

    Raises:
        ValueError: neither a week nor a month.
    """
    if every == WEEK:
        monday = on - timedelta(days=on.weekday() + 7)
        return Period(WEEK, monday, monday + timedelta(days=6))
    if every == MONTH:
        last = on.replace(day=1) - timedelta(days=1)
        return Period(MONTH, last.replace(day=1), last)
    raise ValueError(f"no bulletin is made every {every}")


def bounds_of(year: int) -> tuple[datetime, datetime]:
    """The first moment of an assessment year, and the first after it."""
    return start_of(date(year, 1, 1)), start_of(date(year + 1, 1, 1))
