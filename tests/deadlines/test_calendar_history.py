"""A change of the calendar is found again: who, what, how many dates, which, and nothing of another unit's matters."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import Event
from config import clock as house_clock
from deadlines import calendar_history, missing_calendar, upkeep
from deadlines.models import Duty, Notice
from deadlines.periods import Every, period_of
from deadlines.rules import Limit, Rule, start_of
from deadlines.transitions import change_day, load_year
from deadlines.working_calendar import Entry

from . import factories

pytestmark = pytest.mark.django_db
TEN_DAYS = Limit(Rule.WORKING_DAYS, 10)


@pytest.fixture
def change(clerk, neighbour_clerk, system_administrator):
    """Two dates move, then another change moves others."""
    factories.open_duty(clerk, limit=TEN_DAYS)
    factories.open_duty(neighbour_clerk, limit=TEN_DAYS)
    change_day(day=date(2026, 9, 29), is_workday=False, name="临时放假", source="试验通知", by=system_administrator)
    first = Event.objects.get(verb="calendar.day_changed")
    change_day(day=date(2026, 9, 30), is_workday=False, name="临时放假", source="试验通知", by=system_administrator)
    return first


def read(signed_in, post, event):
    return signed_in(post).get(reverse("deadlines:calendar_moves", args=[event.pk])).content.decode()


def test_the_calendar_lists_its_changes_with_their_weight(change, clerk, signed_in):
    page = signed_in(clerk).get(reverse("deadlines:calendar")).content.decode()
    assert page.count("试验通知") == 2
    assert reverse("deadlines:calendar_moves", args=[change.pk]) in page


def test_each_change_has_its_own_moves(change):
    later = Event.objects.filter(verb="calendar.day_changed").latest("pk")
    assert [calendar_history.moves_of(event).count() for event in (change, later)] == [2, 2]
    assert calendar_history.moves_of(change).filter(pk__gt=change.pk).count() == 0
    assert [count for _, count in calendar_history.units_of(change)] == [1, 1]


def test_units_read_their_own_matters_and_the_administrator_none(change, clerk, neighbour_clerk, platform, system_administrator, signed_in):
    duty = Duty.objects.get(unit=clerk.unit)
    line = calendar_history.moves_of(change).get(subject_id=str(duty.pk))
    own = read(signed_in, clerk, change)
    assert (line.old in own, line.new in own) == (True, True)
    assert own.count('data-label="原到期日"') == 1
    assert read(signed_in, platform, change).count('data-label="原到期日"') == 2
    told = read(signed_in, system_administrator, change)
    assert told.count('data-label="原到期日"') == 2
    assert duty.title not in told
    assert "共重新推算2件" in told


def test_the_administrators_are_asked_once_for_next_year(system_administrator, clerk):
    factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 90))
    period = period_of(Every.YEAR, house_clock.now())
    assert upkeep.first_of_november(period.first).isoformat() == "2026-10-31T16:00:00+00:00"
    for _ in range(2):
        upkeep.ask_for_calendar(period)
    [notice] = Notice.objects.filter(kind="calendar.year_missing")
    assert (notice.unit, notice.title) == (system_administrator.unit, "请导入2027年工作日历（国务院办公厅放假安排）")
    assert "现有1件" in notice.body
    load_year(year=2027, days={date(2027, 1, 1): Entry(False, "元旦")}, source="试验通知", by=system_administrator)
    assert upkeep.ask_for_calendar(period) == "2027年工作日历已导入"


def test_the_banner_stands_from_november_until_the_year_is_entered(system_administrator, clock):
    assert missing_calendar.years_missed(date(2026, 10, 31), {2026}) == []
    assert missing_calendar.years_missed(date(2026, 11, 1), {2026}) == [2027]
    assert missing_calendar.years_missed(date(2027, 1, 4), {2026}) == [2027]
    clock.set(start_of(date(2026, 11, 1)))
    said = "2027年工作日历未导入"
    assert said in missing_calendar.banner("AS").text
    assert "请系统管理员导入" in missing_calendar.banner("B").text
    assert missing_calendar.banner("T") is None
    load_year(year=2027, days={date(2027, 1, 1): Entry(False, "元旦")}, source="试验通知", by=system_administrator)
    assert missing_calendar.banner("AS") is None


def test_what_is_no_change_of_the_calendar_is_not_there(change, clerk, signed_in):
    moved = Event.objects.filter(verb="duty.moved").first()
    assert signed_in(clerk).get(reverse("deadlines:calendar_moves", args=[moved.pk])).status_code == 404
