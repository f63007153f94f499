"""Where a household lives is corrected by its township; its members live there with it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from households.models import Household
from households.transitions import households as verbs
from households.transitions import revise_household, take_on
from tests import cast
from tests.racing import race

from . import factories
from .factories import HouseholdFactory, person

pytestmark = pytest.mark.django_db


def revised(household, by, code=cast.OTHER_VILLAGE, address="虚构组2号", seen_at=None):
    return revise_household(
        household_id=household.pk, region=factories.place(code), setting="urban", address=address,
        seen_at=seen_at or household.revised_at, by=by,
    )  # fmt: skip


def test_it_is_corrected_and_its_members_with_it(clerk, clock, lines):
    household = HouseholdFactory()
    clock.forward(minutes=5)
    row = revised(household, clerk)
    assert (row.region_id, row.setting, row.address, row.revised_by) == (cast.OTHER_VILLAGE, "urban", "虚构组2号", clerk)
    assert row.revised_at > row.opened_at
    assert {m.resident.region_id for m in row.memberships.all()} == {cast.OTHER_VILLAGE}
    [event] = lines("household.revised")
    assert phrase(event) == "更正家庭资料：居住地、城乡类别、详细地址"
    assert event.data["new"]["居住地"] == "虚构二村"
    assert "虚构组2号" not in str(event.data)


def test_the_neighbour_does_not_find_it(neighbour_clerk):
    with pytest.raises(Http404):
        revised(HouseholdFactory(), neighbour_clerk)


@pytest.mark.parametrize("role", ["approver", "assistant", "platform"])
def test_who_only_sees_it_may_not(role, request):
    with pytest.raises(PermissionDenied):
        revised(HouseholdFactory(), request.getfixturevalue(role))


def test_who_took_it_on_reads_but_does_not_write(neighbour_clerk):
    number = factories.id_number()
    household = HouseholdFactory(members=[person(number=number)])
    take_on(token=factories.outside_token(number, neighbour_clerk), by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        revised(household, neighbour_clerk)


def test_a_page_opened_before_somebody_elses_change_is_stale(clerk, second_clerk, clock):
    household = HouseholdFactory()
    clock.forward(minutes=5)
    revised(household, second_clerk)
    with pytest.raises(AlreadyHandled, match="安替岗（经办）已于2026-09-24 10:05更正过"):
        revised(household, clerk, code=cast.VILLAGE)


def test_to_another_township_it_is_not_moved_by_one(clerk):
    with pytest.raises(TransitionError, match="不在本辖区"):
        revised(HouseholdFactory(), clerk, code=cast.NEIGHBOUR)


def test_the_event_fails_and_nothing_has_changed(clerk, failing_record):
    household = HouseholdFactory()
    failing_record(verbs)
    with pytest.raises(RuntimeError, match="no record"):
        revised(household, clerk)
    assert Household.objects.get(pk=household.pk).region_id == cast.VILLAGE


@pytest.mark.django_db(transaction=True)
def test_of_two_who_correct_at_once_the_second_is_told(clock):
    household = HouseholdFactory()
    clock.forward(minutes=5)
    people = cast.member("clerk"), cast.member("second_clerk")
    answers = race(*(lambda by=by: revised(household, by) for by in people))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyHandled", "Household"]
