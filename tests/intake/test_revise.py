"""Who applies, by which way, with whose help, corrected before acceptance."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config.verbs import TransitionError
from households import transitions as households
from households.models import Resident
from intake import transitions
from tests.intake import factories
from tests.intake.factories import ApplicationFactory
from tests.intake.verbs import fail, fresh, the_event

pytestmark = pytest.mark.django_db


def revise(application, by, **changed):
    return transitions.revise(**{"application_id": application.pk, "applicant_id": application.applicant_id, "by": by, **changed})


def test_it_works(second_clerk, submitted):
    spouse = factories.people(submitted.household)[1]
    application = revise(submitted, second_clerk, applicant_id=spouse.pk, channel="village", helper_name="周帮办", helper_relation="邻居")
    assert (application.applicant, application.channel, application.helper_name) == (spouse, "village", "周帮办")
    event = the_event("application.revised")
    assert (event.by, event.application_id) == (second_clerk.staff, submitted.pk)
    assert "周*" in event.new
    assert spouse.name not in event.old + event.new


def test_the_telephone_stays_unless_it_is_named(clerk, household):
    helper = {"helper_name": "周帮办", "helper_relation": "邻居"}
    head = factories.people(household)[0]
    application = transitions.draft(household_id=household.pk, applicant_id=head.pk, helper_phone="13800138000", by=clerk, **helper)
    assert revise(application, clerk, **helper).helper_phone
    assert not revise(application, clerk, helper_phone="", **helper).helper_phone


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, draft):
    with pytest.raises(Http404):
        revise(draft, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        revise(draft, approver)


def test_the_dead_and_strangers_do_not_apply(clerk, draft):
    stranger = factories.people(factories.family())[0]
    with pytest.raises(TransitionError, match="不是这个家庭的成员"):
        revise(draft, clerk, applicant_id=stranger.pk)
    Resident.objects.filter(pk=draft.applicant_id).update(died_on=date(2026, 9, 1))
    with pytest.raises(TransitionError, match="已登记死亡"):
        revise(draft, clerk)


def test_kin_do_not_help(clerk, second_clerk):
    head = factories.member()
    application = ApplicationFactory(drafted=True, household=factories.family(members=[head]))
    households.declare_own_kin(name=head.name, relation="97", number=head.number, by=second_clerk)
    with pytest.raises(TransitionError, match="不能代办"):
        revise(application, clerk, helper_name=second_clerk.staff.name, helper_relation="亲戚")


def test_the_event_fails_and_nothing_has_happened(clerk, draft, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        revise(draft, clerk, channel="grid")
    assert fresh(draft).channel == "window"
