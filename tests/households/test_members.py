"""Taken into a household, described better, gone from it: one household at a time, one head always."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from households.models import Membership, Resident
from households.transitions import MemberRefused, add_member, end_membership, revise_member
from households.transitions import members as verbs
from tests import cast
from tests.racing import race

from . import factories
from .factories import HouseholdFactory, ResidentFactory, person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


def wife_of(household):
    return household.memberships.get(relation="10")


def revised(row, by, relation="97", seen_at=None, **changed):
    seen_at = seen_at or row.household.revised_at
    given = {"lives_together": True, "is_counted": True, **changed}
    return revise_member(membership_id=row.pk, relation=relation, seen_at=seen_at, by=by, **given)


def ended(row, by, on=TODAY, reason="外嫁"):
    return end_membership(membership_id=row.pk, on=on, reason=reason, by=by)


# ── add ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_new_is_taken_in(clerk, clock, lines):
    household = HouseholdFactory(alone=True)
    clock.forward(minutes=5)
    row = add_member(household_id=household.pk, member=person("20", name="赵小儿", lives_together=False), by=clerk)
    assert (row.household, row.relation, row.lives_together, row.added_by) == (household, "20", False, clerk)
    household.refresh_from_db()
    assert (household.revised_at, household.revised_by) == (row.added_at, clerk)
    event = lines("member.added")[-1]
    assert (event.household_id, event.subject_text, phrase(event)) == (household.pk, "赵*儿", "加入家庭成员（子）")


def test_somebody_known_comes_to_live_with_the_household(clerk):
    household, known = HouseholdFactory(alone=True), ResidentFactory(region=factories.place(cast.OTHER_VILLAGE))
    row = add_member(household_id=household.pk, member=factories.MemberInput("50", resident_id=known.pk), by=clerk)
    assert row.resident.region_id == cast.VILLAGE


def test_a_person_id_of_another_township_does_not_exist(clerk):
    stranger = ResidentFactory(region=factories.place(cast.NEIGHBOUR))
    with pytest.raises(Http404):
        add_member(household_id=HouseholdFactory().pk, member=factories.MemberInput("50", resident_id=stranger.pk), by=clerk)


def test_a_second_head_is_refused(clerk):
    with pytest.raises(TransitionError, match="本户已有户主"):
        add_member(household_id=HouseholdFactory().pk, member=person("02"), by=clerk)


def test_a_member_of_another_household_is_refused(clerk):
    elsewhere = HouseholdFactory(alone=True)
    member = factories.MemberInput("50", resident_id=factories.head_of(elsewhere).pk)
    with pytest.raises(MemberRefused, match=elsewhere.number):
        add_member(household_id=HouseholdFactory().pk, member=member, by=clerk)


def test_adding_needs_gate_and_right(neighbour_clerk, approver):
    household = HouseholdFactory()
    with pytest.raises(Http404):
        add_member(household_id=household.pk, member=person("20"), by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        add_member(household_id=household.pk, member=person("20"), by=approver)


@pytest.mark.django_db(transaction=True)
def test_of_two_households_that_take_somebody_in_at_once_one_wins():
    known = ResidentFactory()
    homes = [HouseholdFactory(alone=True), HouseholdFactory(alone=True)]
    by = cast.member("clerk")
    member = factories.MemberInput("50", resident_id=known.pk)
    answers = race(*(lambda home=home: add_member(household_id=home.pk, member=member, by=by) for home in homes))
    assert sorted(type(answer).__name__ for answer in answers) == ["MemberRefused", "Membership"]
    assert Membership.objects.open().filter(resident=known).count() == 1


# ── revise ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_is_described_better(clerk, clock, lines):
    household = HouseholdFactory()
    clock.forward(minutes=5)
    row = revised(wife_of(household), clerk, lives_together=False, is_counted=False)
    assert (row.relation, row.lives_together, row.is_counted) == ("97", False, False)
    household.refresh_from_db()
    assert household.revised_by == clerk
    [event] = lines("member.revised")
    assert phrase(event) == "更正家庭成员：配偶 改为 其他亲属，不共同生活，不计入家庭人口"


def test_another_head_needs_the_former_ones_relation(clerk):
    row = wife_of(HouseholdFactory())
    with pytest.raises(TransitionError, match="请同时选择原户主与新户主的关系"):
        revised(row, clerk, relation="02")


def test_the_head_is_changed_for_another(clerk, lines):
    household = HouseholdFactory()
    former, row = household.memberships.get(relation="02"), wife_of(household)
    revised(row, clerk, relation="02", former_head_relation="10")
    former.refresh_from_db()
    assert (factories.head_of(household), former.relation) == (row.resident, "10")
    assert len(lines("member.revised")) == 2


def test_a_household_is_not_left_without_head(clerk):
    household = HouseholdFactory()
    with pytest.raises(TransitionError, match="必须有一位户主"):
        revised(household.memberships.get(relation="02"), clerk, relation="50")


def test_revising_needs_gate_right_and_a_fresh_page(neighbour_clerk, approver, clerk, second_clerk, clock):
    household = HouseholdFactory()
    row = wife_of(household)
    with pytest.raises(Http404):
        revised(row, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        revised(row, approver)
    clock.forward(minutes=5)
    seen_at = household.revised_at
    revised(row, second_clerk, relation="98")
    with pytest.raises(AlreadyHandled, match="安替岗"):
        revised(row, clerk, seen_at=seen_at)


# ── end ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_leaves(clerk, lines):
    household = HouseholdFactory()
    row = ended(wife_of(household), clerk)
    assert (row.until, row.end_reason, row.ended_by) == (TODAY, "外嫁", clerk)
    assert Resident.objects.filter(pk=row.resident_id).exists()
    [event] = lines("member.ended")
    assert (phrase(event), event.household_id) == ("成员离开家庭：外嫁", household.pk)


def test_whoever_left_may_belong_elsewhere(clerk):
    row = ended(wife_of(HouseholdFactory()), clerk)
    elsewhere = HouseholdFactory(alone=True)
    member = factories.MemberInput("10", resident_id=row.resident_id)
    assert add_member(household_id=elsewhere.pk, member=member, by=clerk).household == elsewhere


def test_the_head_leaves_last(clerk):
    household = HouseholdFactory()
    with pytest.raises(TransitionError, match="请先把另一名成员改为户主"):
        ended(household.memberships.get(relation="02"), clerk)
    alone = HouseholdFactory(alone=True)
    ended(alone.memberships.get(), clerk, reason="死亡")
    assert not alone.memberships.open().exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"on": date(2026, 9, 25)}, "on"), ({"on": date(2026, 9, 23)}, "on"), ({"reason": " "}, "reason")],
)
def test_a_leaving_is_dated_and_has_its_reason(clerk, changed, field):
    with pytest.raises(ValidationError) as refused:
        ended(wife_of(HouseholdFactory()), clerk, **changed)
    assert list(refused.value.message_dict) == [field]


def test_a_second_leaving_is_told_who_was_first(clerk, second_clerk):
    row = ended(wife_of(HouseholdFactory()), second_clerk)
    with pytest.raises(AlreadyHandled, match="安替岗（经办）已于2026-09-24 10:00登记此人离开"):
        ended(row, clerk)
    with pytest.raises(AlreadyHandled):
        revised(row, clerk)


def test_leaving_needs_gate_and_right(neighbour_clerk, approver):
    row = wife_of(HouseholdFactory())
    with pytest.raises(Http404):
        ended(row, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        ended(row, approver)


def test_the_event_fails_and_nothing_has_changed(clerk, failing_record):
    household = HouseholdFactory()
    row = wife_of(household)
    failing_record(verbs)
    calls = (
        lambda: ended(row, clerk),
        lambda: revised(row, clerk),
        lambda: add_member(household_id=household.pk, member=factories.MemberInput("50", resident_id=outside.pk), by=clerk),
    )
    outside = ResidentFactory()
    for call in calls:
        with pytest.raises(RuntimeError, match="no record"):
            call()
    row.refresh_from_db()
    assert (row.until, row.relation, household.memberships.count()) == (None, "10", 3)
