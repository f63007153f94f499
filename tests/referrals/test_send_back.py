"""退回上一环节: one stage back, with the reason."""

import pytest

from config.verbs import AlreadyHandled, TransitionError
from tests import cast
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def test_it_goes_one_stage_back(approver, clerk):
    referral = start("send_back")
    perform("send_back", referral)
    row = fresh(referral)
    assert (row.status, row.stage.name, row.unit, row.handler) == ("dispatched", "公示", clerk.unit, None)
    left = referral.walked.filter(stage__act="decide").get()
    assert (left.result, left.opinion, left.left_by, left.decided_by) == ("sent_back", "公示地点有误。", approver, None)
    assert [stay.stage.act for stay in referral.walked.order_by("pk")] == ["review", "publicise", "decide", "publicise"]
    event = the_event("referral.sent_back", referral)
    assert (event.old, event.new, event.note) == ("乡镇审批", clerk.unit.short_name, "公示地点有误。")


def test_county_sends_back_to_the_township(civil_approver, clerk):
    referral = ReferralFactory(program="MZ01", deciding_in_hand=True)
    perform("send_back", referral, civil_approver)
    assert fresh(referral).unit == clerk.unit
    perform("take", referral, clerk)
    perform("send_back", referral, clerk, reason="县级要求重新核实收入。")
    assert fresh(referral).stage.name == "乡镇审核"


def test_clocks_and_notice_follow():
    referral = start("send_back")
    perform("send_back", referral)
    assert open_kinds(referral) == {"promise", "receive"}
    assert duties(referral, "stage")[-1].outcome == "done"
    [notice] = notices(referral, "referral.sent_back")
    assert (notice.unit, notice.body) == (fresh(referral).unit, "公示地点有误。")


def test_only_who_could_send_it_on():
    referral = start("send_back")
    refuse_outsiders("send_back", referral, "reviewer", "platform_approver")
    with pytest.raises(AlreadyHandled, match="现由.*办理"):  # the window has sent it on after the publicity
        perform("send_back", referral, cast.member("clerk"))


def test_first_stage_has_nothing_before_it():
    referral = ReferralFactory(proposed=True)
    with pytest.raises(TransitionError, match="这是第一个环节.*退回补正"):
        perform("send_back", referral)


def test_reason_is_required():
    referral = start("send_back")
    with pytest.raises(TransitionError, match="请写明退回上一环节的理由"):
        perform("send_back", referral, reason=" ")
    assert fresh(referral).status == "handling"


def test_appraisal_that_was_waited_for_no_longer_holds_the_clock():
    referral = start("begin_appraisal")
    officer = cast.member("officer")
    perform("begin_appraisal", referral)
    perform("propose", referral, officer)
    perform("forward", referral, cast.member("department_approver"))
    assert duties(referral, "promise")[0].due_at is not None


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "send_back", start("send_back"))
