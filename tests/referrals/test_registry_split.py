"""Members leave: a household is split, or some of it go over to another; what runs stays with those who asked, and they are reached."""

import pytest

from config.verbs import TransitionError
from households.models import Access, AssistanceRecord, Household, Membership, Resident
from households.transitions import revise_member
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, person
from tests.intake.factories import people
from tests.referrals.factories import ReferralFactory

from .registering import confirmed, done, leaving, neighbour, proposed

pytestmark = pytest.mark.django_db


def test_a_split_leaves_dated_history_and_a_new_household():
    household = HouseholdFactory()
    factories.assistance(household)
    change = done(household, "split", members=leaving(household, _10="02", _30="30"))
    new = change.target
    assert new.number != household.number
    assert new.region_id == cast.OTHER_VILLAGE
    assert sorted(new.memberships.values_list("relation", flat=True)) == ["02", "30"]
    rows = Membership.objects.filter(household=household)
    assert sorted((row.relation, row.until is None) for row in rows) == [("02", True), ("10", False), ("30", False)]
    assert all(new.number in row.end_reason for row in rows.exclude(until=None))
    # The record of the household stays, and reaches whom it reached until its unit decides otherwise.
    record = AssistanceRecord.objects.get()
    assert (record.household, record.coverage.count()) == (household, 3)
    assert set(Resident.objects.filter(memberships__household=new).values_list("region_id", flat=True)) == {cast.OTHER_VILLAGE}


def counted(household):
    rows = household.memberships.open().order_by("relation")
    return [(row.relation, row.lives_together, row.is_counted) for row in rows]


def test_who_is_not_counted_is_not_counted_there_either():
    """By a split, a transfer and a merger; who becomes the head is counted and lives there."""

    def family(**how):
        return HouseholdFactory(members=[person(), person("10"), person("30", **how)])

    out, apart = {"is_counted": False}, {"lives_together": False, "is_counted": False}
    home, other = family(**out), family(**apart)
    done(home, "split", members=leaving(home, _10="02", _30="30"))
    new = Household.objects.exclude(pk__in=[home.pk, other.pk]).get()
    assert counted(new) == [("02", True, True), ("30", True, False)]
    done(other, "transfer", target_number=home.number, members=leaving(other, _30="97"))
    assert counted(home) == [("02", True, True), ("97", False, False)]
    done(home, "merge", target_number=new.number, members=leaving(home, _02="70", _97="97"))
    assert counted(new) == [("02", True, True), ("30", True, False), ("70", True, True), ("97", False, False)]
    done(new, "split", members=leaving(new, _97="02"))
    last = Household.objects.get(
        memberships__until=None,
        memberships__relation="02",
        memberships__resident=Membership.objects.get(household=other, relation="30").resident,
    )
    assert counted(last) == [("02", True, True)]


def test_while_a_case_runs_the_beneficiary_is_still_reached(officer):
    referral = ReferralFactory(program="CL01", dispatched=True)
    household, stays = referral.case_household, people(referral.case_household)[1]
    leaver = referral.resident
    assert Resident.objects.visible_to(officer).filter(pk=leaver.pk).exists()
    with pytest.raises(TransitionError, match="先把留下的一名成员改为户主"):
        proposed(household, "split", members={leaver.pk: "02"})
    row = household.memberships.get(resident=stays)
    revise_member(
        membership_id=row.pk, relation="02", lives_together=True, is_counted=True, former_head_relation="10",
        seen_at=Household.objects.get(pk=household.pk).revised_at, by=cast.member("clerk"),
    )  # fmt: skip
    change = done_there(household, leaver)
    referral.refresh_from_db()
    assert (referral.case_household, referral.resident, referral.status) == (household, leaver, "dispatched")
    assert Resident.objects.visible_to(officer).filter(pk=leaver.pk).exists(), "the unit at work reaches whom it works for"
    units = set(Access.objects.standing().filter(household=change.target).values_list("unit_id", "reason"))
    assert units == {(officer.unit_id, "referral"), (referral.window_id, "accepted")}


def done_there(household, leaver):
    """Split off to the neighbouring township, which confirms."""
    change = proposed(household, "split", members={leaver.pk: "02"}, region=neighbour())
    return confirmed(change, by=cast.member("neighbour_clerk"))


def test_members_go_over_to_another_household():
    household, other = HouseholdFactory(), HouseholdFactory(alone=True)
    wife = household.memberships.get(relation="10").resident
    with pytest.raises(TransitionError, match="已有户主"):
        proposed(household, "transfer", target_number=other.number, members={wife.pk: "02"})
    done(household, "transfer", target_number=other.number, members={wife.pk: "10"})
    assert Membership.objects.open().get(resident=wife).household == other


def test_what_is_asked_of_who_leaves():
    household = HouseholdFactory()
    everybody = leaving(household, _02="02", _10="10", _30="30")
    for members, words in (
        ({}, "选择离开本户的成员"),
        (everybody, "整户迁移或并户"),
        (leaving(household, _10="10"), "有一位户主"),
        ({factories.head_of(HouseholdFactory()).pk: "02"}, "已不是本户成员"),
    ):
        with pytest.raises(TransitionError, match=words):
            proposed(household, "split", members=members)
    with pytest.raises(TransitionError, match="没有这个户编号"):
        proposed(household, "transfer", target_number="ZH500233001999999", members=leaving(household, _10="10"))
    with pytest.raises(TransitionError, match="不能并入自己"):
        proposed(household, "transfer", target_number=household.number, members=leaving(household, _10="10"))


def test_by_its_page(signed_in, clerk):
    household = HouseholdFactory(members=[person(), person("20")])
    address = f"/registry/households/{household.pk}/split/"
    said = {"relation_0": "", "relation_1": "", "region": cast.VILLAGE, "setting": "rural", "address": "", "reason": "成家"}
    client = signed_in(clerk)
    assert "选择离开本户的成员" in client.post(address, said).content.decode()
    assert client.post(address, {**said, "relation_1": "02"}).status_code == 302
