"""A round opens by itself, on days that the rules and the calendar give (ZX-28, XX-26, RULES corrections 4)."""

from datetime import date

import pytest

from audit.models import Event
from deadlines.models import Duty, Notice
from deadlines.reference import official_calendar
from deadlines.rules import end_of
from deadlines.transitions import drain
from monitoring.models import Delivery, Round
from monitoring.round_rules import Days, days_of_departments, days_of_townships, late_days, paper_word, share, standing
from monitoring.transitions import rounds
from organization import figures
from organization.models import Parameter, Post, Unit
from tests.monitoring import round_factories as rounds_of
from tests.monitoring.round_factories import SEPTEMBER, at

CALENDAR = official_calendar()


def days(month, *, shifts=False):
    return days_of_departments(month, due_day=5, shifts=shifts, lead=5, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("month", "opens", "due", "cut_off"),
    [
        ((2026, 9, 1), (2026, 9, 1), (2026, 9, 5), (2026, 8, 31)),
        ((2026, 10, 1), (2026, 9, 23), (2026, 10, 5), (2026, 9, 22)),  # 1 to 7 October are rest days
        ((2026, 5, 1), (2026, 4, 24), (2026, 5, 5), (2026, 4, 23)),
        ((2026, 2, 1), (2026, 2, 1), (2026, 2, 5), (2026, 1, 31)),
    ],
)
def test_a_month_without_a_working_day_before_the_fifth_opens_earlier(month, opens, due, cut_off):
    found = days(date(*month))
    assert (found.opens_on, found.due_on, found.cut_off_on) == (date(*opens), date(*due), date(*cut_off))


def test_the_fifth_stands_on_a_rest_day_unless_the_county_says_otherwise():
    assert days(date(2026, 9, 1)).due_on == date(2026, 9, 5)  # a Saturday
    assert days(date(2026, 9, 1), shifts=True).due_on == date(2026, 9, 7)


def test_days_of_townships():
    found = days_of_townships(SEPTEMBER, from_day=15, to_day=20, paper_day=25)
    assert found == Days(date(2026, 9, 15), date(2026, 9, 20), date(2026, 9, 14), date(2026, 9, 25))
    assert paper_word(None, found.paper_due_on, date(2026, 9, 25)) == ("未交", "grey")
    assert paper_word(None, found.paper_due_on, date(2026, 9, 26)) == ("未交（已超期）", "red")
    assert paper_word(date(2026, 9, 26), found.paper_due_on, date(2026, 9, 26)) == ("超期交", "amber")
    assert paper_word(date(2026, 9, 25), found.paper_due_on, date(2026, 9, 26)) == ("按时交", "green")


@pytest.mark.parametrize(("day", "due"), [(31, 28), (30, 28), (0, 1)])
def test_a_month_without_that_day_has_its_nearest(day, due):
    february = date(2027, 2, 1)
    found = days_of_townships(february, from_day=day, to_day=day, paper_day=day)
    assert {found.opens_on, found.due_on, found.paper_due_on} == {date(2027, 2, due)}
    of_departments = days_of_departments(february, due_day=day, shifts=False, lead=5, calendar=CALENDAR)
    assert of_departments.due_on == date(2027, 2, due)


def test_after_an_outage_a_round_gives_as_many_days():
    assert days(SEPTEMBER).open_on(date(2026, 9, 5)) == days(SEPTEMBER)
    late = days(SEPTEMBER).open_on(date(2026, 9, 9))
    assert (late.opens_on, late.due_on, late.cut_off_on) == (date(2026, 9, 9), date(2026, 9, 13), date(2026, 8, 31))


def test_late_and_missed_are_read():
    due = end_of(date(2026, 9, 5))

    def word(handed_in=None, now=None, status="open", *, is_begun=False):
        given = {"opens_from": at(2026, 9, 1), "due_until": due, "is_begun": is_begun}
        return standing(status, handed_in_at=handed_in, now=now or at(2026, 9, 10), **given)

    assert word(now=at(2026, 8, 31)).word == "未到报送期"
    assert word(now=at(2026, 9, 2)).word == "未开始"
    assert word(now=at(2026, 9, 2), is_begun=True).word == "填报中"
    missed = word(now=at(2026, 9, 6))
    assert (missed.word, missed.late_days, missed.is_missing) == ("缺报", 1, True)
    assert word(at(2026, 9, 5, 23, 59), status="submitted").word == "已报送"
    late = word(at(2026, 9, 7), status="submitted")
    assert (late.word, late.late_days, late.is_missing) == ("超期报送", 2, False)
    assert word(at(2026, 8, 31), status="submitted").word == "提前报送"
    assert word(at(2026, 9, 4), status="returned").word == "已退回"
    assert word(at(2026, 9, 4), status="accepted").word == "已确认"
    assert word(at(2026, 9, 7), status="accepted").word == "已确认（超期报送）"
    assert late_days(due, at(2026, 9, 6)) == 1
    assert (share(130, 100), share(0, 3), share(5, 0), share(7, 7)) == ("+30.0%", "-100.0%", "—", "0%")


@pytest.mark.django_db
def test_it_opens_for_every_unit_with_its_parts_clock_and_word(monkeypatch, officer, neighbour_officer):
    with rounds_of.declared(monkeypatch):
        row = rounds_of.opened()
    assert (row.opens_on, row.due_on, str(row)) == (date(2026, 9, 1), date(2026, 9, 5), "2026年9月部门月度更新")
    delivery = rounds_of.delivery_of(row, officer)
    items = [(item.part, item.key, item.category) for item in delivery.items.all()]
    assert items == [
        ("policy", "", ""), ("aid", "households.roll:CL01", ""), ("aid", "households.roll:CL02", ""),
        ("shared", "households.facts:cards", "LY-P11"),
    ]  # fmt: skip
    duty = Duty.objects.about(delivery).get()
    assert (duty.kind, duty.unit, duty.due_at, duty.until) == ("hand_in_data", officer.unit, at(2026, 9, 6), date(2026, 9, 5))
    departments = Unit.objects.filter(kind="department", department__programs__isnull=False).distinct().count()
    assert Delivery.objects.filter(round=row).count() == departments == 17
    assert Event.objects.filter(verb="delivery.opened").count() == departments
    drain()
    assert Notice.objects.filter(kind="delivery.opened", unit=officer.unit).count() == 1


@pytest.mark.django_db
def test_it_opens_once_and_not_for_what_had_passed_before_the_house_began(clock):
    clock.set(at(2026, 9, 24, 9))
    system = Post.objects.the_system()
    assert [str(row) for row in rounds.open_rounds(by=system)] == ["2026年10月部门月度更新"]  # opens on 23 September
    assert rounds.open_rounds(by=system) == []
    clock.set(at(2026, 11, 9, 9))  # down from the 1st: the same number of days
    [late] = rounds.open_rounds(by=system)
    assert (late.opens_on, late.due_on) == (date(2026, 11, 9), date(2026, 11, 13))


@pytest.mark.django_db
def test_townships_owe_when_the_county_says_so(clock, clerk, monkeypatch):
    clock.set(at(2026, 10, 1, 9))
    kept = rounds.units_of
    monkeypatch.setattr(rounds, "units_of", lambda kind, units: kept(kind, [unit for unit in units if unit == clerk.unit]))
    Parameter.objects.filter(key="township_cycle_enabled").update(value=True)
    figures.forget()
    opened = rounds.open_rounds(by=Post.objects.the_system())
    figures.forget()
    row = Round.objects.get(kind="township")
    assert row in opened
    assert (row.opens_on, row.due_on, row.paper_due_on) == (date(2026, 10, 15), date(2026, 10, 20), date(2026, 10, 25))
    delivery = Delivery.objects.get(round=row, unit=clerk.unit)
    assert not delivery.items.filter(part="policy").exists()
    assert delivery.items.filter(part="aid").exists()
    duty = Duty.objects.about(delivery).get()
    assert (duty.unit.office, duty.due_at) == ("social_affairs", at(2026, 10, 21))
