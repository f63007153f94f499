"""非本单位职责: once per unit, within its limit for signing for; the window has it then (ZX-34)."""

from datetime import timedelta

import pytest

from config.verbs import AlreadyHandled, TransitionError
from referrals import transitions
from referrals.models import Dispute
from tests import cast
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory, desk_of, handler_of, office_of

pytestmark = pytest.mark.django_db


def test_it_works(reviewer, clerk):
    referral = start("dispute")
    perform("dispute", referral)
    row = fresh(referral)
    assert (row.status, row.unit, row.handler, row.stage) == ("disputed", clerk.unit, None, referral.stage)
    claim = Dispute.objects.get()
    assert (claim.unit, claim.proposed_unit, claim.reason, claim.raised_by) == (reviewer.unit, desk_of("CL"), "属于残联职责。", reviewer)
    left = referral.walked.get()
    assert (left.result, left.left_by, left.opinion) == ("disputed", reviewer, "属于残联职责。")
    event = the_event("referral.disputed", referral)
    assert (event.old, event.new, event.note) == (reviewer.unit.short_name, desk_of("CL").short_name, "属于残联职责。")


def test_the_promise_runs_on_and_the_window_has_its_clock(clerk):
    referral = start("dispute")
    promised = duties(referral, "promise")[0].due_at
    perform("dispute", referral)
    assert open_kinds(referral) == {"promise", "settle"}
    assert duties(referral, "promise")[0].due_at == promised
    assert duties(referral, "stage")[0].outcome == "returned"
    [settle] = duties(referral, "settle")
    assert (settle.unit, settle.limit) == (clerk.unit, 1)
    [notice] = notices(referral, "referral.disputed")
    assert (notice.unit, "属于残联职责。" in notice.body) == (clerk.unit, True)


def test_only_who_holds_it():
    refuse_outsiders("dispute", start("dispute"), "clerk", "platform_approver")


def test_only_within_the_limit_for_signing_for(clock):
    referral = start("dispute")
    due = duties(referral, "receive")[0].due_at
    clock.set(due + timedelta(seconds=1))
    with pytest.raises(TransitionError, match="须在签收时限内提出，时限已于2026-.*届满"):
        perform("dispute", referral)
    assert fresh(referral).status == "received"


def test_once_for_a_unit(reviewer, clerk):
    referral = start("dispute")
    perform("dispute", referral)
    transitions.resend(referral_id=referral.pk, unit=reviewer.unit, note_text="本项目由贵单位审核。", by=clerk)
    perform("receive", referral, reviewer)
    with pytest.raises(TransitionError, match="已对这个转办单提出过"):
        perform("dispute", referral)


def test_two_units_cannot_pass_it_to_and_fro_forever(reviewer, clerk):
    """Each says so once; who has it then works on it."""
    referral = start("dispute")
    perform("dispute", referral)
    officer, disabled = cast.member("officer"), desk_of("CL")
    transitions.resend(referral_id=referral.pk, unit=disabled, note_text="按职责改送。", by=clerk)
    perform("receive", referral, officer)
    transitions.dispute(referral_id=referral.pk, proposed_unit=reviewer.unit, reason="属于社会事务办。", by=officer)
    for unit, handler in ((reviewer.unit, reviewer), (disabled, officer)):
        transitions.resend(referral_id=referral.pk, unit=unit, note_text="再送。", by=clerk) if fresh(
            referral
        ).status == "disputed" else None
        perform("receive", referral, handler) if fresh(referral).unit == unit else None
    with pytest.raises(TransitionError, match="已对这个转办单提出过"):
        perform("dispute", referral, reviewer)
    assert Dispute.objects.count() == 2


@pytest.mark.parametrize(
    ("proposed", "words"),
    [
        (lambda unit: unit, "不能是本单位"),
        (lambda unit: cast.member("neighbour_approver").unit, "不能承办这个转办单"),
        (lambda unit: cast.member("platform").unit, "不能承办这个转办单"),
    ],
)
def test_who_is_proposed_can_hold_it(proposed, words):
    referral = start("dispute")
    with pytest.raises(TransitionError, match=words):
        perform("dispute", referral, proposed_unit=proposed(referral.unit))


def test_reason_is_required_and_names_no_number():
    referral = start("dispute")
    with pytest.raises(TransitionError, match="请写明为什么"):
        perform("dispute", referral, reason="  ")
    with pytest.raises(TransitionError, match="不要写证件号码"):
        perform("dispute", referral, reason="000000197503040017不归我们")


def test_the_window_does_not_dispute_its_own_stage():
    referral = fresh(ReferralFactory(publicising=True))
    with pytest.raises(TransitionError, match="本环节就在受理窗口"):
        perform("dispute", referral, handler_of(referral.unit), proposed_unit=desk_of("CL"))


def test_two_colleagues_at_once(approver):
    referral = start("dispute")
    perform("dispute", referral)
    with pytest.raises(AlreadyHandled, match="已由.*提出非本单位职责"):
        perform("dispute", referral, approver)


def test_another_office_of_the_township_may_be_proposed(reviewer):
    referral = start("dispute")
    perform("dispute", referral, proposed_unit=office_of(reviewer.unit, "justice"))
    assert Dispute.objects.get().proposed_unit.office == "justice"


def test_withdrawn_meanwhile_nobody_rules_upon_it(clerk):
    referral = fresh(ReferralFactory(ruling=True))
    perform("withdraw", referral)
    assert (Dispute.objects.get().answer, open_kinds(referral)) == ("dropped", set())


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "dispute", start("dispute"))
