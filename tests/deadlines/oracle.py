"""What the house should remind of, and when, written from the rules alone (docs/glossary.md, ADR 0025): none of the arithmetic is shared.

Days come from `second_calendar`; a duty here is what the test itself did to it. The oracle is asked at each sweep, as the clock then stood.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from . import second_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE = timedelta(1)
NEVER = date(9999, 1, 1)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


class Days:
    """Which days are worked, as far as anybody knows at the moment: the notices, and Monday to Friday after them."""

    def __init__(self, until: date = date(2029, 12, 31)) -> None:
        self.all = [second_calendar.FIRST + timedelta(n) for n in range((until - second_calendar.FIRST).days + 1)]
        self._worked = set(second_calendar.WORKDAYS) | {d for d in self.all if d > second_calendar.LAST and d.weekday() < 5}
        self.sorted = sorted(self._worked)
        self.version = 0

    def change(self, day: date, *, is_workday: bool) -> None:
        (self._worked.add if is_workday else self._worked.discard)(day)
        self.sorted = sorted(self._worked)
        self.version += 1

    def is_worked(self, day: date) -> bool:
        return day in self._worked

    def on_or_before(self, day: date) -> date:
        """W(d)."""
        return self.sorted[bisect_right(self.sorted, day) - 1]

    def after(self, day: date, number: int) -> date:
        """W+n(d)."""
        return self.sorted[bisect_right(self.sorted, day) + number - 1]

    def before(self, day: date) -> date:
        return self.sorted[bisect_left(self.sorted, day) - 1]

    def due(self, starts_at: datetime, rule: str, amount: int | None, until: date | None, pauses: list[Any], *, shifts: bool) -> Any:
        """The first moment that is late; None while the clock stands. `pauses`: (from, to or None), moments."""
        if rule == "hours":
            return _due_in_hours(starts_at, amount or 0, pauses)
        stops = [(day_of(first), day_of(last) if last else self.all[-1] + ONE) for first, last in pauses]
        try:
            if until:
                last = until if not shifts or self.is_worked(until) else self.after(until, 1)
            else:
                last = second_calendar.last_day(
                    day_of(starts_at), amount or 0, rule, stops, shifts=shifts, worked=self._worked, days=self.all
                )
        except (IndexError, ValueError):  # all days to come are stopped: there is no such day
            return None
        return midnight(last + ONE)


def _due_in_hours(starts_at: datetime, amount: int, pauses: list[Any]) -> datetime | None:
    """The running time is cut into stretches between the pauses."""
    left, since = timedelta(hours=amount), starts_at
    for first, last in sorted(pauses, key=lambda pause: pause[0]):
        if since + left <= first:
            break
        if last is None:
            return None
        left, since = left - (first - since), last
    return since + left


@dataclass
class Task:
    """A duty as the test knows it: what it was opened with and what was done to it."""

    rule: str
    starts_at: datetime
    amount: int | None = None
    until: date | None = None
    shifts: bool = False
    is_promise: bool = False
    pauses: list[Any] = field(default_factory=list)
    closed_at: datetime | None = None
    # As the row has them: an exact due date is asserted by the test, the lamp's figure is another rule's.
    due_at: datetime | None = None
    amber_at: datetime | None = None

    def due(self, days: Days) -> datetime | None:
        return days.due(self.starts_at, self.rule, self.amount, self.until, self.pauses, shifts=self.shifts)


@dataclass
class Figures:
    """N of the stages that go over the heads of the unit, by the day from which they hold."""

    head: list[tuple[date, int]] = field(default_factory=lambda: [(date.min, 3)])
    platform: list[tuple[date, int]] = field(default_factory=lambda: [(date.min, 5)])

    def on(self, day: date) -> tuple[int, int]:
        return tuple(max(row for row in rows if row[0] <= day)[1] for rows in (self.head, self.platform))  # type: ignore[return-value]


def moments(task: Task, days: Days, figures: tuple[int, int]) -> Iterator[tuple[str, datetime]]:
    """Each stage of the date in force, with the moment from which a sweep points it out."""
    due_at, amber_at = task.due_at, task.amber_at
    if due_at is None or amber_at is None or task.closed_at:
        return
    if task.rule == "hours":
        found = {"amber": amber_at, "overdue": due_at, "to_head": due_at + timedelta(hours=24), "to_platform": due_at + timedelta(hours=48)}
    else:
        last = day_of(due_at) - ONE
        today, early = days.on_or_before(last), days.on_or_before(day_of(amber_at))
        found = {"due_today": midnight(today), "overdue": midnight(days.after(last, 1))}
        found |= {"to_head": midnight(days.after(last, figures[0])), "to_platform": midnight(days.after(last, figures[1]))}
        if early < today:
            found["amber"] = midnight(early)
    for stage, moment in found.items():
        if not task.is_promise or stage in {"amber", "overdue"}:
            yield stage, moment


Key = tuple[Any, str, datetime]  # the duty, the stage, the date it is of


@dataclass
class Oracle:
    """What sweeps should have made so far: {(duty, stage, date): when}."""

    days: Days = field(default_factory=Days)
    figures: Figures = field(default_factory=Figures)
    tasks: dict[Any, Task] = field(default_factory=dict)
    made: dict[Key, datetime] = field(default_factory=dict)
    _known: dict[Any, tuple[Any, list[tuple[str, datetime]]]] = field(default_factory=dict)

    def missing(self, now: datetime) -> list[Key]:
        """What a sweep at this time should make."""
        figures = self.figures.on(day_of(now))
        return [
            (key, stage, task.due_at)
            for key, task in self.tasks.items()
            if task.due_at and not task.closed_at
            for stage, moment in self._moments(key, task, figures)
            if moment <= now and (key, stage, task.due_at) not in self.made
        ]

    def swept(self, now: datetime) -> list[Key]:
        new = self.missing(now)
        self.made.update(dict.fromkeys(new, now))
        return new

    def _moments(self, key: Any, task: Task, figures: tuple[int, int]) -> list[tuple[str, datetime]]:
        """Worked out again when something they hang on has changed."""
        hangs_on = (task.due_at, task.amber_at, self.days.version, figures)
        if key not in self._known or self._known[key][0] != hangs_on:
            self._known[key] = hangs_on, list(moments(task, self.days, figures))
        return self._known[key][1]


@dataclass
class Reader:
    """Somebody who takes what his unit owes: what waits for his digest, and the days on which he had one."""

    waiting: dict[Key, datetime] = field(default_factory=dict)
    told: dict[Key, datetime] = field(default_factory=dict)
    digests: list[date] = field(default_factory=list)

    def swept(self, now: datetime, oracle: Oracle) -> None:
        """A sweep on a working day from half past eight on, if there was none with something to tell before on that day."""
        day = day_of(now)
        for key in [key for key in self.waiting if oracle.tasks[key[0]].closed_at]:
            del self.waiting[key]
        ready = [key for key in self.waiting if oracle.tasks[key[0]].due_at == key[2]]
        if not ready or day in self.digests or not oracle.days.is_worked(day) or now.astimezone(SHANGHAI).time() < time(8, 30):
            return
        self.digests.append(day)
        for key in ready:
            self.told[key] = now
            del self.waiting[key]
