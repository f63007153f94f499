"""When a date is pointed out, as pure functions: every date comes in. `transitions.sweeping` says the same in SQL; a test holds them equal.

L is the last day in time, W(d) the last working day on or before d, W+n(d) the n-th working day after it; a moment on a day is its 0:00 in
Asia/Shanghai. So nobody is told on a rest day that something ends on it, but on the working day before, and of lateness on the next one.
Limits of hours (urgent aid) run on rest days and at night, and so do their reminders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from .models import Stage
from .rules import Rule, date_of, due_on, start_of
from .working_calendar import ONE_DAY, WorkingCalendar


class Figures(Protocol):
    """What a rule row says."""

    working_days: int | None
    full_days: int | None
    holds_for_promises: bool


@dataclass(frozen=True, slots=True)
class Dates:
    """A running clock, as its reminders see it."""

    rule: str
    due_at: datetime
    amber_at: datetime
    is_promise: bool = False


def moment(stage: str, clock: Dates, figures: Figures, calendar: WorkingCalendar) -> datetime | None:
    """From when on the stage of that date is to be told; None where it never is.

    - promises: only the stages whose rule holds for them;
    - 临期 is not told where it would not come before 当日到期;
    - limits of hours: 临期 when the lamp turns amber, 超期 at the due moment, escalations so many times 24 hours after it, no 当日到期.
    """
    if clock.is_promise and not figures.holds_for_promises:
        return None
    if clock.rule == Rule.HOURS:
        return _moment_of_hours(stage, clock, figures)
    last = due_on(clock.due_at)
    on_the_day = calendar.workday_before(last + ONE_DAY, 1)
    if stage == Stage.AMBER:
        turned = calendar.workday_before(date_of(clock.amber_at) + ONE_DAY, 1)
        return start_of(turned) if turned < on_the_day else None
    if stage == Stage.DUE_TODAY:
        return start_of(on_the_day)
    return start_of(workday_after(last, 1 if stage == Stage.OVERDUE else figures.working_days or 1, calendar))


def _moment_of_hours(stage: str, clock: Dates, figures: Figures) -> datetime | None:
    if stage == Stage.AMBER:
        return clock.amber_at
    if stage == Stage.DUE_TODAY:
        return None
    return clock.due_at if stage == Stage.OVERDUE else clock.due_at + timedelta(days=figures.full_days or 1)


def workday_after(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The `count`-th working day after `day`."""
    while count:
        day += ONE_DAY
        count -= calendar.is_workday(day)
    return day


def moments(clock: Dates, rules: Mapping[str, Figures], calendar: WorkingCalendar) -> dict[Stage, datetime]:
    """Every stage that is told of a date, by the rules in force, in the order in which they come."""
    found = {stage: moment(stage, clock, rules[stage], calendar) for stage in Stage if stage in rules}
    told = {stage: at for stage, at in found.items() if at is not None}
    return dict(sorted(told.items(), key=lambda one: one[1]))
