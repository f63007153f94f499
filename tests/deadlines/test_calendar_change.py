"""The calendar changed by people: open dates move in the same transaction, closed ones never (SECURITY D3)."""

from datetime import date
from threading import Event as Flag
from threading import Thread
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from config.clock import set_clock
from config.verbs import TransitionError
from deadlines import calendar_lock, reference, transitions
from deadlines.models import CalendarDay, CalendarYear, Duty, Notice
from deadlines.rules import Limit, Rule, due_on
from deadlines.working_calendar import Entry
from organization.models import Post
from tests.cast import member
from tests.conftest import NOW

from . import factories

pytestmark = pytest.mark.django_db
OFF = {"is_workday": False, "name": "临时放假", "source": "国办发明电〔2026〕0号"}
NEW_YEAR = {date(2027, 1, 1): Entry(False, "元旦"), date(2027, 1, 3): Entry(True, "元旦")}


def test_reference_fills_the_table_as_the_package_knows_it():
    calendar = CalendarDay.objects.as_calendar(date(2004, 1, 1))
    assert calendar.named == reference.official_days()
    assert calendar.years == reference.YEARS
    assert min(reference.YEARS) == 2004
    assert max(reference.YEARS) == 2026


def test_reference_again_changes_nothing(system_administrator):
    transitions.change_day(day=date(2026, 9, 29), by=system_administrator, **OFF)
    before, events = CalendarYear.objects.version(), Event.objects.count()
    reference.load(by=Post.objects.the_system())
    assert (CalendarYear.objects.version(), Event.objects.count()) == (before, events)
    assert CalendarDay.objects.get(date=date(2026, 9, 29)).name == "临时放假"


def test_ordinal_counts_working_days_through_all_years():
    """“3 working days before” is a join, also in years that are guessed."""
    calendar = CalendarDay.objects.as_calendar(date(2019, 1, 1))
    for day in (date(2019, 2, 11), date(2026, 10, 9), date(2026, 10, 10), date(2027, 3, 1), date(2030, 6, 3)):
        row = CalendarDay.objects.get(date=day)
        before = CalendarDay.objects.get(is_workday=True, ordinal=row.ordinal - 3)
        assert before.date == calendar.workday_before(day, 3)


def test_change_day_moves_open_dates_and_tells_their_units(clerk, officer, system_administrator):
    duty, other = factories.open_duty(clerk), factories.open_duty(officer)
    closed, early = factories.closed(clerk), factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 1))
    calendar_days = factories.open_duty(clerk, limit=Limit(Rule.CALENDAR_DAYS, 30))
    moved = transitions.change_day(day=date(2026, 9, 29), by=system_administrator, **OFF)
    assert {move.duty for move in moved} == {duty, other}
    version = CalendarYear.objects.version()
    for row in Duty.objects.filter(pk__in=[duty.pk, other.pk]):
        assert due_on(row.due_at) == date(2026, 10, 16)
        assert row.calendar_version == version
    for row in (closed, early, calendar_days):
        old = row.due_at
        row.refresh_from_db()
        assert row.due_at == old
    event = Event.objects.get(verb="calendar.day_changed")
    assert (event.old, event.new, event.note) == ("2026-09-29 上班", "2026-09-29 休息（临时放假）", OFF["source"])
    assert event.data == {"moved": 2, "version": version, "is_workday": False}
    assert Event.objects.about(duty).get(verb="duty.moved").new == "2026-10-16"
    transitions.drain()
    assert Notice.objects.get(unit=clerk.unit).title == "工作日历有调整，本单位1件事项的到期日随之改变"


def test_change_day_to_work_brings_dates_forward(clerk, system_administrator):
    duty = factories.open_duty(clerk)
    transitions.change_day(day=date(2026, 9, 26), is_workday=True, name="防汛上班", source="县应急办通知", by=system_administrator)
    duty.refresh_from_db()
    assert due_on(duty.due_at) == date(2026, 10, 14)


def test_change_day_reaches_a_standing_clock(clerk, system_administrator, clock):
    about = factories.subject()
    factories.paused(clerk, about)
    transitions.change_day(day=date(2026, 9, 28), by=system_administrator, **OFF)
    clock.forward(days=1)
    assert due_on(transitions.resume(subject=about, kind="decide", by=clerk).due_at) == date(2026, 10, 16)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"day": date(2027, 5, 3)}, "2027年工作日历未导入"),
        ({"day": date(2026, 10, 1), "name": "国庆节"}, "没有改动"),
        ({"day": date(2026, 9, 29), "name": ""}, "必须写明节假日名称"),
    ],
)
def test_change_day_refuses_in_a_sentence(system_administrator, changed, sentence):
    with pytest.raises(TransitionError, match=sentence):
        transitions.change_day(**{**OFF, **changed}, by=system_administrator)


@pytest.mark.parametrize("name", ["clerk", "platform_approver", "security_administrator", "audit_administrator", "supervision"])
def test_only_the_system_administrator_changes_the_calendar(name):
    with pytest.raises(PermissionDenied):
        transitions.change_day(day=date(2026, 9, 29), by=member(name), **OFF)
    with pytest.raises(PermissionDenied):
        transitions.load_year(year=2027, days=NEW_YEAR, source="国办发明电", by=member(name))


def test_load_year_ends_the_guessing(clerk, system_administrator):
    duty = factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 66))
    assert (due_on(duty.due_at), duty.falls_back) == (date(2027, 1, 1), True)
    moved = transitions.load_year(year=2027, days=NEW_YEAR, source="国办发明电〔2026〕9号", by=system_administrator)
    duty.refresh_from_db()
    assert (due_on(duty.due_at), duty.falls_back) == (date(2027, 1, 3), False)
    assert [move.duty for move in moved] == [duty]
    assert CalendarYear.objects.get(year=2027).loaded_by == system_administrator
    assert CalendarDay.objects.filter(date__year=2037, is_workday=True).exists()


def test_load_year_again_replaces_the_year(clerk, system_administrator):
    transitions.load_year(year=2027, days=NEW_YEAR, source="一", by=system_administrator)
    transitions.load_year(year=2027, days={date(2027, 1, 1): Entry(False, "元旦")}, source="二", by=system_administrator)
    assert CalendarDay.objects.of_year(2027).exclude(name="").get().date == date(2027, 1, 1)
    assert not CalendarDay.objects.get(date=date(2027, 1, 3)).is_workday


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"days": {}, "source": "文号"}, "依据"),
        ({"days": NEW_YEAR, "source": ""}, "依据"),
        ({"days": {date(2026, 12, 31): Entry(False, "元旦")}, "source": "文号"}, "2026-12-31 不属于2027年"),
    ],
)
def test_load_year_refuses_in_a_sentence(system_administrator, given, sentence):
    with pytest.raises(TransitionError, match=sentence):
        transitions.load_year(year=2027, by=system_administrator, **given)


def test_a_rehearsal_moves_nothing(clerk, system_administrator):
    duty = factories.open_duty(clerk)
    day = date(2026, 9, 29)
    events, version = Event.objects.count(), CalendarYear.objects.version()
    (move,) = transitions.rehearse(lambda: transitions.change_day(day=day, by=system_administrator, **OFF))
    assert (move.duty, due_on(move.old), due_on(move.new)) == (duty, date(2026, 10, 15), date(2026, 10, 16))
    duty.refresh_from_db()
    assert due_on(duty.due_at) == date(2026, 10, 15)
    assert (Event.objects.count(), CalendarYear.objects.version()) == (events, version)
    assert not Notice.objects.exists()


def test_without_its_event_the_calendar_stays(clerk, system_administrator):
    duty = factories.open_duty(clerk)
    version = CalendarYear.objects.version()
    with patch("deadlines.transitions.calendar.record", side_effect=RuntimeError), pytest.raises(RuntimeError):
        transitions.change_day(day=date(2026, 9, 29), by=system_administrator, **OFF)
    assert CalendarDay.objects.get(date=date(2026, 9, 29)).is_workday
    assert CalendarYear.objects.version() == version
    duty.refresh_from_db()
    assert due_on(duty.due_at) == date(2026, 10, 15)


def test_a_named_day_is_a_constraint():
    with pytest.raises(IntegrityError, match="day_that_differs_from_its_weekday_has_a_name"), transaction.atomic():
        CalendarDay.objects.filter(date=date(2026, 9, 29)).update(is_workday=False)
    with pytest.raises(IntegrityError, match="day_that_differs_from_its_weekday_has_a_name"), transaction.atomic():
        CalendarDay.objects.filter(date=date(2026, 10, 10)).update(name="")
    with pytest.raises(IntegrityError, match="calendar_year_has_its_source"), transaction.atomic():
        CalendarYear.objects.filter(year=2026).update(source="")


@pytest.mark.django_db(transaction=True)
def test_a_duty_opened_while_the_calendar_changes_gets_the_new_date(clerk, system_administrator):
    """The duty's transaction is under way and has read the calendar; the change waits for it, then moves it too."""
    opened, finish = Flag(), Flag()

    def opening() -> None:
        with set_clock(NOW), transaction.atomic():
            factories.open_duty(member("clerk"))
            opened.set()
            finish.wait(30)
        connection.close()

    def changing() -> None:
        with set_clock(NOW):
            transitions.change_day(day=date(2026, 9, 29), by=member("system_administrator"), **OFF)
        connection.close()

    first, second = Thread(target=opening), Thread(target=changing)
    first.start()
    assert opened.wait(30)
    second.start()
    second.join(0.5)
    assert second.is_alive()  # it waits
    finish.set()
    first.join(30)
    second.join(30)
    duty = Duty.objects.get()
    assert due_on(duty.due_at) == date(2026, 10, 16)
    assert Event.objects.about(duty).get(verb="duty.moved").old == "2026-10-15"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("held_by", "verb", "sentence"),
    [
        (calendar_lock.seize_calendar, lambda: factories.open_duty(member("clerk")), "工作日历正在调整"),
        (
            calendar_lock.hold_calendar,
            lambda: transitions.change_day(day=date(2026, 9, 29), by=member("system_administrator"), **OFF),
            "同事正在办理事项",
        ),
    ],
)
def test_a_calendar_held_too_long_is_a_sentence(held_by, verb, sentence):
    held, finish = Flag(), Flag()

    def hold() -> None:
        with transaction.atomic():
            held_by()
            held.set()
            finish.wait(30)
        connection.close()

    holder = Thread(target=hold)
    holder.start()
    assert held.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    try:
        with pytest.raises(TransitionError, match=sentence):
            verb()
    finally:
        finish.set()
        holder.join(30)
    assert not Duty.objects.exists()
