"""退回反馈: once; the decision stands (RULES B2)."""

import pytest

from config import clock as house_clock
from config.verbs import TransitionError
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import set_figure

pytestmark = pytest.mark.django_db


def test_unit_must_say_it_better_and_the_decision_stands(clerk, approver):
    referral = start("return_feedback")
    perform("return_feedback", referral)
    row = fresh(referral)
    assert (row.status, row.unit, row.outcome, row.decided_by) == ("decided", approver.unit, "approved", approver)
    assert (row.feedback, row.fed_back_at, row.fed_back_by) == ("", None, None)
    assert (row.feedback_returned_at, row.feedback_returned_by) == (house_clock.now(), clerk)
    assert row.feedback_return_reason == "没有写明领取方式。"
    assert the_event("referral.feedback_returned", referral).note == "没有写明领取方式。"


def test_clocks_and_notice_follow(approver):
    referral = start("return_feedback")
    perform("return_feedback", referral)
    assert [duty.outcome for duty in duties(referral, "tell")] == ["returned"]
    assert sorted(duty.outcome for duty in duties(referral, "feedback")) == ["", "done"], "one moment has no order"
    assert open_kinds(referral) == {"feedback"}
    assert notices(referral, "referral.feedback_returned")[0].unit == approver.unit


def test_once_only():
    referral = start("return_feedback")
    perform("return_feedback", referral)
    perform("feed_back", referral)
    with pytest.raises(TransitionError, match="反馈最多退回1次，这件已经退回过"):
        perform("return_feedback", referral)
    assert fresh(referral).status == "fed_back"


def test_how_often_is_a_figure():
    set_figure("feedback_returns_max", 2)
    referral = start("return_feedback")
    for _ in range(2):
        perform("return_feedback", referral)
        perform("feed_back", referral)
    assert fresh(referral).status == "fed_back"


def test_only_the_window():
    refuse_outsiders("return_feedback", start("return_feedback"), "reviewer", "approver", "platform_approver")


def test_reason_is_required():
    with pytest.raises(TransitionError, match="请写明退回反馈的理由"):
        perform("return_feedback", start("return_feedback"), reason="")


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "return_feedback", start("return_feedback"))
