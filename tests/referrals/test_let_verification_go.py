"""A verification ends with the last case that needs it; what another case leans on stays, and what is finished is never touched (ZX-20,
ZX-40)."""

from datetime import date

import pytest

from audit.models import Event
from audit.presenters import phrase
from config import clock as house_clock
from config.verbs import AlreadyHandled
from deadlines.models import Duty
from households.transitions import take_on
from referrals import transitions
from tests.households import factories as households
from tests.intake.factories import ApplicationFactory, family, member
from tests.programs.factories import next_version
from tests.referrals import standing
from tests.referrals.acting import perform
from tests.referrals.factories import ReferralFactory, accepted, referrals, verify
from tests.verification import factories as verifications
from verification import transitions as survey
from verification.models import Verification
from verification.needs import needs_of

from .registering import confirmed, neighbour, proposed

pytestmark = pytest.mark.django_db


def opened(*programs: str, **given):
    """An accepted application whose verification has not begun."""
    return accepted([(code, "ordinary") for code in programs or ("MZ04",)], verified=False, **given)


def of(application) -> Verification:
    return Verification.objects.filter(household=application.household).order_by("-opened_at", "-number").first()


def withdraw(application, by=None):
    by = by or application.accepted_by
    return transitions.withdraw_application(application_id=application.pk, reason="不再申请。", by=by)


def test_it_ends_with_the_application_with_its_clock_and_one_line(clerk):
    application = opened()
    row = of(application)
    withdraw(application)
    row.refresh_from_db()
    assert (row.status, row.ended_by, row.ended_at) == ("cancelled", clerk, house_clock.now())
    assert row.end_reason == f"申请{application.number}已撤回，没有其他事项需要这项核查。"
    duty = Duty.objects.about(row).get()
    assert (duty.kind, duty.outcome, duty.closed_at) == ("start_verification", "cancelled", house_clock.now())
    event = Event.objects.get(verb="verification.cancelled")
    assert (event.subject_id, event.application_id, event.household_id, event.old) == (
        str(row.pk), application.pk, application.household_id, "待启动",
    )  # fmt: skip
    assert phrase(event) == f"撤销核查：{row.end_reason}"
    assert standing.faults() == []


@pytest.mark.parametrize("end", ["withdraw_application", "terminate_application"])
def test_begun_and_sent_out_it_ends_as_well_and_no_verb_leads_on(clerk, approver, end):
    application = opened()
    row = survey.start(verification_id=of(application).pk, methods=["home_visit"], by=clerk)
    request = verifications.asked(row)
    transitions.dispatch(application_id=application.pk, by=clerk)
    getattr(transitions, end)(application_id=application.pk, reason="申请人去世。", by=clerk if end.startswith("withdraw") else approver)
    row.refresh_from_db()
    request.refresh_from_db()
    assert (row.status, request.status) == ("cancelled", "withdrawn")
    assert not Duty.objects.open().exists()
    with pytest.raises(AlreadyHandled, match="已于.*撤销，不再进行"):
        survey.note(verification_id=row.pk, fields={"advice": "再访"}, by=clerk)
    with pytest.raises(AlreadyHandled, match="现为“已撤销”"):
        verifications.asked(row)
    assert standing.faults() == []


@pytest.mark.parametrize("verb", ["withdraw", "terminate"])
def test_it_ends_with_the_last_item_that_needs_it_though_the_application_goes_on(verb):
    """MZ02 is not verified: it goes on alone, and nobody is left to be visited."""
    first, second, other = referrals([("MZ04", "ordinary"), ("MZ01", "ordinary"), ("MZ02", "ordinary")], received=True, verified=False)
    row = of(first.application)
    perform(verb, first)
    row.refresh_from_db()
    assert row.status == "pending", "its sibling waits for it"
    perform(verb, second)
    row.refresh_from_db()
    other.application.refresh_from_db()
    assert (row.status, other.application.status) == ("cancelled", "in_progress")
    assert second.number in row.end_reason
    assert standing.faults() == []


def test_a_second_application_that_leans_on_it_keeps_it(clerk):
    first = opened()
    second = ApplicationFactory(accepted=True, household=first.household, programs=[("MZ01", "ordinary")])
    row = of(first)
    withdraw(first)
    row.refresh_from_db()
    assert row.status == "pending"
    assert Duty.objects.open().about(row).exists()
    transitions.dispatch(application_id=second.pk, by=clerk)
    perform("withdraw", second.referrals.get())
    row.refresh_from_db()
    assert row.status == "cancelled"
    assert Event.objects.get(verb="verification.cancelled").application_id == second.pk
    assert standing.faults() == []


def test_one_that_was_served_by_a_former_one_does_not_keep_it(clerk, clock):
    """What was recognised at acceptance stays so: the application before needs no second look, the one after does."""
    first = accepted()
    clock.forward(days=200)
    second = ApplicationFactory(accepted=True, household=first.household, programs=[("MZ01", "ordinary")])
    row = of(second)
    assert row.status == "pending"
    assert [need.subject for need in needs_of(first.household_id)] == [second]
    withdraw(second)
    row.refresh_from_db()
    assert row.status == "cancelled"


def test_a_finished_one_is_never_touched():
    application = accepted()
    row = of(application)
    withdraw(application)
    row.refresh_from_db()
    assert (row.status, row.ended_at) == ("done", None)
    assert of(ApplicationFactory(accepted=True, household=application.household, programs=[("MZ01", "ordinary")])) == row


def test_the_next_application_opens_another():
    application = opened()
    first = of(application)
    withdraw(application)
    second = of(opened(household=application.household))
    assert (second.status, second != first) == ("pending", True)


def test_what_waits_for_its_program_to_open_keeps_it_until_it_is_given_up(clerk):
    next_version("MZ05", has_quota=True, quota_per_year=0)
    application = opened("MZ05")
    row = of(application)
    assert transitions.dispatch(application_id=application.pk, by=clerk) == []
    assert [need.subject for need in needs_of(application.household_id)] == [application]
    transitions.withdraw_item(item_id=application.items.get().pk, reason="不再需要", by=clerk)
    row.refresh_from_db()
    assert row.status == "cancelled"
    assert standing.faults() == []


def test_given_up_beside_what_is_decided_it_takes_the_verification_along(clerk):
    """MZ02 is decided and goes on to be told; what waits alone needed the visit."""
    next_version("MZ05", valid_from=date(2026, 8, 1), has_quota=True, quota_per_year=0)
    [referral] = referrals([("MZ02", "ordinary"), ("MZ05", "ordinary")], approved=True, verified=False)
    row = of(referral.application)
    assert row.status == "pending"
    transitions.withdraw_item(item_id=referral.application.items.get(program="MZ05").pk, reason="不再需要", by=clerk)
    row.refresh_from_db()
    referral.application.refresh_from_db()
    assert (row.status, referral.application.status) == ("cancelled", "in_progress")
    assert "等待开放的事项已撤回" in row.end_reason
    assert standing.faults() == []


def test_a_family_that_moved_is_not_held_up_by_the_township_it_left(clerk, neighbour_clerk, neighbour_approver):
    """Both townships have a case; with its own the former one lets go, and the other opens its own with its clock."""
    first = opened()
    former = of(first)
    confirmed(proposed(first.household, "move", region=neighbour()), by=neighbour_approver)
    second = ApplicationFactory(accepted=True, household=first.household, programs=[("MZ01", "ordinary")], by=neighbour_clerk)
    assert of(second) == former, "under way, and its township has its case: it serves"
    withdraw(first)
    former.refresh_from_db()
    own = of(second)
    assert (former.status, own.status, own.unit) == ("cancelled", "pending", neighbour_clerk.unit)
    assert f"由{neighbour_clerk.unit.short_name}受理，由其另行核查" in former.end_reason
    assert Duty.objects.open().about(own).get().unit == neighbour_clerk.unit
    assert standing.faults() == []


def test_where_the_family_lives_it_goes_on_for_a_case_elsewhere(clerk, neighbour_clerk):
    """The neighbouring window lets itself see the family and accepts a second case; the family's own township goes on with the visit."""
    head = member("02")
    first = opened(household=family(members=[head, member("10")]))
    row = of(first)
    take_on(token=households.outside_token(head.number, neighbour_clerk), by=neighbour_clerk)
    second = ApplicationFactory(accepted=True, household=first.household, programs=[("MZ01", "ordinary")], by=neighbour_clerk)
    withdraw(first)
    row.refresh_from_db()
    assert (row.status, row.unit) == ("pending", clerk.unit)
    withdraw(second)
    row.refresh_from_db()
    assert row.status == "cancelled"
    assert standing.faults() == []


def test_one_left_without_a_case_before_does_not_block_the_next_township(neighbour_clerk, neighbour_approver):
    """As it stood before verifications had an end."""
    family_ = family()
    row = verifications.started(of=family_)
    confirmed(proposed(family_, "move", region=neighbour()), by=neighbour_approver)
    application = ApplicationFactory(accepted=True, household=family_, by=neighbour_clerk)
    row.refresh_from_db()
    own = of(application)
    assert (row.status, own.unit, own.status) == ("cancelled", neighbour_clerk.unit, "pending")
    assert f"改由{neighbour_clerk.unit.short_name}受理" in row.end_reason
    verify(family_)
    assert of(application).status == "done"


def test_without_its_line_nothing_has_ended(clerk, monkeypatch):
    from verification.transitions import cancelling

    def fail(*args, **kwargs):
        raise RuntimeError

    application = opened()
    monkeypatch.setattr(cancelling, "record", fail)
    with pytest.raises(RuntimeError):
        withdraw(application)
    application.refresh_from_db()
    assert (of(application).status, application.status) == ("pending", "accepted")


def test_a_case_closed_by_its_decisions_leaves_none_under_way():
    row = ReferralFactory(confirmed=True)
    assert row.application.status == "closed"
    assert not Verification.objects.unfinished().exists()
