"""Members leave a family for another: what was found of the means of either before is not theirs any more, and is looked at anew."""

from decimal import Decimal

import pytest

from audit.models import Event
from config import clock as house_clock
from config.verbs import TransitionError
from deadlines.models import Duty
from households.models import Fact, Household
from households.rules import FAMILY_MEANS
from households.screening.gathering import gather
from households.transitions import end_membership, note_death, note_fact
from programs.facts import catalogue_of_facts
from referrals.conditions import verification_missing
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.referrals.factories import ReferralFactory
from tests.verification import factories as verifications
from verification import reading
from verification import transitions as survey
from verification.models import Verification
from verification.page import page_of
from verification.rules import FACTS

from .registering import confirmed, done, leaving, proposed

pytestmark = pytest.mark.django_db
FOUND = {"income_12_months": Decimal(60000), "income_per_head": None, "rigid_spending_12_months": Decimal(1000)}


def verified(household: Household, clock, **fields: object) -> Verification:
    """Finished some days before today."""
    row = verifications.finished(of=household, fields={**FOUND, **fields})
    clock.forward(days=1)
    return row


def known(household: Household) -> dict[str, object]:
    """What the screening takes for the family's."""
    facts = gather(household, house_clock.today(), catalogue_of_facts(house_clock.today())).situation.household
    return {key: facts[key].value for key in FAMILY_MEANS & set(facts)}


def test_a_split_leaves_neither_family_the_means_of_the_former(clock):
    home = HouseholdFactory()
    row = verified(home, clock)
    assert known(home)["income_12_months"] == 60000
    change = done(home, "split", members=leaving(home, _10="02"))
    for family in (home, change.target):
        assert known(family) == {}
        assert reading.recognised(family, house_clock.today()) is None
    assert "income_12_months_per_head" not in gather(home, house_clock.today(), catalogue_of_facts(house_clock.today())).situation.household
    assert reading.verified_since(home.pk, since=house_clock.now()) is None
    lines = Event.objects.filter(verb="fact.lapsed", household_id=home.pk)
    assert {line.data["kind"] for line in lines} == set(row.household.facts.values_list("kind_id", flat=True))
    assert not [line for line in lines if "60000" in line.old], "a sensitive value stays out of the record"


def test_a_new_application_gets_a_verification_of_its_own(clock):
    home = HouseholdFactory()
    row = verified(home, clock)
    assert verifications.pending(of=home) == row
    done(home, "split", members=leaving(home, _10="02"))
    anew = verifications.pending(of=home)
    assert anew != row
    assert anew.status == "pending"


def test_a_member_who_goes_over_changes_both_families(clock):
    home, other = HouseholdFactory(), HouseholdFactory()
    for family in (home, other):
        verified(family, clock)
    done(home, "transfer", target_number=other.number, members=leaving(home, _30="97"))
    assert [known(family) for family in (home, other)] == [{}, {}]
    assert [reading.recognised(family, house_clock.today()) for family in (home, other)] == [None, None]


def test_merged_families_are_not_the_one_that_was_looked_at_last(clock):
    """The total of the poorer one, divided by the members of both, made a wealthy family poor."""
    gone, stays = HouseholdFactory(), HouseholdFactory(alone=True)
    verified(gone, clock)
    verified(stays, clock, income_12_months=Decimal(3000))
    house = factories.fact(gone, "house_grade", "D")
    done(gone, "merge", target_number=stays.number, members=leaving(gone, _02="70", _10="97", _30="97"))
    assert known(stays) == {}
    assert reading.recognised(stays, house_clock.today()) is None
    assert Verification.objects.filter(household=stays).count() == 2, "carried, to be read"
    house.refresh_from_db()
    assert (house.household, house.superseded_at) == (stays, None)  # what is of the dwelling goes over


def test_a_case_that_leaned_on_the_former_check_gets_one(clock):
    home = HouseholdFactory()
    verified(home, clock)
    referral = ReferralFactory(program="MZ01", dispatched=True, household=home)
    assert verification_missing(referral) == ""
    done(home, "split", members=leaving(home, _30="02"))
    anew = Verification.objects.unfinished().get(household=home)
    assert anew.unit == referral.window
    assert Duty.objects.open().about(anew).get().kind == "start_verification"
    assert anew.number in verification_missing(referral)
    clock.forward(hours=1)
    row = survey.start(verification_id=anew.pk, methods=["matching", "home_visit"], by=cast.member("clerk"))
    fields = {**verifications.whole(row), **FOUND}
    survey.finish(verification_id=row.pk, fields=fields, investigators=verifications.team(), by=cast.member("clerk"))
    assert verification_missing(referral) == ""
    assert known(home)["income_12_months"] == 60000


def test_one_that_needs_none_gets_none(clock):
    home = HouseholdFactory()
    verified(home, clock)
    done(home, "split", members=leaving(home, _30="02"))
    assert not Verification.objects.unfinished().exists()


def test_a_check_under_way_begins_its_figures_anew(clock, signed_in, clerk):
    home = HouseholdFactory()
    row = verifications.started(of=home)
    survey.note(verification_id=row.pk, fields={**FOUND, "family_situation": "三口人。"}, by=clerk)
    row.refresh_from_db()
    seen, visited = row.noted_at, house_clock.today()
    clock.forward(days=1)
    done(home, "split", members=leaving(home, _10="02"))
    row.refresh_from_db()
    assert (row.figures, row.family_situation, row.status) == ({}, "三口人。", "field")
    assert Event.objects.get(verb="verification.family_changed").subject_id == str(row.pk)
    with pytest.raises(TransitionError, match="另开一页核对"):
        survey.note(verification_id=row.pk, fields=FOUND, seen_at=seen, by=clerk)
    fields = {**verifications.whole(row), **FOUND}
    with pytest.raises(TransitionError, match="重新入户"):
        survey.finish(verification_id=row.pk, fields={**fields, "visited_on": visited}, investigators=verifications.team(), by=clerk)
    page = signed_in(clerk).get(row.get_absolute_url()).content.decode()
    assert "变动以前入户的，须重新入户" in page
    clock.forward(hours=1)
    survey.finish(verification_id=row.pk, fields=fields, investigators=verifications.team(), by=clerk)
    assert reading.recognised(home, house_clock.today()) == row
    assert known(home)["income_12_months"] == 60000
    assert page_of(Verification.objects.get(pk=row.pk), clerk).remade == ""


def test_the_pages_say_that_a_new_check_is_needed(clock, signed_in, clerk):
    home = HouseholdFactory()
    row = verified(home, clock)
    client = signed_in(clerk)
    address = f"/registry/households/{home.pk}/split/"
    assert "须按变动后的成员重新核查" in client.get(address).content.decode()
    change = proposed(home, "split", members=leaving(home, _10="02"))
    assert "不再互认" not in client.get(row.get_absolute_url()).content.decode()
    confirmed(change)
    assert "须按变动后的成员重新核查" in client.get(change.get_absolute_url()).content.decode()
    page = client.get(row.get_absolute_url()).content.decode()
    assert "不再互认" in page
    assert "县内各单位互认，不再重复核查" not in page


def test_a_move_a_death_and_a_correction_leave_the_check_valid(clock, clerk):
    """None of them is a family that parted: reviews and reports follow them (C-14, C-15, C-19)."""
    home = HouseholdFactory()
    row = verified(home, clock)
    done(home, "move")
    note_death(resident=factories.head_of(home), on=house_clock.today(), source="窗口", by=clerk)
    left = home.memberships.get(relation="30")
    end_membership(membership_id=left.pk, on=house_clock.today(), reason="误登记", by=clerk)
    assert reading.recognised(home, house_clock.today()) == row
    assert known(home)["income_12_months"] == 60000


def test_what_is_written_up_late_is_of_the_former_family(clock, clerk):
    home = HouseholdFactory()
    found = house_clock.today()
    clock.forward(days=2)
    done(home, "split", members=leaving(home, _10="02"))
    said = {"kind_key": "income_12_months", "household": home, "value": "60000", "how": "letter", "by": clerk}
    with pytest.raises(TransitionError, match="请按现在的成员重新核查后登记"):
        note_fact(**said, found_on=found)
    note_fact(**said, found_on=house_clock.today())
    note_fact(kind_key="house_grade", household=home, value="D", how="letter", found_on=found, by=clerk)
    assert known(home) == {"income_12_months": 60000}


def test_without_its_line_nothing_is_done(monkeypatch):
    home = HouseholdFactory()
    factories.fact(home, "income_12_months", "60000", how="visit")
    change = proposed(home, "split", members=leaving(home, _10="02"))

    def closed(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the record is closed")

    monkeypatch.setattr("households.transitions.knowledge.record", closed)
    with pytest.raises(RuntimeError):
        confirmed(change)
    assert Fact.objects.standing().filter(household=home).exists()
    assert home.memberships.open().count() == 3


def test_all_that_a_verification_writes_is_the_familys_means():
    assert set(FACTS) <= FAMILY_MEANS
