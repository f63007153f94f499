"""A unit ends and another works on for it: a desk, a village's window, an office; and what stays for good (RULES F7)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from config import clock as house_clock
from config.verbs import TransitionError
from organization.desks import desk_of, still, successor_of
from organization.models import Post, Region, Unit
from organization.transitions import units
from tests import cast
from tests.racing import race

pytestmark = pytest.mark.django_db


def end(unit, successor, by, days=0):
    last_day = house_clock.today() + timedelta(days=days)
    return units.end_unit(unit_id=unit.pk, successor_id=successor.pk, last_day=last_day, by=by)


def test_a_village_works_on_to_its_last_day_and_its_region_ends_with_it(system_administrator, assistant, other_assistant):
    today = house_clock.today()
    ended = end(assistant.unit, other_assistant.unit, system_administrator)
    assert (ended.valid_until, ended.successor) == (today, other_assistant.unit)
    assert Region.objects.get(pk=cast.VILLAGE).valid_until == today
    line = Event.objects.get(verb="unit.ended")
    assert (line.by, line.new, line.data) == (system_administrator.staff, other_assistant.unit.name, {"last_day": today.isoformat()})
    tomorrow = today + timedelta(days=1)
    assert (successor_of(ended, today), still(ended, tomorrow)) == (None, other_assistant.unit)
    posts = Post.objects.filter(unit=ended)
    assert posts.effective(today).exists()
    assert not posts.effective(tomorrow).exists()
    assert cast.member("assistant").state_on(tomorrow) == "单位已停用"
    with pytest.raises(TransitionError, match="已于"):
        end(assistant.unit, other_assistant.unit, system_administrator)


def test_a_village_may_end_with_the_window_and_keeps_its_families_region(system_administrator, assistant, clerk):
    end(assistant.unit, clerk.unit, system_administrator)
    assert Region.objects.get(pk=cast.VILLAGE).valid_until is None


def test_a_department_ends_with_its_desk_and_chains_lead_to_whoever_stands(system_administrator, officer, neighbour_officer, civil_officer):
    end(officer.unit, neighbour_officer.unit, system_administrator)
    end(neighbour_officer.unit, civil_officer.unit, system_administrator)
    old = Unit.objects.select_related("department").get(pk=officer.unit_id)
    assert desk_of(old.department, house_clock.today() + timedelta(days=1)) == civil_officer.unit


def test_what_stays_and_who_cannot_take_over(system_administrator, assistant, clerk, neighbour_clerk, reviewer, officer, platform):
    for unit, successor, words in (
        (clerk.unit, neighbour_clerk.unit, "长期设立"),
        (reviewer.unit, cast.unit_of("township_office", f"{cast.HOME}:justice"), "长期设立"),
        (platform.unit, officer.unit, "长期设立"),
        (assistant.unit, neighbour_clerk.unit, "不能承接"),
        (officer.unit, officer.unit, "不能承接"),
    ):
        with pytest.raises(TransitionError, match=words):
            end(unit, successor, system_administrator)
    with pytest.raises(TransitionError, match="不能早于今天"):
        end(officer.unit, cast.unit_of("department", "JW"), system_administrator, days=-1)
    for years in (2, 7000):  # 9026, and the year after which there is none
        with pytest.raises(TransitionError, match="看年份写对没有"):
            end(officer.unit, cast.unit_of("department", "JW"), system_administrator, days=365 * years)
    for post in (clerk, platform):
        with pytest.raises(PermissionDenied):
            end(officer.unit, cast.unit_of("department", "JW"), post)


@pytest.mark.django_db(transaction=True)
def test_two_departments_never_end_into_each_other(system_administrator, officer, neighbour_officer):
    def ended(post, into):
        return lambda: end(post.unit, into.unit, system_administrator)

    answers = race(ended(officer, neighbour_officer), ended(neighbour_officer, officer))
    assert sum(isinstance(answer, Unit) for answer in answers) == 1, answers
    assert sum(isinstance(answer, TransitionError) for answer in answers) == 1, answers


def test_without_its_line_nothing_ends(system_administrator, assistant, clerk, monkeypatch):
    def fails(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("organization.transitions.units.record", fails)
    with pytest.raises(RuntimeError):
        end(assistant.unit, clerk.unit, system_administrator)
    assert Unit.objects.get(pk=assistant.unit_id).valid_until is None
