"""The working calendar as a value: which days are worked, and from when on nobody knows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A day the year's official notice names: a festival's rest day, or a weekend day that is worked instead."""

    is_workday: bool
    name: str


@dataclass(frozen=True)
class WorkingCalendar:
    """The named days from some date on, the years whose notice has been entered, and the version they stand at.

    A day without a name follows its weekday. A year that has not been entered has no names at all: Monday to Friday, and
    `knows` says so (RULES C1, Working-day calendar).
    """

    named: Mapping[date, Entry]
    years: frozenset[int]
    version: int

    def is_workday(self, day: date) -> bool:
        entry = self.named.get(day)
        return entry.is_workday if entry else day.weekday() < 5

    def name(self, day: date) -> str:
        entry = self.named.get(day)
        return entry.name if entry else ""

    def knows(self, day: date) -> bool:
        return day.year in self.years

    def workday_before(self, day: date, count: int) -> date:
        """The `count`-th working day before `day`; `day` itself for 0."""
        while count:
            day -= ONE_DAY
            count -= self.is_workday(day)
        return day

    def workdays_between(self, after: date, until: date) -> int:
        """Working days after `after` up to and including `until`."""
        return sum(self.is_workday(after + ONE_DAY * n) for n in range(1, (until - after).days + 1))

    def changed(self, days: Mapping[date, Entry | None], *, years: frozenset[int] = frozenset()) -> "WorkingCalendar":
        """As it would stand with these days changed (None: the name is taken away) and these years entered."""
        named = {**self.named, **{day: entry for day, entry in days.items() if entry}}
        for day in (day for day, entry in days.items() if entry is None):
            named.pop(day, None)
        return replace(self, named=named, years=self.years | years, version=self.version + 1)
