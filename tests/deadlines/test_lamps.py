"""Lamps at their edges: always colour, word and shape."""

from datetime import datetime, timedelta

import pytest

from config import clock as house_clock
from deadlines import counting, lamps, rules
from deadlines.models import Duty
from deadlines.reference import official_calendar
from deadlines.rules import Limit, Rule

from . import factories

CALENDAR = official_calendar()
TICK = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=rules.SHANGHAI)


# Ten working days from Thursday 09-24: due on Thursday 10-15; three working days before is Monday 10-12.
STARTED, DUE, AMBER = at("2026-09-24 10:00"), at("2026-10-16 00:00"), at("2026-10-12 00:00")


@pytest.mark.parametrize(
    ("now", "colour", "word"),
    [
        (STARTED, "green", "剩10个工作日"),
        (at("2026-10-03 12:00"), "green", "剩7个工作日"),
        (AMBER - TICK, "green", "剩4个工作日"),  # Sunday 23:59:59
        (AMBER, "amber", "剩3个工作日"),
        (at("2026-10-14 23:59:59"), "amber", "剩1个工作日"),
        (at("2026-10-15 00:00"), "amber", "今日到期"),
        (DUE - TICK, "amber", "今日到期"),
        (DUE, "red", "超期1日"),
        (at("2026-10-16 23:59:59"), "red", "超期1日"),
        (at("2026-10-17 00:00"), "red", "超期2日"),
    ],
)
def test_working_days(now, colour, word):
    assert rules.amber_at(STARTED, Limit(Rule.WORKING_DAYS, 10), DUE, CALENDAR, rules.Early()) == AMBER
    assert lamps.colour(now=now, due_at=DUE, amber_at=AMBER, is_closed=False) == colour
    assert lamps.word(now=now, due_at=DUE, rule="working_days", calendar=CALENDAR) == word


@pytest.mark.parametrize(
    ("now", "word"),
    [(at("2026-10-09 00:00"), "剩6日"), (DUE - TICK, "今日到期"), (DUE, "超期1日")],
)
@pytest.mark.parametrize("rule", ["calendar_days", "months", "fixed_date"])
def test_other_days(rule, now, word):
    assert lamps.word(now=now, due_at=DUE, rule=rule, calendar=CALENDAR) == word


@pytest.mark.parametrize(
    ("left", "word"),
    [
        (timedelta(hours=24), "剩24小时"),
        (timedelta(hours=1), "剩1小时"),
        (timedelta(minutes=59, seconds=1), "剩60分钟"),
        (timedelta(seconds=1), "剩1分钟"),
        (timedelta(0), "已到期"),
        (timedelta(seconds=-1), "超期1分钟"),
        (timedelta(hours=-30), "超期30小时"),
        (timedelta(hours=-49), "超期2日"),
        (timedelta(days=4), "剩4日"),
    ],
)
def test_hours(left, word):
    assert lamps.word(now=DUE - left, due_at=DUE, rule="hours", calendar=CALENDAR) == word


def test_standing_and_closed():
    assert lamps.colour(now=DUE, due_at=None, amber_at=None, is_closed=False) == "grey"
    assert lamps.word(now=DUE, due_at=None, rule="working_days", calendar=CALENDAR) == "已暂停"
    assert lamps.colour(now=DUE, due_at=DUE, amber_at=AMBER, is_closed=True) == "blue"
    done = {"due_at": DUE, "outcome": "done", "outcome_label": "已办"}
    assert lamps.closed_word(closed_at=DUE - TICK, **done) == "按期办结"
    assert lamps.closed_word(closed_at=DUE, **done) == "超期办结"
    assert lamps.closed_word(closed_at=DUE, due_at=DUE, outcome="cancelled", outcome_label="已撤销") == "已撤销"


def test_every_colour_has_a_shape_of_its_own():
    shapes = [lamps.lamp(colour, "")["shape"] for colour in ("green", "amber", "red", "grey", "blue")]
    assert len(set(shapes)) == 5


@pytest.mark.django_db
def test_the_database_gives_the_same_colour(clerk, clock):
    """Every duty at every edge: the annotation and the pure function agree."""
    duties = [factories.open_duty(clerk, limit=Limit(rule, 9)) for rule in ("working_days", "calendar_days", "hours", "months")]
    duties += [factories.paused(clerk), factories.closed(clerk)]
    seen = set()
    for moment in {
        edge + step for duty in duties if duty.due_at for edge in (duty.due_at, duty.amber_at) for step in (-TICK, TICK * 0, TICK)
    }:
        for row in Duty.objects.with_lamp(moment):
            pure = lamps.colour(now=moment, due_at=row.due_at, amber_at=row.amber_at, is_closed=row.closed_at is not None)
            assert row.lamp_colour == pure
            seen.add(pure)
    assert seen == {"green", "amber", "red", "grey", "blue"}


@pytest.mark.django_db
def test_lamp_of_a_duty(clerk):
    duty = factories.open_duty(clerk)
    assert counting.lamp_of(duty, house_clock.now(), counting.calendar_for(duty)) == {
        "colour": "green", "word": "剩10个工作日", "shape": "circle", "url": f"/deadlines/duties/{duty.pk}/explain/",
    }  # fmt: skip
