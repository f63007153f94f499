"""Who it is, once that is known; a mistaken person is replaced until there is an answer."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config.verbs import AlreadyHandled
from intake import transitions
from tests.intake import factories
from tests.intake.factories import VisitFactory
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db


def test_it_works(clerk, household):
    resident, visit = factories.people(household)[0], VisitFactory()
    visit = transitions.identify(visit_id=visit.pk, resident_id=resident.pk, by=clerk)
    assert (visit.resident, visit.household) == (resident, household)
    event = the_event("visit.identified")
    assert (event.by, event.old, event.household_id) == (clerk.staff, "", household.pk)
    assert resident.name not in event.new


def test_a_mistaken_person_is_replaced(second_clerk, household):
    visit = VisitFactory(known=True)
    resident = factories.people(household)[1]
    assert transitions.identify(visit_id=visit.pk, resident_id=resident.pk, household_id=household.pk, by=second_clerk).resident == resident
    assert the_event("visit.identified").old


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, household):
    visit, resident = VisitFactory(), factories.people(household)[0]
    with pytest.raises(Http404):
        transitions.identify(visit_id=visit.pk, resident_id=resident.pk, by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        transitions.identify(visit_id=visit.pk, resident_id=resident.pk, by=approver)


def test_after_the_answer_it_stands(clerk, household):
    visit = VisitFactory(answered=True)
    with pytest.raises(AlreadyHandled, match=visit.number):
        transitions.identify(visit_id=visit.pk, resident_id=factories.people(household)[0].pk, by=clerk)


def test_the_event_fails_and_nothing_has_happened(clerk, household, monkeypatch):
    visit = VisitFactory()
    monkeypatch.setattr("intake.transitions.visits.record", fail)
    with pytest.raises(RuntimeError):
        transitions.identify(visit_id=visit.pk, resident_id=factories.people(household)[0].pk, by=clerk)
    visit.refresh_from_db()
    assert visit.resident is None
    assert not events("visit.identified")
