"""What an approval writes, by the program's kind (ZX-58): a record with its coverage, an identity, a fact; and nothing by halves."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from config import clock as house_clock
from config.verbs import TransitionError
from documents.models import IssuedDocument
from households.models import AssistanceRecord, Fact, IdentityTag
from households.screening.gathering import gather
from programs.facts import catalogue_of_facts
from programs.models import Program
from tests import cast
from tests.conftest import NOW
from tests.households.factories import assistance, tag
from tests.intake.factories import family
from tests.programs.factories import next_version
from tests.referrals.acting import everything, fresh, perform
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def records(referral):
    return AssistanceRecord.objects.filter(decision_id=referral.pk)


def test_single_grant_is_over_on_its_day():
    referral = ReferralFactory(approved=True)
    record = records(referral).get()
    today = house_clock.today()
    assert (record.cadence, record.since, record.until, record.amount) == ("once", today, today, Decimal("1500"))
    assert (record.program_id, record.household, record.resident) == ("MZ04", referral.case_household, None)
    assert (record.source, record.unit, record.region_code) == ("decision", referral.unit, cast.VILLAGE)


def test_subsistence_allowance_is_paid_by_the_month_from_the_next_one():
    """C-08: the national rule, in the version."""
    referral = ReferralFactory(program="MZ01", approved=True)
    record = records(referral).get()
    assert (record.cadence, record.since, record.until) == ("monthly", date(2026, 10, 1), None)
    assert fresh(referral).start_on == date(2026, 10, 1)


def test_it_reaches_every_counted_member():
    referral = ReferralFactory(program="MZ01", approved=True, household=family(children=2))
    people = {row.resident_id for row in records(referral).get().coverage.all()}
    assert people == {row.resident_id for row in referral.case_household.memberships.open()}
    assert len(people) == 4


def test_single_person_application_reaches_the_applicant_alone():
    """XX-12."""
    referral = ReferralFactory(
        program="MZ01", approved=True, as_single_person=True, single_person_reason="severe_disability", household=family(children=1)
    )
    [row] = records(referral).get().coverage.all()
    assert row.resident == referral.application.applicant


def test_two_of_a_household_are_helped_alone_side_by_side():
    """XX-12: two referrals under way, two records in force, each of one person."""
    household = family()
    head, spouse = [row.resident for row in household.memberships.order_by("relation")]
    alone = {"program": "MZ01", "household": household, "as_single_person": True, "single_person_reason": "major_illness"}
    deciding = ReferralFactory(deciding=True, applicant=head, **alone)
    first = ReferralFactory(approved=True, applicant=spouse, **alone)
    assert (deciding.resident, first.resident, first.household) == (head, spouse, None)
    perform("decide", deciding, cast.member("civil_approver"))
    assert {records(row).get().resident for row in (first, deciding)} == {head, spouse}


@pytest.mark.parametrize(
    ("pay_start", "since"),
    [
        ("next_month", date(2026, 10, 1)),
        ("month_of_approval", date(2026, 9, 1)),
        ("month_of_application", date(2026, 9, 1)),
        ("at_once", date(2026, 9, 24)),
        ("none", date(2026, 9, 24)),
    ],
)
def test_start_follows_the_version(pay_start, since):
    """C-08, C-42."""
    next_version("MZ01", valid_from=date(2026, 9, 1), pay_start=pay_start)
    referral = ReferralFactory(program="MZ01", approved=True)
    assert records(referral).get().since == since


def test_identity_is_a_tag_and_no_aid():
    referral = ReferralFactory(program="MZ05", approved=True)
    row = IdentityTag.objects.get(decision_id=referral.pk)
    assert (row.kind, row.household, row.since) == ("civil_affairs_file", referral.case_household, house_clock.today())
    assert row.unit.department.code == "MZ"
    assert not records(referral).exists()
    assert (referral.amount, referral.in_kind) == (None, "")


def test_registration_is_a_fact_with_its_term():
    referral = ReferralFactory(program="CL01", approved=True)
    row = Fact.objects.get(decision_id=referral.pk)
    assert (row.kind_id, row.value, row.how, row.resident) == ("disability_card", True, "decision", referral.resident)
    assert (row.found_on, row.valid_until) == (house_clock.today(), date(2036, 9, 23))
    assert not records(referral).exists()
    said = IssuedDocument.objects.about(referral).get(kind="decision_notice").data
    assert (said["amount"], said["starts"], said["ends"]) == ("", "自2026年9月24日起", "至2036年9月23日")


def test_a_child_without_care_is_no_orphan():
    """C-40, C-41: one program of two tracks; the aid of the one must not prove the other, which bars from MZ02."""
    known = {}
    for track in ("ordinary", "unsupported_child"):
        referral = ReferralFactory(program="MZ09", track=track, approved=True)
        on = records(referral).get().since
        for fact in ("orphan", "unsupported_child"):
            found = gather(referral.case_household, on, catalogue_of_facts(on)).situation.people[str(referral.resident_id)].facts.get(fact)
            known[track, fact] = found.value if found else None
        tags = IdentityTag.objects.filter(decision_id=referral.pk).values_list("kind", "resident", "since")
        assert list(tags) == ([("unattended_child", referral.resident_id, on)] if track == "unsupported_child" else [])
    assert known == {
        ("ordinary", "orphan"): True, ("ordinary", "unsupported_child"): None,
        ("unsupported_child", "orphan"): None, ("unsupported_child", "unsupported_child"): True,
    }  # fmt: skip


def test_a_child_known_for_it_is_approved_all_the_same():
    """The identity stood: it is not vouched for twice, and the aid ends it."""
    referral = ReferralFactory(program="MZ09", track="unsupported_child", deciding=True)
    tag(referral.resident, "unattended_child")
    perform("decide", referral, cast.member("civil_approver"))
    assert records(referral).exists()
    assert IdentityTag.objects.filter(kind="unattended_child").count() == 1


def test_refusal_writes_nothing():
    referral = ReferralFactory(program="MZ01", refused=True)
    assert not records(referral).exists()


def test_what_is_in_force_already_is_refused_and_nothing_is_half_saved(civil_approver):
    referral = ReferralFactory(program="MZ01", deciding=True)
    assistance(referral.case_household, "MZ01", since=house_clock.today())
    before = everything(referral)
    with pytest.raises(TransitionError, match="“最低生活保障”：同一项目的定期救助在这段时间已有记录"):
        perform("decide", referral, civil_approver)
    assert everything(referral) == before


def test_nobody_is_reached_alone_and_with_all(civil_approver):
    """XX-12: the roll gave a member 低保 alone while the household's was on its way."""
    referral = ReferralFactory(program="MZ01", deciding=True)
    spouse = referral.case_household.memberships.get(relation="10").resident
    assistance(spouse, "MZ01", region_code=referral.case_household.region_id, since=house_clock.today())
    before = everything(referral)
    with pytest.raises(TransitionError, match=f"{spouse.name}自2026-09-24起已在享受"):
        perform("decide", referral, civil_approver)
    assert everything(referral) == before


def test_identity_that_stands_is_refused(civil_approver):
    referral = ReferralFactory(program="MZ05", deciding=True)
    tag(referral.case_household, "civil_affairs_file")
    with pytest.raises(TransitionError, match="“民政建档人员”已经登记，且没有终止"):
        perform("decide", referral, civil_approver)
    assert fresh(referral).status == "handling"


def test_single_grants_may_be_given_again(clock):
    first = ReferralFactory(confirmed=True)
    clock.forward(days=10)
    again = ReferralFactory(approved=True, household=first.case_household)
    assert AssistanceRecord.objects.filter(program="MZ04", household=first.case_household).count() == 2
    assert records(again).get().since == house_clock.today()


def test_service_needs_its_words():
    code = Program.objects.filter(kind="service", versions__tracks__route="county", versions__obtained="window").order_by("pk").first().pk
    referral = ReferralFactory(program=code, deciding=True)
    approver = next(p for p in _approvers(referral))
    with pytest.raises(TransitionError, match="批准须写明实物、服务或减免的内容"):
        perform("decide", referral, approver, in_kind="", amount=Decimal("100"))
    perform("decide", referral, approver, in_kind="轮椅一辆")
    assert records(referral).get().in_kind == "轮椅一辆"


def _approvers(referral):
    from organization.models import Post

    return Post.objects.effective(house_clock.today()).filter(unit=referral.unit, rank="approver").select_related("unit", "staff")


def test_result_with_a_term_ends_on_the_eve(civil_approver):
    next_version("MZ05", valid_from=date(2026, 9, 1), result_valid_months=12)
    referral = ReferralFactory(program="MZ05", approved=True)
    assert IdentityTag.objects.get(decision_id=referral.pk).since == house_clock.today()


def test_record_names_the_decision_in_the_household_s_story():
    from audit.models import Event

    referral = ReferralFactory(approved=True)
    event = Event.objects.get(verb="assistance_record.granted", data__decision=str(referral.pk))
    assert event.household_id == referral.case_household_id


def test_days_of_a_record_follow_the_day_of_the_decision(clock):
    referral = ReferralFactory(deciding=True)
    clock.forward(days=3)
    perform("decide", referral)
    assert records(referral).get().since == house_clock.today() == NOW.date() + timedelta(days=3)
