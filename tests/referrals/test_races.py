"""Several hands on one referral, over real connections (SECURITY R2, #11): exactly one wins, the others are told who and when."""

import threading

import pytest
from django.db import connections

from audit.models import Event
from config.verbs import AlreadyHandled
from households.models import AssistanceRecord
from intake.models import Application
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.intake.test_races import race, told
from tests.referrals.acting import events, fresh, perform
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db(transaction=True)


def test_naive_read_check_write_would_let_both_through():
    """What the verb must prevent: both read 办理中, both write."""
    referral = ReferralFactory(deciding=True)
    both_have_read = threading.Barrier(2)
    passed = []

    def naive(outcome):
        row = Referral.objects.get(pk=referral.pk)
        if row.status == Referral.Status.HANDLING:
            both_have_read.wait(timeout=30)
            Referral.objects.filter(pk=row.pk).update(responsible=None)
            passed.append(outcome)
        connections.close_all()

    threads = [threading.Thread(target=naive, args=(outcome,)) for outcome in ("approved", "refused")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(passed) == ["approved", "refused"]


def test_two_approvers_decide_at_once():
    referral = ReferralFactory(deciding=True)
    approver, second = cast.member("approver"), cast.member("second_approver")
    outcomes = race(
        lambda: perform("decide", referral, approver),
        lambda: perform("decide", referral, second, outcome="refused"),
    )
    [loser] = told(outcomes)
    row = fresh(referral)
    assert isinstance(loser, AlreadyHandled)
    assert f"已由{row.decided_by.label}于2026-09-24 10:00决定（{row.get_outcome_display()}）" in str(loser)
    assert len(events("referral.decided", referral)) == 1
    assert AssistanceRecord.objects.filter(decision_id=referral.pk).count() == (row.outcome == "approved")


def test_one_colleague_takes_it_the_other_is_told():
    referral = ReferralFactory()
    outcomes = race(
        lambda: perform("take", referral, cast.member("reviewer")),
        lambda: perform("take", referral, cast.member("second_approver")),
    )
    [loser] = told(outcomes)
    assert fresh(referral).handler.staff.name in str(loser)
    assert len(events("referral.received", referral)) == len(events("referral.taken", referral)) == 1


def test_last_two_confirmed_at_once_close_the_application_once():
    first, second = referrals(["MZ04", "MZ01"], fed_back=True)
    outcomes = race(
        lambda: perform("confirm", first, cast.member("clerk")),
        lambda: perform("confirm", second, cast.member("second_clerk")),
    )
    assert told(outcomes) == []
    assert Application.objects.get(pk=first.application_id).status == "closed"
    assert Event.objects.filter(verb="application.closed", subject_id=str(first.application_id)).count() == 1


def test_decided_or_withdrawn_never_both():
    referral = ReferralFactory(deciding=True)
    outcomes = race(
        lambda: perform("decide", referral, cast.member("approver")),
        lambda: perform("withdraw", referral, cast.member("clerk")),
    )
    assert len(told(outcomes)) == 1
    row = fresh(referral)
    assert (row.status, bool(row.outcome), bool(row.end_reason)) in {("decided", True, False), ("withdrawn", False, True)}
    assert AssistanceRecord.objects.filter(decision_id=referral.pk).exists() is (row.status == "decided")
    assert len(events("referral.decided", referral)) + len(events("referral.withdrawn", referral)) == 1


def test_sent_out_once():
    from tests.referrals.factories import accepted

    application = accepted(verified=False)
    clerk, second = cast.member("clerk"), cast.member("second_clerk")
    outcomes = race(
        lambda: transitions.dispatch(application_id=application.pk, by=clerk),
        lambda: transitions.dispatch(application_id=application.pk, by=second),
    )
    assert isinstance(told(outcomes)[0], AlreadyHandled)
    assert Referral.objects.filter(application=application).count() == 1
    assert Event.objects.filter(verb="referral.dispatched", application_id=application.pk).count() == 1
