"""When a date is pointed out, on values: working days, rest days, hours, promises."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from deadlines.models import Stage
from deadlines.reference import RULES, official_calendar
from deadlines.reminding import Dates, moment, moments
from deadlines.rules import Early, Limit, Rule, amber_at, count

CALENDAR = official_calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Row:
    working_days: int | None = None
    full_days: int | None = None
    holds_for_promises: bool = False


ROWS = {stage: Row(**figures) for stage, figures in RULES.items()}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def dates(start, limit, **more):
    due_at = count(at(start), limit, [], CALENDAR).due_at
    return Dates(limit.rule, due_at, amber_at(at(start), limit, due_at, CALENDAR, Early()), **more)


def told(start, limit, **more):
    return {
        stage: f"{when.astimezone(SHANGHAI):%m-%d %H:%M}" for stage, when in moments(dates(start, limit, **more), ROWS, CALENDAR).items()
    }


def test_ten_working_days_over_the_national_holiday():
    """Due on Thursday 15 October; working days around it are 12 to 16, then 19 to 23."""
    assert told("2026-09-24 10:00", Limit(Rule.WORKING_DAYS, 10)) == {
        "amber": "10-12 00:00",
        "due_today": "10-15 00:00",
        "overdue": "10-16 00:00",
        "to_head": "10-20 00:00",
        "to_platform": "10-22 00:00",
    }


def test_what_ends_on_a_rest_day_is_told_on_the_working_day_before_and_late_on_the_next():
    """Seven days from 24 September end on 1 October: told on 30 September, late on 8 October, the first working day after the holiday.
    Amber would turn on the 29th."""
    assert told("2026-09-24 10:00", Limit(Rule.CALENDAR_DAYS, 7)) == {
        "amber": "09-29 00:00",
        "due_today": "09-30 00:00",
        "overdue": "10-08 00:00",
        "to_head": "10-10 00:00",  # a Saturday that is worked
        "to_platform": "10-13 00:00",
    }


def test_amber_is_not_told_where_it_would_not_come_before_the_last_day():
    assert Stage.AMBER not in told("2026-09-24 10:00", Limit(Rule.WORKING_DAYS, 1))
    # amber on Saturday 3 October, the last working day before which is that of the due date, 7 October, too
    assert Stage.AMBER not in told("2026-09-25 10:00", Limit(Rule.CALENDAR_DAYS, 12))


def test_hours_run_on_rest_days_and_at_night():
    assert told("2026-10-01 22:30", Limit(Rule.HOURS, 24)) == {
        "amber": "10-02 14:30",
        "overdue": "10-02 22:30",
        "to_head": "10-03 22:30",
        "to_platform": "10-04 22:30",
    }


@pytest.mark.parametrize("limit", [Limit(Rule.WORKING_DAYS, 10), Limit(Rule.HOURS, 24)])
def test_promises_are_told_near_and_late_alone(limit):
    assert set(told("2026-09-24 10:00", limit, is_promise=True)) == {"amber", "overdue"}


def test_a_stage_without_a_rule_is_not_told():
    rules = {Stage.OVERDUE: ROWS[Stage.OVERDUE]}
    assert list(moments(dates("2026-09-24 10:00", Limit(Rule.WORKING_DAYS, 10)), rules, CALENDAR)) == [Stage.OVERDUE]


def test_figures_of_the_row_say_how_late():
    clock = dates("2026-09-24 10:00", Limit(Rule.WORKING_DAYS, 10))
    assert moment(Stage.TO_HEAD, clock, Row(1, 1), CALENDAR) == moment(Stage.OVERDUE, clock, Row(), CALENDAR)
