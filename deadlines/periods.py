"""Work that comes round: each month's list, each night's tidying. A row for each period says that it was done (ADR 0026).

A room registers its works when it is loaded, so that nothing here knows the rooms above:

    periods.register("referrals.prepare_lists", "生成免申请名单", prepare, every=Every.MONTH)        # in AppConfig.ready
    periods.register("referrals.send_opened", "送出已开放事项", send, every=timedelta(minutes=30), commits_itself=True)

    def prepare(period: Period) -> str:
        ...
        return "生成3份名单"        # one line for the page: numbers, no person

`transitions.run_due` does what is due. A work is done once in its period, however many schedulers come round: it runs in one transaction
with the mark that it is done. One that `commits_itself`, thing by thing, must bear being done again: a runner that died leaves what it
had done, and the next one goes on. Pure: every moment comes in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from config.dates import add_months

SHANGHAI = ZoneInfo("Asia/Shanghai")
A_DAY = timedelta(days=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


class Every(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


NAMES = {Every.DAY: "每日", Every.WEEK: "每周", Every.MONTH: "每月", Every.QUARTER: "每季度", Every.YEAR: "每年"}
MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """`label` names it within its work; `starts_at` is its first moment, `ends_at` the first one after it; `first` and `last` are days."""

    label: str
    starts_at: datetime
    ends_at: datetime

    @property
    def first(self) -> date:
        return self.starts_at.astimezone(SHANGHAI).date()

    @property
    def last(self) -> date:
        return (self.ends_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date()


Work = Callable[[Period], str | None]
At = timedelta | Callable[[date], datetime]


@dataclass(frozen=True, slots=True)
class Periodic:
    """A registered work.

    every: its rhythm; a timedelta divides the day into equal parts.
    at: how long after the period's first moment it is due, or a function of the period's first day that says when.
    makes_up: after an outage every missed period is done, in order, each with its own `Period`; else the latest alone.
    only_when_due: nobody brings it forward: done before its moment it would settle what is still to come in.
    """

    key: str
    title: str
    work: Work
    every: Every | timedelta
    at: At = timedelta()
    makes_up: bool = False
    commits_itself: bool = False
    only_when_due: bool = False

    @property
    def rhythm(self) -> str:
        if isinstance(self.every, Every):
            return NAMES[self.every]
        minutes = round(self.every.total_seconds() / 60)
        number, unit = (minutes // 60, "小时") if minutes % 60 == 0 else (minutes, "分钟")
        return f"每{'' if number == 1 else number}{unit}"

    def due_at(self, period: Period) -> datetime:
        return period.starts_at + self.at if isinstance(self.at, timedelta) else self.at(period.first)

    def may_begin(self, now: datetime) -> bool:
        """Whether somebody may ask for the period that a moment lies in."""
        return not self.only_when_due or self.due_at(self.period_at(now)) <= now

    def period_at(self, moment: datetime) -> Period:
        return period_of(self.every, moment)

    def after(self, period: Period) -> Period:
        return period_of(self.every, period.ends_at)

    def latest_due(self, now: datetime) -> Period:
        """The last period whose moment has come. A work that is due late in its period still has the one before."""
        period = self.period_at(now)
        while self.due_at(period) > now:
            period = period_of(self.every, period.starts_at - timedelta(microseconds=1))
        return period

    def next_due(self, now: datetime) -> datetime:
        return self.due_at(self.after(self.latest_due(now)))

    def missed(self, since: Period, now: datetime, most: int) -> list[Period]:
        """What came due after `since`, in order, no more than `most` at a time: all of it, or the latest."""
        latest = self.latest_due(now)
        if latest.starts_at <= since.starts_at:  # also where the clock was set back
            return []
        if not self.makes_up:
            return [latest]
        found: list[Period] = []
        period = since
        while len(found) < most and period.starts_at < latest.starts_at:
            period = self.after(period)
            found.append(period)
        return found


def period_of(every: Every | timedelta, moment: datetime) -> Period:
    """The period in which a moment lies, by the days of Asia/Shanghai."""
    local = moment.astimezone(SHANGHAI)
    if isinstance(every, timedelta):
        return _slot(every, local)
    if every is Every.DAY:
        return _days(local.date(), 1, f"{local:%Y-%m-%d}")
    if every is Every.WEEK:
        monday = local.date() - timedelta(days=local.weekday())
        year, week, _ = monday.isocalendar()
        return _days(monday, 7, f"{year}-W{week:02d}")
    months = MONTHS[every]
    first = date(local.year, (local.month - 1) // months * months + 1, 1)
    label = {1: f"{first:%Y-%m}", 3: f"{first.year}-Q{first.month // 3 + 1}", 12: str(first.year)}[months]
    return _days(first, (add_months(first, months) - first).days, label)


def _days(first: date, days: int, label: str) -> Period:
    return Period(label, _midnight(first), _midnight(first + timedelta(days=days)))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _slot(length: timedelta, local: datetime) -> Period:
    midnight = _midnight(local.date())
    start = midnight + (local - midnight) // length * length
    return Period(f"{start:%Y-%m-%dT%H:%M}", start, start + length)


def wait_after(tries: int) -> timedelta:
    """Until the next try after so many: 1, 2, 4 minutes and so on, an hour at most."""
    return min(FIRST_WAIT * 2 ** min(max(tries - 1, 0), 10), LONGEST_WAIT)


_works: dict[str, Periodic] = {}


def register(
    key: str,
    title: str,
    work: Work,
    *,
    every: Every | str | timedelta,
    at: At = timedelta(),
    makes_up: bool = False,
    commits_itself: bool = False,
    only_when_due: bool = False,
) -> None:
    """A work that comes round, by a dotted key of its room; the title is Chinese and names nobody. See `Periodic`.

    Raises:
        ValueError: parts of a day that do not divide it into whole minutes; missed parts of a day to be made up.
    """
    rhythm: Every | timedelta = every if isinstance(every, timedelta) else Every(every)
    if rhythm is Every.HOUR:
        rhythm = timedelta(hours=1)
    if isinstance(rhythm, timedelta):
        if rhythm < FIRST_WAIT or rhythm % FIRST_WAIT or A_DAY % rhythm:
            raise ValueError(f"{key}: a part of a day divides it into equal parts of whole minutes")
        if makes_up:
            raise ValueError(f"{key}: missed parts of a day are not made up one by one")
    _works[key] = Periodic(key, title, work, rhythm, at, makes_up, commits_itself, only_when_due)


def works() -> list[Periodic]:
    """Every work that the rooms have registered, in their order: from the ground floor up."""
    return list(_works.values())


def work_of(key: str) -> Periodic | None:
    """None where this version of the house no longer knows such a work."""
    return _works.get(key)
