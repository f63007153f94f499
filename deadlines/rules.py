"""The arithmetic of time limits: pure functions, every date comes in (RULES C1 Counting rules, DESIGN 6, ADR 0007 and 0008).

A limit of days ends at 24:00 of its last day in Asia/Shanghai, written as the moment the next day begins; a duty is late from that
moment on. A day counts when the clock is running at its 24:00: so the starting day is not counted (民法典 201), the day on which
a pause begins is not, the day on which it ends is, and stopping and starting again within one day changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import TextChoices

from config.dates import add_months

from .working_calendar import ONE_DAY, WorkingCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
INSTANT = timedelta(microseconds=1)
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Rule(TextChoices):
    HOURS = "hours", "小时"
    WORKING_DAYS = "working_days", "工作日"
    CALENDAR_DAYS = "calendar_days", "日"
    MONTHS = "months", "个月"
    FIXED_DATE = "fixed_date", "固定日期"


@dataclass(frozen=True, slots=True)
class Limit:
    """How long: `amount` in units of `rule`, or `until` for a fixed date (“5日以前”: until its 24:00).

    `shifts`: an end on a rest day moves to the next working day (民法典 203). For citizens' time limits and “1个月” of LY;
    not for publicity, not for internal data cycles.
    """

    rule: Rule
    amount: int | None = None
    until: date | None = None
    shifts: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", Rule(self.rule))  # data of the upper rooms says it in a word
        if (self.rule == Rule.FIXED_DATE) != (self.until is not None) or (self.until is None) == (self.amount is None):
            raise ValueError("a limit has an amount, or a fixed date")
        if self.amount is not None and self.amount < 0:
            raise ValueError("a limit is not negative")

    def is_longer_than(self, other: "Limit") -> bool:
        """Of the same way of counting, and longer."""
        if self.until and other.until:
            return self.until > other.until
        return self.rule == other.rule and (self.amount or 0) > (other.amount or 0)

    def __str__(self) -> str:
        if self.until:
            return f"{self.until:%Y-%m-%d}以前"
        return f"{self.amount}个工作日" if self.rule == Rule.WORKING_DAYS else f"{self.amount}{self.rule.label}"


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood from `began` to `ended` (None: it still stands)."""

    began: datetime
    ended: datetime | None
    reason: str = ""


class Verdict(StrEnum):
    START = "start"
    COUNTED = "counted"
    REST = "rest"
    PAUSED = "paused"
    SHIFTED = "shifted"
    STANDING = "standing"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Step:
    """What one day did to the count.

    `number`: the running number of the day counted; for a pause the days it has held so far (minutes, for a limit of hours).
    """

    day: date
    verdict: Verdict
    number: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Count:
    """The answer: `due_at` (None while the clock stands), the days that led to it, the years whose calendar was guessed."""

    due_at: datetime | None
    steps: Sequence[Step]
    guessed_years: tuple[int, ...] = ()

    @property
    def falls_back(self) -> bool:
        return bool(self.guessed_years)


def date_of(moment: datetime) -> date:
    """The date in Asia/Shanghai on which a moment lies."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """0:00 of the day in Asia/Shanghai, in UTC; of the first day there is, the first moment: somebody may type it into a filter."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC) if day > date.min else EARLIEST


def end_of(day: date) -> datetime:
    """24:00 of the day in Asia/Shanghai: the moment the next day begins, in UTC; of the last day there is, the last moment."""
    return start_of(day + ONE_DAY) if day < date.max else LATEST


def due_on(due_at: datetime) -> date:
    """The last day on which a matter due at that moment is in time."""
    return date_of(due_at - INSTANT)


def count(starts_at: datetime, limit: Limit, pauses: Sequence[Pause], calendar: WorkingCalendar) -> Count:
    """When the limit ends, day by day. One walk serves the date and its explanation, so that they cannot disagree."""
    if limit.rule == Rule.HOURS:
        return _count_hours(starts_at, limit, pauses)
    walk = _Walk(calendar, [(date_of(p.began), date_of(p.ended) if p.ended else date.max, p.reason) for p in pauses])
    start = date_of(starts_at)
    walk.add(start, Verdict.START)
    if limit.until:
        walk.add(limit.until, Verdict.DUE)
    elif not walk.run(days_to_count(start, limit), workdays_only=limit.rule == Rule.WORKING_DAYS):
        return walk.result(None)
    if limit.shifts and not walk.shift():
        return walk.result(None)
    return walk.result(end_of(walk.day))


def days_to_count(start: date, limit: Limit) -> int:
    """How many days the limit holds: as many as stand between the start and the same day of the later month, for months."""
    if limit.rule == Rule.MONTHS:
        return (add_months(start, limit.amount or 0) - start).days
    return (limit.until - start).days if limit.until else limit.amount or 0


@dataclass(frozen=True, slots=True)
class Early:
    """How early the lamp turns amber: the smaller of so many working days and one `divisor`-th of the limit (DESIGN 6)."""

    workdays: int = 3
    divisor: int = 3


def amber_at(starts_at: datetime, limit: Limit, due_at: datetime, calendar: WorkingCalendar, early: Early) -> datetime:
    """When the lamp turns amber.

    A share of the limit is cut down to whole days; so with fewer than three days, and thirds, it turns amber on the last day.
    """
    last = due_on(due_at)
    earliest = start_of(calendar.workday_before(last, early.workdays))
    if limit.rule == Rule.HOURS:
        return max(earliest, due_at - timedelta(hours=limit.amount or 0) / early.divisor)
    share = max(days_to_count(date_of(starts_at), limit), 0) // early.divisor
    if limit.rule == Rule.WORKING_DAYS:
        return start_of(calendar.workday_before(last, min(share, early.workdays)))
    return max(earliest, start_of(last - ONE_DAY * share))


class _Walk:
    """One step a day from the start to the end of the limit."""

    def __init__(self, calendar: WorkingCalendar, stops: Sequence[tuple[date, date, str]]) -> None:
        self.calendar, self.stops = calendar, stops
        self.steps: list[Step] = []
        self.guessed: set[int] = set()
        self.held = 0
        self.day = date.min

    def add(self, day: date, verdict: Verdict, number: int = 0, reason: str = "") -> None:
        self.day = day
        self.steps.append(Step(day, verdict, number, reason))

    def run(self, amount: int, *, workdays_only: bool) -> bool:
        """Walk until `amount` days have counted. False: an open pause stands in the way."""
        number = 0
        while number < amount:
            day = self.day + ONE_DAY
            if stop := self._stop(day):
                if not self._pass(day, stop):
                    return False
            elif workdays_only and not self._is_workday(day):
                self.add(day, Verdict.REST)
            else:
                number += 1
                self.add(day, Verdict.COUNTED, number)
        return True

    def shift(self) -> bool:
        """Move an end on a rest day to the next working day on which the clock runs. False: an open pause stands in the way."""
        while not self._is_workday(self.day) or self.steps[-1].verdict == Verdict.PAUSED:
            day = self.day + ONE_DAY
            if stop := self._stop(day):
                if not self._pass(day, stop):
                    return False
            else:
                self.add(day, Verdict.SHIFTED)
        return True

    def result(self, due_at: datetime | None) -> Count:
        return Count(due_at, self.steps, tuple(sorted(self.guessed)))

    def _is_workday(self, day: date) -> bool:
        if not self.calendar.knows(day):
            self.guessed.add(day.year)
        return self.calendar.is_workday(day)

    def _stop(self, day: date) -> tuple[date, date, str] | None:
        return next((stop for stop in self.stops if stop[0] <= day < stop[1]), None)

    def _pass(self, day: date, stop: tuple[date, date, str]) -> bool:
        if stop[1] == date.max:
            self.add(day, Verdict.STANDING, reason=stop[2])
            return False
        self.held += 1
        self.add(day, Verdict.PAUSED, self.held, stop[2])
        return True


def _count_hours(starts_at: datetime, limit: Limit, pauses: Sequence[Pause]) -> Count:
    """Hours run on rest days and at night too (urgent aid, RULES correction 15); a pause stops them to the second."""
    left, cursor = timedelta(hours=limit.amount or 0), starts_at
    steps = [Step(date_of(starts_at), Verdict.START)]
    for pause in sorted(pauses, key=lambda pause: pause.began):
        began = max(pause.began, cursor)
        if pause.ended is not None and pause.ended <= cursor:
            continue
        if began - cursor >= left:
            break
        if pause.ended is None:
            return Count(None, [*steps, Step(date_of(began), Verdict.STANDING, reason=pause.reason)])
        left -= began - cursor
        cursor = pause.ended
        steps.append(Step(date_of(began), Verdict.PAUSED, int((pause.ended - began).total_seconds() // 60), pause.reason))
    return Count(cursor + left, [*steps, Step(date_of(cursor + left), Verdict.DUE)])
