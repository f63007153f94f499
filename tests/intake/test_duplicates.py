"""Asked for already, or being given; and hints that block nothing."""

from datetime import date
from decimal import Decimal

import pytest

from config import clock
from intake import duplicates
from intake.beneficiaries import covered_residents
from intake.duplicates import warnings_of
from organization.figures import forget
from organization.models import Post, Region
from organization.reference import load_parameters
from organization.transitions import parameters
from programs.models import Program
from tests import cast
from tests.households.factories import assistance, tag
from tests.intake import factories
from tests.intake.factories import ApplicationFactory, add

pytestmark = pytest.mark.django_db


def refusal(code, **whom):
    given = {"household": None, "resident": None, "on": clock.today(), **whom}
    return duplicates.refusal(program=Program.objects.get(pk=code), **given)


def test_each_beneficiary_for_itself():
    application = ApplicationFactory(drafted=True, household=factories.family(children=2))
    first, second = factories.people(application.household)[2:]
    add(application, "MZ03", resident=first)
    factories.submit(factories.fill_in(application), application.drafted_by)
    assert application.number in refusal("MZ03", resident=first)
    assert refusal("MZ03", resident=second) == ""
    assert refusal("MZ02", resident=first) == ""


@pytest.mark.parametrize("trait", ["closed", "not_accepted", "withdrawn", "terminated", "filled"])
def test_what_has_ended_or_was_never_handed_in_holds_nobody_up(trait):
    application = ApplicationFactory(**{trait: True})
    assert refusal("MZ04", household=application.household) == ""


@pytest.mark.parametrize("trait", ["submitted", "supplemented", "accepted", "in_progress"])
def test_what_is_under_way_is_named(trait):
    application = ApplicationFactory(**{trait: True})
    assert application.number in refusal("MZ04", household=application.household)


def test_a_regular_record_in_force_or_to_come(household):
    assistance(household, "MZ01", since=date(2026, 10, 1))
    assert "自2026-10-01起已在享受" in refusal("MZ01", household=household)


def test_a_record_that_has_ended_holds_nobody_up(household):
    assistance(household, "MZ01", since=date(2025, 1, 1), until=date(2026, 8, 31))
    assert refusal("MZ01", household=household) == ""


def test_an_identity_that_stands_is_not_asked_for_again(household):
    tag(household, "unstable_exit", since=date(2026, 1, 1))
    assert "自2026-01-01起" in refusal("XC02", household=household)
    assert refusal("XC03", household=household) == ""


@pytest.fixture
def figures(db):
    """Those that a department fills in: the demo's."""
    load_parameters(by=Post.objects.the_system(), demo=True)
    forget()


# ── hints ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_off_aid_not_long_ago_is_a_hint(draft, figures):
    assistance(draft.household, "MZ04", cadence="once", since=date(2026, 3, 1), until=date(2026, 3, 1))
    item = add(draft)
    [hint] = warnings_of(item)
    assert "12个月内（2026-03-01）" in hint
    assert "只作提示" in hint


def given(whom, **more):
    return assistance(whom, "MZ04", cadence="once", **{"since": date(2026, 9, 10), "until": date(2026, 9, 10), **more})


def test_what_one_of_the_family_was_given_at_once_is_a_hint_for_all(draft, figures):
    """先行救助 stands on the person, 临时救助 is asked for by the family."""
    record = given(factories.people(draft.household)[1])
    [hint] = warnings_of(add(draft))
    assert "12个月内（2026-09-10）申请家庭或其成员已得到过“临时救助”" in hint
    assert record.resident.name not in hint


@pytest.mark.parametrize("whose", ["all", "other"])
def test_what_the_family_was_given_is_a_hint_for_one_alone(household, figures, whose):
    first, second = factories.people(household)[:2]
    given(household if whose == "all" else first)
    application = ApplicationFactory(
        drafted=True, household=household, applicant=second, as_single_person=True, single_person_reason="severe_disability"
    )
    item = add(application)
    item.household, item.resident = None, second
    [hint] = warnings_of(item)
    assert "申请家庭或其成员已得到过" in hint


def test_another_familys_aid_and_what_somebody_got_after_leaving_is_none(draft, figures, clerk):
    other = factories.family()
    given(other)
    gone = factories.people(draft.household)[1]
    ended = {"ended_at": clock.now(), "ended_by": clerk, "end_reason": "分户"}
    gone.memberships.update(since=date(2026, 1, 1), until=date(2026, 9, 9), **ended)
    given(gone)
    assert warnings_of(add(draft)) == []
    gone.memberships.update(until=date(2026, 9, 20))
    assert len(warnings_of(draft.items.get())) == 1


def test_long_ago_or_another_program_is_none(draft, figures):
    assistance(draft.household, "MZ04", cadence="once", since=date(2025, 9, 1), until=date(2025, 9, 1))
    assert warnings_of(add(draft)) == []
    assert warnings_of(add(draft, "CS01")) == []


def test_above_the_ceiling_and_above_the_cap(draft, figures):
    item = add(draft, amount=Decimal("2000"))
    assert warnings_of(item) == []
    item.amount_asked = Decimal("2000.01")
    assert [("转县级审批" in hint, "会商" in hint) for hint in warnings_of(item)] == [(True, False)]
    item.amount_asked = Decimal("20000.01")
    assert len(warnings_of(item)) == 2


# ── whom it reaches ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_households_item_reaches_its_counted_living_members():
    household = factories.family(members=[factories.member(), factories.member("10"), factories.member("97", is_counted=False)])
    application = ApplicationFactory(drafted=True, household=household)
    assert covered_residents(add(application)) == factories.people(household)[:2]


def test_a_residents_item_reaches_that_resident(draft):
    assert covered_residents(add(draft, "MZ03")) == [draft.applicant]


def test_a_single_person_counts_alone(household):
    spouse = factories.people(household)[1]
    application = ApplicationFactory(
        drafted=True, household=household, applicant=spouse, as_single_person=True, single_person_reason="severe_disability"
    )
    item = add(application, "MZ01")
    assert (item.household, item.resident) == (None, spouse)
    assert covered_residents(item) == [spouse]
    assert covered_residents(add(application)) == factories.people(household)


# ── two of one household, each alone (XX-12) ────────────────────────────────────────────────────────────────────────


def alone(household, number, **how):
    who = factories.people(household)[number]
    return ApplicationFactory(
        **(how or {"submitted": True}), programs=[("MZ01", "ordinary")], household=household, applicant=who, as_single_person=True,
        single_person_reason="major_illness",
    )  # fmt: skip


def test_two_of_a_household_apply_alone_side_by_side(household):
    first, second = alone(household, 0), alone(household, 1)
    assert [item.resident for item in (first.items.get(), second.items.get())] == factories.people(household)


def test_nobody_is_asked_for_twice_alone_and_with_all(household):
    running = alone(household, 1)
    assert running.number in refusal("MZ01", household=household)
    assert refusal("MZ04", household=household) == ""
    whole = factories.family()
    asked = ApplicationFactory(submitted=True, programs=[("MZ01", "ordinary")], household=whole)
    assert asked.number in refusal("MZ01", resident=factories.people(whole)[1])


def test_somebody_helped_alone_is_not_helped_again_with_all(household):
    assistance(factories.people(household)[1], "MZ01", region_code=household.region_id, since=date(2026, 3, 1))
    assert "有成员自2026-03-01起按单人户享受" in refusal("MZ01", household=household)
    assert refusal("MZ01", resident=factories.people(household)[0]) == ""


def test_somebody_helped_with_all_is_not_helped_again_alone(household):
    assistance(household, "MZ01", since=date(2026, 3, 1))
    assert "已在享受" in refusal("MZ01", resident=factories.people(household)[0])


def test_a_township_may_have_its_own_ceiling(draft, figures, platform_approver):
    item = add(draft, amount=Decimal("1500"))
    assert warnings_of(item) == []
    parameters.set_parameter(
        key="township_ceiling_mz04", value=1000, valid_from=clock.today(), origin="assumed", source="县民政局确定", by=platform_approver,
        region=Region.objects.get(pk=cast.HOME),
    )  # fmt: skip
    assert "限额1000元" in warnings_of(item)[0]
