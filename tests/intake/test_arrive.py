"""Somebody comes: received at once, with papers or without, the clock running."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from households.models import Access
from households.transitions import find_by_number, take_on
from intake import transitions
from intake.models import Visit
from tests import cast
from tests.intake import factories
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db


def test_it_works(clerk, household):
    resident = factories.people(household)[0]
    visit = transitions.arrive(mode="seated", resident_id=resident.pk, matter=" 看病花钱多 ", by=clerk)
    assert (visit.unit, visit.arrived_by, visit.arrived_by_staff, visit.arrived_at) == (clerk.unit, clerk, clerk.staff, clock.now())
    assert (visit.resident, visit.household, visit.matter, visit.is_open) == (resident, household, "看病花钱多", True)
    event = the_event("visit.arrived")
    assert (event.by, event.household_id, event.new) == (clerk.staff, household.pk, "坐诊（窗口）")


def test_nobody_needs_papers_to_be_received(clerk):
    visit = transitions.arrive(mode="phone", by=clerk)
    assert (visit.resident, visit.household) == (None, None)


def test_numbers_run_on_by_township_and_year(clerk, neighbour_clerk):
    visits = [transitions.arrive(mode="seated", by=by) for by in (clerk, clerk, neighbour_clerk)]
    assert [visit.number for visit in visits] == ["LF202600100001", "LF202600100002", "LF202600200001"]


@pytest.mark.parametrize("who", ["reviewer", "approver", "assistant", "officer", "platform", "supervision", "system_administrator"])
def test_only_a_window_receives(who):
    with pytest.raises(PermissionDenied):
        transitions.arrive(mode="seated", by=cast.member(who))
    assert not Visit.objects.exists()


def test_somebody_elses_people_do_not_exist(neighbour_clerk, household):
    with pytest.raises(Http404):
        transitions.arrive(mode="seated", resident_id=factories.people(household)[0].pk, by=neighbour_clerk)
    with pytest.raises(Http404):
        transitions.arrive(mode="seated", household_id=household.pk, by=neighbour_clerk)


def test_somebody_registered_elsewhere_is_received_once_taken_on(neighbour_clerk):
    head = factories.member()
    household = factories.family(members=[head])
    found = find_by_number(number=head.number, by=neighbour_clerk)
    assert take_on(token=found.outside_token, by=neighbour_clerk) == household
    visit = transitions.arrive(mode="seated", household_id=household.pk, by=neighbour_clerk)
    assert visit.household == household
    assert Access.objects.filter(household=household, unit=neighbour_clerk.unit).exists()


def test_a_mode_that_does_not_exist(clerk):
    with pytest.raises(ValidationError):
        transitions.arrive(mode="by_post", by=clerk)


def test_the_event_fails_and_nothing_has_happened(clerk, monkeypatch):
    monkeypatch.setattr("intake.transitions.visits.record", fail)
    with pytest.raises(RuntimeError):
        transitions.arrive(mode="seated", by=clerk)
    assert not Visit.objects.exists()
    assert not events("visit.arrived")
