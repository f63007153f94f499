"""Units let in and out (DESIGN 2, SECURITY #10)."""

import pytest

from audit.presenters import phrase
from households.models import Access, Household
from households.transitions import access as verbs
from households.transitions import close_access, let_in

from . import factories
from .factories import HouseholdFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def household():
    return HouseholdFactory()


def opened(household, post, by, subject=None):
    return let_in(household=household, unit=post.unit, reason="referral", subject=subject or household, by=by)


def test_a_unit_is_let_in_and_leaves_a_line(household, officer, clerk, lines):
    row = opened(household, officer, clerk)
    assert (row.opened_by, row.until, row.closed_at) == (clerk, None, None)
    [event] = lines("access.opened")
    assert (event.household_id, phrase(event)) == (household.pk, "开放查看权限（转办）：县残联")


def test_once_more_changes_nothing(household, officer, clerk, lines):
    assert opened(household, officer, clerk) == opened(household, officer, clerk)
    assert (Access.objects.count(), len(lines("access.opened"))) == (1, 1)


def test_closing_leaves_days_to_look(household, officer, neighbour_officer, clerk, clock, lines):
    opened(household, officer, clerk)
    opened(household, neighbour_officer, clerk)
    assert close_access(subject=household, unit=officer.unit, by=clerk) == 1
    row = Access.objects.get(unit=officer.unit)
    assert (str(row.until), row.closed_by) == ("2026-12-23", clerk)
    assert phrase(lines("access.closed")[0]) == "关闭查看权限（转办）：县残联，可查看至2026-12-23"
    assert close_access(subject=household, unit=officer.unit, by=clerk) == 0
    clock.forward(days=90)
    assert Household.objects.visible_to(officer).exists()
    clock.forward(days=1)
    assert not Household.objects.visible_to(officer).exists()
    assert Household.objects.visible_to(neighbour_officer).exists()


def test_a_matter_that_comes_back_opens_it_again(household, officer, clerk, clock, lines):
    opened(household, officer, clerk)
    close_access(subject=household, by=clerk)
    clock.forward(days=100)
    assert opened(household, officer, clerk).until is None
    assert Household.objects.visible_to(officer).exists()
    assert len(lines("access.opened")) == 2


def test_each_subject_has_its_own(household, officer, clerk):
    head = factories.head_of(household)
    opened(household, officer, clerk)
    opened(household, officer, clerk, subject=head)
    close_access(subject=head, by=clerk)
    assert Access.objects.standing().count() == 1


def test_the_event_fails_and_nothing_has_changed(household, officer, clerk, failing_record):
    row = opened(household, officer, clerk)
    failing_record(verbs)
    with pytest.raises(RuntimeError, match="no record"):
        close_access(subject=household, by=clerk)
    with pytest.raises(RuntimeError, match="no record"):
        opened(household, officer, clerk, subject=factories.head_of(household))
    assert list(Access.objects.values_list("pk", "until")) == [(row.pk, None)]
