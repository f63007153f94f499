"""A change of the calendar is found again: who, what, how many dates, which, and nothing of another unit's matters."""

from datetime import date

import pytest
from django.urls import reverse

from audit.models import Event
from deadlines import calendar_history
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import change_day

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


def test_what_is_no_change_of_the_calendar_is_not_there(change, clerk, signed_in):
    moved = Event.objects.filter(verb="duty.moved").first()
    assert signed_in(clerk).get(reverse("deadlines:calendar_moves", args=[moved.pk])).status_code == 404
