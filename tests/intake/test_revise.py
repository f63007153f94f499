"""Who applies, by which way, with whose help, corrected before acceptance."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config.verbs import TransitionError
from households import transitions as households
from households.models import Relative, Resident
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


def test_what_is_asked_for_follows_who_asks_alone(clerk, household):
    """XX-12: alone, then another alone, then all together."""
    head, spouse = factories.people(household)
    application = ApplicationFactory(drafted=True, household=household)
    factories.add(application, "MZ01")
    factories.add(application)

    def asked():
        return {item.program_id: (item.household, item.resident) for item in application.items.all()}

    revise(application, clerk, as_single_person=True, single_person_reason="major_illness")
    assert asked() == {"MZ01": (None, head), "MZ04": (household, None)}
    revise(application, clerk, applicant_id=spouse.pk, as_single_person=True, single_person_reason="major_illness")
    assert asked()["MZ01"] == (None, spouse)
    revise(application, clerk)
    assert asked()["MZ01"] == (household, None)


def test_what_is_running_already_stops_the_change(clerk, household):
    ApplicationFactory(
        submitted=True,
        programs=[("MZ01", "ordinary")],
        household=household,
        as_single_person=True,
        single_person_reason="severe_disability",
    )
    spouse = factories.people(household)[1]
    other = ApplicationFactory(
        drafted=True, household=household, applicant=spouse, as_single_person=True, single_person_reason="major_illness"
    )
    factories.add(other, "MZ01")
    with pytest.raises(TransitionError, match="正在办理"):
        revise(other, clerk)
    assert other.items.get().resident == spouse


def test_a_guardian_does_not_apply_alone(clerk):
    """A household of one is the member; who acts for a member is the helper."""
    ward = factories.people(factories.family())[0]
    guardian = factories.people(factories.family())[0]
    role = Relative.Role.GUARDIAN
    households.note_relative(resident_id=ward.pk, relative_id=guardian.pk, role=role, relation="97", since=date(2026, 1, 1), by=clerk)
    application = ApplicationFactory(drafted=True, household=ward.memberships.get().household)
    with pytest.raises(TransitionError, match="填在“代办人”"):
        revise(application, clerk, applicant_id=guardian.pk, as_single_person=True, single_person_reason="major_illness")


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
