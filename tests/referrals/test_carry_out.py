"""What the decision of a change does to the record: adjust, hold and resume, fade out; a refused one leaves it as it is."""

from datetime import date
from decimal import Decimal

import pytest

from config.verbs import TransitionError
from documents.models import IssuedDocument
from households.models import Access, AssistanceRecord, Coverage, IdentityTag, RecordChange
from households.transitions import let_in
from referrals import transitions
from tests import cast
from tests.households import factories as households
from tests.referrals.changing import NEXT, SINCE, aid, decided, opened

pytestmark = pytest.mark.django_db
EVE = date(2026, 9, 30)


def test_an_adjustment_is_followed_by_a_record_of_its_own():
    household = households.HouseholdFactory()
    record = aid(household=household)
    gone = household.memberships.order_by("relation").last().resident
    tag = households.tag(gone, "subsistence")
    let_in(household=household, unit=record.unit, reason="roll", subject=record, by=cast.member("platform"))
    referral = decided(opened("adjust", record, leaver=gone), until="decided", amount=Decimal(350))
    old, new = AssistanceRecord.objects.order_by("since")
    assert (old.pk, old.until, old.amount) == (record.pk, EVE, Decimal(600))
    assert (new.since, new.until, new.amount, new.decision_id, new.source) == (NEXT, None, Decimal(350), referral.pk, "decision")
    assert gone.pk not in Coverage.objects.filter(record=new).values_list("resident_id", flat=True)
    assert Coverage.objects.filter(record=new).count() == Coverage.objects.filter(record=old).count() - 1
    assert (RecordChange.objects.get().successor, IdentityTag.objects.get(pk=tag.pk).until) == (new, EVE)

    assert set(Access.objects.standing().about(new).values_list("unit", flat=True)) == {record.unit_id}  # who was let in for it stays
    assert not Access.objects.standing().about(old).exists()

    stop = decided(opened("stop", new, from_month=date(2026, 12, 1)), until="decided")
    assert (AssistanceRecord.objects.get(pk=new.pk).until, stop.status) == (date(2026, 11, 30), "decided")


def test_a_hold_is_resumed():
    record = aid()
    decided(opened("hold", record), outcome="approved")
    hold = RecordChange.objects.get()
    assert (hold.kind, hold.since, hold.until, AssistanceRecord.objects.get().until) == ("hold", NEXT, None, None)
    with pytest.raises(TransitionError, match="请先恢复，再调整"):
        opened("adjust", record, from_month=date(2026, 11, 1))
    decided(opened("resume", record, from_month=date(2026, 12, 1)), until="decided")
    assert RecordChange.objects.get(pk=hold.pk).until == date(2026, 11, 30)


def test_a_hold_that_lies_ahead_is_lifted_from_its_first_month():
    record = aid()
    decided(opened("hold", record))
    with pytest.raises(TransitionError, match="2026年10月起才暂缓，以前照常发放。请填从2026年10月起恢复"):
        opened("resume", record, from_month=date(2026, 9, 1))
    decided(opened("resume", record))
    hold = RecordChange.objects.get(kind="hold")
    assert (hold.since, hold.until, RecordChange.objects.get(kind="resume").since) == (NEXT, NEXT, NEXT)
    decided(opened("adjust", record, from_month=date(2026, 11, 1)), until="decided")  # nothing is held any more


def test_a_resumption_asked_for_in_time_may_be_decided_when_the_hold_has_begun(clock):
    """The family came before the month began: it does not lose it while the papers go round."""
    record = aid()
    decided(opened("hold", record))
    asked = decided(opened("resume", record), until="proposed")
    clock.forward(days=15)
    transitions.decide(referral_id=asked.pk, outcome="approved", by=cast.member("civil_approver"))
    assert RecordChange.objects.get(kind="hold").until == NEXT


def test_a_hold_that_has_begun_keeps_its_first_month(clock):
    record = aid()
    decided(opened("hold", record))
    clock.forward(days=15)
    with pytest.raises(TransitionError, match="恢复最早从下个月起算"):
        opened("resume", record)


def test_what_is_held_may_be_stopped_from_the_same_month():
    record = aid()
    decided(opened("hold", record))
    decided(opened("stop", record), until="decided")
    hold = RecordChange.objects.get(kind="hold")
    assert (hold.until, AssistanceRecord.objects.get().until) == (NEXT, EVE)


def test_fading_out_ends_after_its_months():
    record = aid()
    decided(opened("fade", record), until="decided", amount=Decimal(300))
    old, new = AssistanceRecord.objects.order_by("since")
    assert (old.until, new.since, new.until, new.amount) == (EVE, NEXT, date(2026, 12, 31), Decimal(300))


def test_a_refused_change_leaves_the_record_and_says_why():
    record = aid()
    referral = decided(opened("stop", record), until="decided", outcome="refused")
    assert (referral.outcome, AssistanceRecord.objects.get().until) == ("refused", None)
    assert not RecordChange.objects.exists()
    paper = IssuedDocument.objects.about(referral).get()
    assert (paper.data["decision"], paper.data["explanation"]) == ("不作变更，维持原救助", "复核后收入没有超过标准。")


def test_a_change_follows_the_record_that_was_adjusted_meanwhile():
    record = aid()
    stop = decided(opened("stop", record, from_month=date(2026, 12, 1)), until="proposed")
    decided(opened("adjust", record), until="decided")
    transitions.decide(referral_id=stop.pk, outcome="approved", by=cast.member("civil_approver"))
    old, new = AssistanceRecord.objects.order_by("since")
    assert (old.since, old.until, new.until) == (SINCE, EVE, date(2026, 11, 30))
