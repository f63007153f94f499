"""Every truth of the referrals' tables, broken once past form and verb. Those of a publicity stand in test_publicity_constraints.py."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from config import clock
from referrals.models import ExtensionRequest, Referral, ReferralStage
from tests import cast
from tests.referrals.acting import fresh, perform
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db


def broken(row, constraint, **changed):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changed)


def copied(row, **changed):
    """The row once more, under another key."""
    twin = type(row)._base_manager.get(pk=row.pk)
    twin.pk = uuid.uuid4() if isinstance(row, Referral) else None
    twin._state.adding = True
    for name, value in changed.items():
        setattr(twin, name, value)
    return twin


def refused(row, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


@pytest.fixture
def sent(db):
    return fresh(ReferralFactory())


@pytest.fixture
def decided(db):
    return fresh(ReferralFactory(approved=True))


# ── who it is for, and where it comes from ──────────────────────────────────────────────────────────────────────────
def test_referral_is_for_a_household_or_a_resident(sent):
    broken(sent, "referral_is_for_a_household_or_a_resident", household=None)
    broken(sent, "referral_is_for_a_household_or_a_resident", resident=sent.application.applicant)


def test_grant_has_an_item_and_the_rest_a_record(sent, decided):
    broken(sent, "grant_has_an_item_and_the_rest_a_record", item=None)
    broken(sent, "grant_has_an_item_and_the_rest_a_record", purpose="stop")
    from households.models import AssistanceRecord

    record = AssistanceRecord.objects.get(decision_id=decided.pk)
    broken(decided, "grant_has_an_item_and_the_rest_a_record", record=record)


@pytest.mark.parametrize(("program", "holder"), [("MZ04", "household"), ("CL01", "resident")])
def test_one_open_referral_per_program_and_beneficiary(program, holder):
    row = ReferralFactory(program=program)
    other = ReferralFactory(program="MZ01" if holder == "household" else "MZ02", household=row.case_household)
    with pytest.raises(IntegrityError, match=f"one_open_referral_per_program_and_{holder}"), transaction.atomic():
        Referral.objects.filter(pk=other.pk).update(program=row.program, household=row.household, resident=row.resident)


def test_families_of_open_referrals_are_named():
    assert {"one_open_referral_per_program_and_household", "one_open_referral_per_program_and_resident"} <= {
        constraint.name for constraint in Referral._meta.constraints
    }


# ── the decision ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_decision_says_who_and_what(decided):
    broken(decided, "decision_says_who_and_what", decided_by=None)
    broken(decided, "decision_says_who_and_what", decided_at=None)
    broken(decided, "decision_says_who_and_what", decided_by_staff=None)


def test_only_decided_referrals_go_on_to_feedback(sent, decided):
    broken(sent, "only_decided_referrals_go_on_to_feedback", status="fed_back")
    broken(decided, "only_decided_referrals_go_on_to_feedback", status="received")


def test_approval_says_since_when(decided):
    broken(decided, "approval_says_since_when", start_on=None)


def test_approved_amount_is_positive(decided):
    broken(decided, "approved_amount_is_positive", amount=0)


def test_approval_above_the_cap_has_its_reason(decided):
    broken(decided, "approval_above_the_cap_has_its_reason", is_above_cap=True)


@pytest.mark.parametrize("missing", ["refusal_code", "refusal_reason", "remedies"])
def test_refusal_has_code_reason_and_remedies(missing):
    broken(ReferralFactory(refused=True), "refusal_has_code_reason_and_remedies", **{missing: ""})


def test_decider_did_not_accept_the_application(decided):
    """SECURITY #4: past form, verb and shell."""
    broken(decided, "decider_did_not_accept_the_application", decided_by_staff=decided.accepted_by_staff)
    decided.decided_by, decided.decided_by_staff = decided.accepted_by, decided.accepted_by_staff
    with pytest.raises(IntegrityError, match="decider_did_not_accept_the_application"), transaction.atomic():
        decided.save()


# ── feedback, confirmation, ends ────────────────────────────────────────────────────────────────────────────────────
def test_feedback_says_who_when_and_what(decided):
    row = ReferralFactory(fed_back=True)
    broken(row, "feedback_says_who_when_and_what", feedback="")
    broken(row, "feedback_says_who_when_and_what", fed_back_by=None)
    broken(decided, "feedback_says_who_when_and_what", feedback="已批准")


def test_returned_feedback_says_who_when_and_why(decided, clerk):
    broken(decided, "returned_feedback_says_who_when_and_why", feedback_returned_at=clock.now(), feedback_returned_by=clerk)
    broken(decided, "returned_feedback_says_who_when_and_why", feedback_return_reason="没有写明金额")


def test_confirmation_says_who_when_and_how(decided, clerk):
    row = ReferralFactory(confirmed=True)
    broken(row, "confirmation_says_who_when_and_how", told_how="")
    broken(row, "confirmation_says_who_when_and_how", confirmed_by=None)
    broken(decided, "confirmation_says_who_when_and_how", told_how="phone", confirmed_at=clock.now(), confirmed_by=clerk)


def test_ended_referral_says_who_when_and_why(sent, clerk):
    row = ReferralFactory(withdrawn=True)
    broken(row, "ended_referral_says_who_when_and_why", end_reason="")
    broken(sent, "ended_referral_says_who_when_and_why", ended_at=clock.now(), ended_by=clerk, end_reason="不再需要")


def test_withdrawn_or_terminated_referral_has_ended(sent):
    broken(sent, "withdrawn_or_terminated_referral_has_ended", status="withdrawn")
    broken(sent, "withdrawn_or_terminated_referral_has_ended", status="terminated")


def test_referral_in_hand_has_its_handler():
    broken(ReferralFactory(in_hand=True), "referral_in_hand_has_its_handler", handler=None)


# ── the stay at a unit ──────────────────────────────────────────────────────────────────────────────────────────────
def test_a_referral_stands_at_one_place(sent):
    refused(copied(sent.walked.get()), "a_referral_stands_at_one_place")


def test_signing_for_has_its_signer(sent, reviewer):
    broken(sent.walked.get(), "signing_for_has_its_signer", received_at=clock.now())
    broken(sent.walked.get(), "signing_for_has_its_signer", received_by=reviewer, received_by_staff=reviewer.staff)


def test_proposal_has_its_proposer_and_words(sent, reviewer):
    row = sent.walked.get()
    broken(row, "proposal_has_its_proposer_and_words", proposal="建议救助")
    broken(row, "proposal_has_its_proposer_and_words", proposed_at=clock.now(), proposed_by=reviewer, proposed_by_staff=reviewer.staff)


def test_ruling_of_a_stage_has_its_ruler(sent, approver):
    broken(sent.walked.get(), "ruling_of_a_stage_has_its_ruler", decided_at=clock.now())
    broken(sent.walked.get(), "ruling_of_a_stage_has_its_ruler", decided_by=approver)


def test_who_proposes_does_not_decide():
    """SECURITY #4: persons are compared, not posts."""
    row = ReferralFactory(deciding=True).walked.current().get()
    by = row.proposed_by
    broken(row, "who_proposes_does_not_decide", decided_at=clock.now(), decided_by=by, decided_by_staff=by.staff)


def test_left_stage_says_who_when_and_how(sent, reviewer):
    row = sent.walked.get()
    broken(row, "left_stage_says_who_when_and_how", left_at=clock.now(), left_by=reviewer)
    broken(row, "left_stage_says_who_when_and_how", result="forwarded")


# ── extensions ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def asked(db):
    return perform("request_extension", ReferralFactory(in_hand=True))


def test_one_open_extension_request_per_referral(asked):
    refused(copied(asked), "one_open_extension_request_per_referral")


def test_extension_request_has_its_reason(asked):
    broken(asked, "extension_request_has_its_reason", reason="")


def test_answered_extension_request_is_whole(asked, platform_approver):
    broken(asked, "answered_extension_request_is_whole", is_granted=True)
    broken(asked, "answered_extension_request_is_whole", answered_at=clock.now(), answered_by=platform_approver)


def test_nobody_answers_an_extension_request_of_their_own(asked):
    whole = {"answered_at": clock.now(), "answered_by": asked.requested_by, "is_granted": True}
    broken(asked, "nobody_answers_an_extension_request_of_their_own", answered_by_staff=asked.requested_by_staff, **whole)
    assert ExtensionRequest.objects.open().count() == 1


def test_only_a_granted_extension_lengthens_a_stage(asked):
    broken(asked, "only_a_granted_extension_lengthens_a_stage", stay=asked.referral.walked.first())


def test_siblings_of_one_application_are_no_clash():
    rows = referrals(["MZ04", "MZ01"])
    assert len({row.number for row in rows}) == 2
    assert ReferralStage.objects.filter(referral__in=rows).count() == 2
    assert {row.accepted_by_staff_id for row in rows} == {cast.member("clerk").staff_id}
