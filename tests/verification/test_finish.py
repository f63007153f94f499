"""Finishing: whole, by two at least, valid for its months; its figures are facts for everybody (C-10, ZX-39, ZX-40, QJ-13)."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from households.models import Fact, Resident
from households.transitions import declare_own_kin, end_membership, note_relative
from tests.households.factories import HouseholdFactory, ResidentFactory, id_number, person
from tests.verification import factories
from verification import reading, transitions
from verification.models import Verification
from verification.transitions import work

pytestmark = pytest.mark.django_db


def finish(row, by, investigators=None, **changed):
    team = factories.team() if investigators is None else investigators
    return transitions.finish(verification_id=row.pk, fields=factories.whole(row, **changed), investigators=team, by=by)


def test_it_is_done_and_valid_for_six_months(clerk):
    row = finish(factories.started(), clerk)
    row.refresh_from_db()
    assert (row.status, row.finished_by, row.valid_until, row.figures) == ("done", clerk, date(2027, 3, 24), {})
    assert row.investigators.count() == 2
    event = Event.objects.get(verb="verification.finished")
    assert (event.household_id, event.by_id, event.new, event.data["until"]) == (
        row.household_id,
        clerk.staff_id,
        "与申报一致",
        "2027-03-24",
    )
    assert "患病" not in str(event.data)


def test_its_figures_become_facts_of_the_household(clerk):
    row = finish(factories.started(), clerk, income_12_months="14400", rigid_spending_12_months="")
    facts = {fact.kind_id: fact for fact in Fact.objects.filter(household=row.household)}
    assert {key: fact.value for key, fact in facts.items()} == {
        "income_per_head": "400.00", "income_12_months": "14400.00", "assets_within_limits": True, "household_hardship": True,
    }  # fmt: skip
    assert {(f.how, f.valid_until, f.found_on, f.source, f.found_by) for f in facts.values()} == {
        ("visit", row.valid_until, date(2026, 9, 24), f"核查 {row.number}", clerk)
    }
    assert set(reading.facts_of(row)) == set(facts.values())


def test_facts_say_how_they_were_found(clerk):
    fields = {"methods": ["letters"], "visited_on": None, "person_met": None}
    row = finish(factories.started("letters"), clerk, **fields)
    assert set(Fact.objects.filter(household=row.household).values_list("how", flat=True)) == {"letter"}


def test_figures_saved_before_count(clerk):
    row = factories.started()
    transitions.note(verification_id=row.pk, fields={"rigid_spending_12_months": "9000"}, by=clerk)
    finish(row, clerk)
    assert Fact.objects.get(household=row.household, kind="rigid_spending_12_months").value == "9000.00"


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"methods": []}, "核查方式"),
        ({"family_situation": "  "}, "家庭基本情况"),
        ({"economic_situation": ""}, "家庭经济状况"),
        ({"finding": ""}, "核查结果"),
        ({"conclusion": ""}, "核查结论"),
        ({"advice": ""}, "对策建议"),
        ({"visited_on": None}, "入户日期"),
        ({"conclusion": "", "advice": ""}, "核查结论、对策建议"),
    ],
)
def test_what_is_missing_is_named(clerk, changed, missing):
    with pytest.raises(TransitionError, match=f"还没有填写{missing}，核查不能完成"):
        finish(factories.started(), clerk, **changed)


def test_a_visit_that_met_nobody_keeps_it_open(clerk):
    """QJ-13, K-08: a second visit that is planned closes nothing."""
    row = factories.started()
    with pytest.raises(TransitionError, match="入户没有见到人，核查不能完成.*再次入户"):
        finish(row, clerk, person_met=None, met_note="外出务工，10月8日再访")
    assert Verification.objects.get(pk=row.pk).status == "field"


def test_one_alone_is_not_enough(clerk):
    with pytest.raises(TransitionError, match="调查人员不得少于2人，现有1人"):
        finish(factories.started(), clerk, investigators=[clerk.staff_id])


def test_nobody_goes_to_declared_kin_of_his_own(clerk, assistant):
    number = id_number(date(1968, 5, 4))
    family = HouseholdFactory(members=[person("02", name="张小明", birth_on=date(1968, 5, 4), number=number)])
    declare_own_kin(name="张小明", relation="70", number=number, by=assistant)
    row = factories.started(of=family)
    with pytest.raises(TransitionError, match="甘雨村与该家庭有近亲属关系，应当回避"):
        finish(row, clerk)


def test_nobody_goes_to_a_household_that_named_him(clerk):
    with pytest.raises(TransitionError, match="甘晓窗与该家庭有近亲属关系，应当回避"):
        finish(factories.started(of=HouseholdFactory(with_kin=True)), clerk)


def test_a_household_without_living_members_cannot_be_concluded(clerk):
    empty, dead = HouseholdFactory(alone=True), HouseholdFactory(alone=True)
    end_membership(membership_id=empty.memberships.get().pk, on=date(2026, 9, 24), reason="死亡", by=clerk)
    Resident.objects.filter(memberships__household=dead).update(died_on=date(2026, 9, 1))
    for family in (empty, dead):
        with pytest.raises(TransitionError, match="没有在世的成员"):
            finish(factories.started(of=family), clerk, person_met=None)


def test_a_guardian_outside_can_be_met(clerk):
    row = factories.started()
    child, guardian = row.household.memberships.get(relation="20").resident, ResidentFactory(name="姑妈甲")
    note_relative(resident_id=child.pk, role="guardian", relation="97", since=date(2024, 1, 1), relative_id=guardian.pk, by=clerk)
    assert finish(row, clerk, person_met=guardian).person_met == guardian


def test_neighbour_and_colleague_without_the_right(neighbour_clerk, approver):
    row = factories.started()
    with pytest.raises(Http404):
        finish(row, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        finish(row, approver)


def test_the_second_is_told_who_was_first(clerk, second_clerk):
    row = factories.finished(by=clerk)
    with pytest.raises(AlreadyHandled, match=f"已由{clerk}于2026-09-24 10:00完成，不能再改"):
        finish(row, second_clerk)


def test_without_its_event_nothing_has_changed(clerk, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    row = factories.started()
    monkeypatch.setattr(work, "record", fail)
    with pytest.raises(RuntimeError):
        finish(row, clerk)
    row.refresh_from_db()
    assert (row.status, row.valid_until, row.investigators.count()) == ("field", None, 0)
    assert not Fact.objects.filter(household=row.household).exists()


def test_a_recognised_one_is_found_while_it_is_valid(clerk, clock):
    row = factories.finished()
    assert reading.recognised(row.household, date(2027, 3, 24)) == row
    assert reading.recognised(row.household, date(2027, 3, 25)) is None
    assert factories.pending(of=row.household) == row
    clock.forward(days=200)
    renewed = factories.pending(of=row.household)
    assert (renewed.status, renewed != row) == ("pending", True)


def test_what_satisfies_a_track_that_verifies_first(clerk, clock):
    row, accepted = factories.finished(), clock.moment
    clock.set(datetime(2027, 3, 24, 17, tzinfo=accepted.tzinfo))
    recognised = clock.moment
    clock.forward(days=400)
    assert reading.verified_since(row.household_id, since=accepted) == row
    assert reading.verified_since(row.household_id, since=recognised) == row
    assert reading.verified_since(row.household_id, since=recognised + timedelta(days=1)) is None
