"""通报 (ZX-48, correction 11): one a period, numbers alone, told once."""

from datetime import date

import pytest

from audit.models import Event
from config import clock as house
from deadlines import periods as rounds
from deadlines.models import Notice
from deadlines.rules import start_of
from deadlines.transitions import close_all, close_duty
from monitoring import on_time, transitions
from monitoring.bulletin_page import rows_of
from monitoring.models import Bulletin, BulletinLine
from monitoring.periods import Period, bounds_of, last_complete
from organization.models import Post
from tests.deadlines.factories import open_duty, subject_of
from tests.monitoring.factories import late_duty, order_in, reminder_of

SYSTEM = Post.objects.the_system


def test_periods_end_before_the_day_they_are_asked_on():
    assert last_complete("week", date(2026, 9, 24)) == Period("week", date(2026, 9, 14), date(2026, 9, 20))
    assert last_complete("week", date(2026, 9, 21)).last == date(2026, 9, 20)
    assert last_complete("month", date(2026, 3, 1)) == Period("month", date(2026, 2, 1), date(2026, 2, 28))
    assert last_complete("month", date(2026, 1, 31)).first == date(2025, 12, 1)
    assert [moment.isoformat() for moment in bounds_of(2026)] == ["2025-12-31T16:00:00+00:00", "2026-12-31T16:00:00+00:00"]
    with pytest.raises(ValueError, match="no bulletin"):
        last_complete("day", date(2026, 9, 24))


def test_a_bulletin_says_how_each_unit_stands(db, clock, officer, clerk, supervision, platform):
    # Given a late matter under an order and a reminder, one done in time last week and one late, one that fell away
    pressed = late_duty()
    order_in("issued", duty=pressed)
    reminder_of(pressed)
    clock.set(house.now().replace(day=15))
    in_time, late, fell_away = open_duty(officer), late_duty(), open_duty(officer)
    close_duty(subject=subject_of(in_time), kind="decide", by=officer)
    close_duty(subject=subject_of(late), kind="decide", by=officer)
    close_all(subject=subject_of(fell_away), by=officer)
    promise = open_duty(clerk, is_promise=True)
    clock.set(house.now().replace(day=24))
    # When the week's bulletin is made, twice
    bulletin = transitions.make_bulletin(every="week", by=SYSTEM())
    assert transitions.make_bulletin(every="week", by=SYSTEM()) == bulletin
    # Then it has one line for the unit, in numbers
    assert str(bulletin) == "2026-09-14至2026-09-20周通报"
    line = BulletinLine.objects.get()
    assert promise.unit != line.unit == officer.unit
    said = {
        name: getattr(line, name)
        for name in ("pending", "overdue", "longest_days", "finished", "in_time", "orders", "reminders", "counted")
    }
    assert said == {
        "pending": 2, "overdue": 1, "longest_days": 16, "finished": 2, "in_time": 1, "orders": 1, "reminders": 1, "counted": 0,
    }  # fmt: skip
    # And 按期率 of the same days says the same of it
    asked = on_time.Question(platform, bulletin.first_on, bulletin.last_on)
    [row, _] = on_time.groups(asked, "unit", house.now())
    [printed] = rows_of(bulletin)
    assert (row.stage.counted, row.stage.in_time, row.stage.rate) == (printed.finished, printed.in_time, printed.rate) == (2, 1, "50%")
    assert row.stage.open_late == printed.overdue
    assert Event.objects.filter(verb="bulletin.made").count() == 1
    told = Notice.objects.filter(kind="bulletin.made")
    assert {notice.unit for notice in told} == {supervision.unit, platform.unit}
    assert told.first().body == "全县超期1件，各单位情况见通报。"


def test_they_come_round_by_themselves(db):
    late_duty()
    works = {work.key: work for work in rounds.works()}
    week = rounds.Period("2026-W39", start_of(date(2026, 9, 21)), start_of(date(2026, 9, 28)))
    assert works["monitoring.week"].work(week) == "2026-09-14至2026-09-20周通报，1个单位"
    month = rounds.Period("2026-09", start_of(date(2026, 9, 1)), start_of(date(2026, 10, 1)))
    assert works["monitoring.month"].work(month) == "2026年8月通报，1个单位"


def test_numbers_of_all_units_are_for_supervision_and_the_platform(db, supervision, platform, officer):
    late_duty()
    transitions.make_bulletin(every="month", by=SYSTEM())
    assert [Bulletin.objects.visible_to(post).count() for post in (supervision, platform, officer)] == [1, 1, 0]
    assert [BulletinLine.objects.visible_to(post).count() for post in (supervision, officer)] == [1, 0]
