"""Every truth of the tables of disputes and rulings, broken once past form and verb."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from config import clock
from referrals.models import Dispute, Ruling
from tests import cast
from tests.referrals.acting import perform, start
from tests.referrals.factories import ReferralFactory, desk_of
from tests.referrals.test_constraints import broken, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(db):
    ReferralFactory(disputed=True)
    return Dispute.objects.get()


@pytest.fixture
def waiting(db):
    """For the convener."""
    return perform("rule", start("rule"), named_unit=desk_of("MZ"))


def test_one_open_dispute_per_referral(claim):
    twin = Dispute.objects.get()
    twin.pk = uuid.uuid4()
    refused(twin, "one_open_dispute_per_referral")


def test_dispute_says_why(claim):
    broken(claim, "dispute_says_why", reason="")


def test_dispute_proposes_another_unit(claim):
    broken(claim, "dispute_proposes_another_unit", proposed_unit=claim.unit)


def test_push_for_ruling_says_who_when_and_what(claim, clerk):
    broken(claim, "push_for_ruling_says_who_when_and_what", push_note="请裁定。")
    broken(claim, "push_for_ruling_says_who_when_and_what", pushed_at=clock.now(), pushed_by=clerk)


def test_answered_dispute_says_who_and_when(claim):
    broken(claim, "answered_dispute_says_who_and_when", answer="dropped")
    broken(claim, "answered_dispute_says_who_and_when", sent_to=claim.proposed_unit)


def test_dispute_that_was_sent_on_says_where(claim, clerk):
    broken(claim, "dispute_that_was_sent_on_says_where", answer="resent", answered_at=clock.now(), answered_by=clerk)


def test_only_what_was_pushed_is_ruled_upon(claim, clerk):
    whole = {"answered_at": clock.now(), "answered_by": clerk, "sent_to": claim.proposed_unit}
    broken(claim, "only_what_was_pushed_is_ruled_upon", answer="ruled", **whole)


def test_ruling_has_assessment_and_basis(waiting):
    broken(waiting, "ruling_has_assessment_and_basis", assessment="")
    broken(waiting, "ruling_has_assessment_and_basis", basis="")


def test_countersigning_says_who_and_when(waiting):
    broken(waiting, "countersigning_says_who_and_when", countersigned_by=cast.member("convener"))


def test_who_rules_does_not_countersign(waiting):
    by = waiting.ruled_by
    whole = {"countersigned_at": clock.now(), "countersigned_by": by, "countersigned_by_staff": by.staff, "in_force_at": clock.now()}
    broken(waiting, "who_rules_does_not_countersign", **whole)


def test_ruling_in_force_was_countersigned_where_it_must(waiting):
    broken(waiting, "ruling_in_force_was_countersigned_where_it_must", in_force_at=clock.now())


def test_numbers_of_rulings_are_counted_over_the_county(waiting):
    other = perform("rule", start("rule"))
    assert [row.number[-4:] for row in (waiting, other)] == ["001号", "002号"]
    with pytest.raises(IntegrityError, match="number"), transaction.atomic():
        Ruling.objects.filter(pk=waiting.pk).update(number=other.number)


def test_one_first_ruling_per_dispute(waiting):
    """Two first rulings upon one dispute; a later one says which it replaces."""
    other = perform("rule", start("rule"))
    with pytest.raises(IntegrityError, match="one_first_ruling_per_dispute"), transaction.atomic():
        Ruling.objects.filter(pk=waiting.pk).update(dispute=other.dispute)


def test_superseding_ruling_says_why(waiting):
    other = perform("rule", start("rule"))
    broken(waiting, "superseding_ruling_says_why", supersedes=other)
    broken(waiting, "superseding_ruling_says_why", supersede_reason="另有依据。")


def test_ruling_does_not_supersede_itself(waiting):
    broken(waiting, "ruling_does_not_supersede_itself", supersedes=waiting, supersede_reason="另有依据。")
