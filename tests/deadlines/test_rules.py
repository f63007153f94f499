"""The arithmetic of time limits against a second calendar, and at its edges (R6)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadlines import rules
from deadlines.reference import official_calendar
from deadlines.rules import Limit, Pause, Rule, count, due_on, end_of, start_of
from deadlines.working_calendar import Entry

from . import second_calendar

CALENDAR = official_calendar()
WORKING = Limit(Rule.WORKING_DAYS, 10)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=rules.SHANGHAI)


def last_day(start: str, limit: Limit, *pauses: Pause) -> date:
    due_at = count(at(start), limit, pauses, CALENDAR).due_at
    assert due_at is not None
    return due_on(due_at)


def test_both_calendars_agree_on_every_day_of_eight_years():
    differing = [
        f"{day} {CALENDAR.name(day)}"
        for day in second_calendar.ALL_DAYS
        if CALENDAR.is_workday(day) != (day in set(second_calendar.WORKDAYS))
    ]
    assert differing == []


FIRST_START, LAST_START = datetime.fromisoformat("2019-01-01"), datetime.fromisoformat("2025-06-30")
moments = st.datetimes(FIRST_START, LAST_START, timezones=st.just(rules.SHANGHAI))
stretches = st.lists(st.tuples(st.integers(0, 60 * 24 * 60), st.integers(0, 20 * 24 * 60)), max_size=3)


@settings(max_examples=400, deadline=None)
@given(
    start=moments, amount=st.integers(0, 90), unit=st.sampled_from(["working_days", "calendar_days"]), gaps=stretches, shifts=st.booleans()
)
def test_due_agrees_with_the_second_calendar(start, amount, unit, gaps, shifts):
    pauses, cursor = [], start
    for wait, length in gaps:
        began = cursor + timedelta(minutes=wait)
        cursor = began + timedelta(minutes=length)
        pauses.append(Pause(began, cursor, "补正"))
    expected = second_calendar.last_day(start.date(), amount, unit, [(p.began.date(), p.ended.date()) for p in pauses], shifts=shifts)
    counted = count(start.astimezone(UTC), Limit(Rule(unit), amount, shifts=shifts), pauses, CALENDAR)
    assert counted.due_at == datetime(expected.year, expected.month, expected.day, tzinfo=rules.SHANGHAI) + timedelta(1)
    assert not counted.falls_back


@settings(max_examples=200, deadline=None)
@given(start=moments, amount=st.integers(1, 12), shifts=st.booleans())
def test_months_agree_with_the_second_calendar(start, amount, shifts):
    counted = count(start, Limit(Rule.MONTHS, amount, shifts=shifts), [], CALENDAR)
    assert due_on(counted.due_at) == second_calendar.last_day(start.date(), amount, "months", shifts=shifts)


@settings(max_examples=200, deadline=None)
@given(start=moments, amount=st.integers(1, 60), unit=st.sampled_from(["working_days", "calendar_days"]), step=st.integers(1, 30))
def test_a_longer_limit_never_ends_sooner(start, amount, unit, step):
    sooner = count(start, Limit(Rule(unit), amount, shifts=True), [], CALENDAR).due_at
    assert sooner <= count(start, Limit(Rule(unit), amount + step, shifts=True), [], CALENDAR).due_at


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        ("2026-09-24 09:00", 10, date(2026, 10, 15)),  # Mid-Autumn, National Day, and Saturday 10-10 worked
        ("2026-02-13 09:00", 1, date(2026, 2, 14)),  # a Saturday worked before the Spring Festival
        ("2026-02-14 09:00", 1, date(2026, 2, 24)),
        ("2025-09-30 23:59", 1, date(2025, 10, 9)),
        ("2020-01-23 09:00", 1, date(2020, 2, 3)),  # the Spring Festival that was made longer
        ("2026-05-08 09:00", 0, date(2026, 5, 8)),  # on the same day
    ],
)
def test_working_days_over_festivals(start, amount, expected):
    assert last_day(start, Limit(Rule.WORKING_DAYS, amount)) == expected


def test_midnight_in_shanghai_decides_the_starting_day():
    """23:59 and 0:00 in Shanghai are one minute and one working day apart, while UTC still has the same date."""
    assert last_day("2026-06-01 23:59", Limit(Rule.WORKING_DAYS, 1)) == date(2026, 6, 2)
    assert last_day("2026-06-02 00:00", Limit(Rule.WORKING_DAYS, 1)) == date(2026, 6, 3)


def test_a_limit_ends_at_24_hours_of_its_last_day():
    counted = count(at("2026-06-01 10:00"), Limit(Rule.WORKING_DAYS, 1), [], CALENDAR)
    assert counted.due_at == datetime(2026, 6, 2, 16, tzinfo=UTC)
    assert due_on(counted.due_at) == date(2026, 6, 2)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-30 08:00", 1, date(2026, 2, 28)),  # there is no 30th of February
        ("2024-01-30 08:00", 1, date(2024, 2, 29)),
        ("2026-01-31 08:00", 1, date(2026, 2, 28)),
        ("2026-03-31 08:00", 1, date(2026, 4, 30)),  # end of next month
        ("2026-02-28 08:00", 1, date(2026, 3, 28)),  # not the end of March
        ("2025-12-31 08:00", 2, date(2026, 2, 28)),
        ("2024-02-29 08:00", 12, date(2025, 2, 28)),
        ("2026-11-15 08:00", 2, date(2027, 1, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(start, months, expected):
    assert last_day(start, Limit(Rule.MONTHS, months)) == expected


def test_an_end_on_a_rest_day_moves_only_where_the_rule_says_so():
    """民法典 203 for citizens' limits; publicity and data cycles keep their day (RULES C1 Counting rules)."""
    assert last_day("2026-09-24 09:00", Limit(Rule.CALENDAR_DAYS, 7)) == date(2026, 10, 1)
    assert last_day("2026-09-24 09:00", Limit(Rule.CALENDAR_DAYS, 7, shifts=True)) == date(2026, 10, 8)
    assert last_day("2026-09-01 09:00", Limit(Rule.MONTHS, 1, shifts=True)) == date(2026, 10, 8)
    assert last_day("2026-09-20 09:00", Limit(Rule.FIXED_DATE, until=date(2026, 10, 5))) == date(2026, 10, 5)
    assert last_day("2026-09-20 09:00", Limit(Rule.FIXED_DATE, until=date(2026, 10, 5), shifts=True)) == date(2026, 10, 8)
    # a Saturday that is worked is no rest day
    assert last_day("2026-10-09 09:00", Limit(Rule.CALENDAR_DAYS, 1, shifts=True)) == date(2026, 10, 10)


def test_publicity_of_seven_days_does_not_count_the_posting_day():
    assert last_day("2026-05-06 08:30", Limit(Rule.CALENDAR_DAYS, 7)) == date(2026, 5, 13)


def test_a_fixed_date_runs_until_its_midnight():
    counted = count(at("2026-11-01 00:00"), Limit(Rule.FIXED_DATE, until=date(2026, 11, 5)), [], CALENDAR)
    assert counted.due_at == at("2026-11-06 00:00")


def test_hours_run_through_nights_and_rest_days():
    counted = count(at("2026-10-01 22:15"), Limit(Rule.HOURS, 24), [], CALENDAR)
    assert counted.due_at == at("2026-10-02 22:15")


@pytest.mark.parametrize(
    ("began", "ended", "expected"),
    [
        ("2026-06-03 09:00", "2026-06-03 17:00", date(2026, 6, 8)),  # stopped and started within a day: nothing moves
        ("2026-06-03 17:00", "2026-06-04 09:00", date(2026, 6, 9)),  # over one midnight: one day
        ("2026-06-03 09:00", "2026-06-05 09:00", date(2026, 6, 10)),
        ("2026-06-05 18:00", "2026-06-08 08:00", date(2026, 6, 9)),  # over a weekend: Friday alone
        ("2026-06-08 23:59", "2026-06-10 00:00", date(2026, 6, 10)),  # begun on the last day: that day is still owed
        ("2026-06-09 00:00", "2026-06-20 00:00", date(2026, 6, 8)),  # after the end: too late to help
        ("2026-06-01 09:00", "2026-06-02 09:00", date(2026, 6, 8)),  # on the starting day, which does not count anyway
    ],
)
def test_a_day_counts_when_the_clock_runs_at_its_24_hours(began, ended, expected):
    """Five working days from Monday 2026-06-01 end on Monday 06-08."""
    assert last_day("2026-06-01 08:00", Limit(Rule.WORKING_DAYS, 5), Pause(at(began), at(ended))) == expected


def test_many_short_pauses_within_days_gain_nothing():
    pauses = [Pause(at(f"2026-06-{day:02} 09:00"), at(f"2026-06-{day:02} 09:01")) for day in range(2, 9)]
    assert last_day("2026-06-01 08:00", Limit(Rule.WORKING_DAYS, 5), *pauses) == date(2026, 6, 8)


@pytest.mark.parametrize("limit", [WORKING, Limit(Rule.CALENDAR_DAYS, 7, shifts=True), Limit(Rule.MONTHS, 1), Limit(Rule.HOURS, 24)])
def test_while_the_clock_stands_there_is_no_date(limit):
    assert count(at("2026-06-01 08:00"), limit, [Pause(at("2026-06-01 09:00"), None)], CALENDAR).due_at is None


def test_an_open_pause_after_the_end_changes_nothing():
    assert last_day("2026-06-01 08:00", Limit(Rule.WORKING_DAYS, 1), Pause(at("2026-06-03 00:00"), None)) == date(2026, 6, 2)
    hours = count(at("2026-06-01 08:00"), Limit(Rule.HOURS, 2), [Pause(at("2026-06-01 10:00"), None)], CALENDAR)
    assert hours.due_at == at("2026-06-01 10:00")


def test_a_pause_stops_hours_to_the_second():
    pauses = [Pause(at("2026-06-01 09:00:00"), at("2026-06-01 09:00:30")), Pause(at("2026-06-01 10:00"), at("2026-06-02 10:00"))]
    assert count(at("2026-06-01 08:00"), Limit(Rule.HOURS, 24), pauses, CALENDAR).due_at == at("2026-06-03 08:00:30")


def test_a_pause_over_the_shift_holds_the_end_back():
    """The 7th day is Saturday; the clock stands from Sunday to Wednesday: the end is Wednesday, not Monday."""
    pause = Pause(at("2026-06-14 09:00"), at("2026-06-17 09:00"))
    assert last_day("2026-06-06 09:00", Limit(Rule.CALENDAR_DAYS, 7, shifts=True), pause) == date(2026, 6, 17)


def test_a_year_without_calendar_falls_back_and_says_which():
    counted = count(at("2026-12-25 09:00"), WORKING, [], CALENDAR)
    assert due_on(counted.due_at) == date(2027, 1, 8)
    assert counted.guessed_years == (2027,)
    assert not count(at("2026-12-25 09:00"), Limit(Rule.CALENDAR_DAYS, 10), [], CALENDAR).falls_back
    assert count(at("2026-12-25 09:00"), Limit(Rule.CALENDAR_DAYS, 8, shifts=True), [], CALENDAR).falls_back
    assert not count(at("2026-12-25 09:00"), Limit(Rule.CALENDAR_DAYS, 3, shifts=True), [], CALENDAR).falls_back


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (Limit(Rule.WORKING_DAYS, 30), "2026-07-09"),  # three working days before 07-14
        (Limit(Rule.WORKING_DAYS, 5), "2026-06-05"),  # a third of five: one
        (Limit(Rule.WORKING_DAYS, 2), "2026-06-03"),  # less than a day: the last day
        (Limit(Rule.WORKING_DAYS, 0), "2026-06-01"),
        (Limit(Rule.CALENDAR_DAYS, 7), "2026-06-06"),  # two days before 06-08
        (Limit(Rule.CALENDAR_DAYS, 60), "2026-07-28"),  # Friday 07-31 less three working days
        (Limit(Rule.MONTHS, 1), "2026-06-26"),
        (Limit(Rule.FIXED_DATE, until=date(2026, 6, 5)), "2026-06-04"),
    ],
)
def test_amber_is_the_smaller_of_three_working_days_and_a_third(limit, expected):
    counted = count(at("2026-06-01 08:00"), limit, [], CALENDAR)
    assert rules.amber_at(at("2026-06-01 08:00"), limit, counted.due_at, CALENDAR, rules.Early()) == at(f"{expected} 00:00")


def test_amber_of_hours_is_their_last_third():
    day, early = Limit(Rule.HOURS, 24), rules.Early()
    assert rules.amber_at(at("2026-06-01 08:00"), day, at("2026-06-02 08:00"), CALENDAR, early) == at("2026-06-02 00:00")
    long = Limit(Rule.HOURS, 24 * 30)
    assert rules.amber_at(at("2026-06-01 08:00"), long, at("2026-07-01 08:00"), CALENDAR, early) == at("2026-06-26 00:00")


@pytest.mark.parametrize(
    ("early", "expected"),
    [(rules.Early(5, 3), "2026-06-10"), (rules.Early(1, 3), "2026-06-12"), (rules.Early(5, 5), "2026-06-11")],
)
def test_amber_follows_the_countys_figures(early, expected):
    """Ten working days from Monday 06-01 end on Monday 06-15."""
    limit = Limit(Rule.WORKING_DAYS, 10)
    due_at = count(at("2026-06-01 08:00"), limit, [], CALENDAR).due_at
    assert rules.amber_at(at("2026-06-01 08:00"), limit, due_at, CALENDAR, early) == at(f"{expected} 00:00")


def test_the_day_and_its_borders():
    assert start_of(date(2026, 6, 1)) == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert end_of(date(2026, 6, 1)) == start_of(date(2026, 6, 2))
    assert start_of(date.min) < start_of(date(1, 1, 2)) < end_of(date(9999, 12, 30)) < end_of(date.max)
    assert rules.date_of(datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC)) == date(2026, 5, 31)


def test_a_changed_calendar_is_a_new_value():
    changed = CALENDAR.changed({date(2026, 6, 2): Entry(False, "临时放假")})
    assert due_on(count(at("2026-06-01 08:00"), Limit(Rule.WORKING_DAYS, 1), [], changed).due_at) == date(2026, 6, 3)
    assert last_day("2026-06-01 08:00", Limit(Rule.WORKING_DAYS, 1)) == date(2026, 6, 2)


@pytest.mark.parametrize("wrong", [{"rule": Rule.FIXED_DATE, "amount": 3}, {"rule": Rule.HOURS}, {"rule": Rule.MONTHS, "amount": -1}])
def test_a_limit_is_whole(wrong):
    with pytest.raises(ValueError, match="limit"):
        Limit(**wrong)
