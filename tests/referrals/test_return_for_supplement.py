"""退回补正: back to the window for what the applicant must still bring, once per unit (TZ-14, correction 14)."""

import pytest

from config import clock as house_clock
from config.verbs import TransitionError
from tests import cast
from tests.households.factories import id_number
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def test_it_returns_to_the_window_with_everything_that_is_missing(reviewer, clerk):
    referral = start("return_for_supplement")
    perform("return_for_supplement", referral, lines=["诊断证明", " ", "住院票据原件 "])
    row = fresh(referral)
    assert (row.status, row.unit, row.handler, row.stage.name) == ("returned", clerk.unit, None, "乡镇审核")
    left = referral.walked.get()
    assert (left.result, left.opinion, left.left_by) == ("returned", "诊断证明；住院票据原件", reviewer)
    assert the_event("referral.returned", referral).note == "诊断证明；住院票据原件"


def test_promise_stands_where_the_version_says_so(clock):
    referral = start("return_for_supplement")
    assert referral.version.pause_causes == ["supplement"]
    perform("return_for_supplement", referral)
    [promise] = duties(referral, "promise")
    assert promise.due_at is None
    assert promise.pauses.get().reason == "申请人补正材料：忠州街道社会事务办"


def test_promise_runs_on_where_it_does_not(db):
    from tests.programs.factories import next_version

    next_version("MZ04", pause_causes=[])
    referral = start("return_for_supplement")
    perform("return_for_supplement", referral)
    assert duties(referral, "promise")[0].due_at is not None


def test_window_has_the_applicants_time_and_a_notice(clerk):
    referral = start("return_for_supplement")
    perform("return_for_supplement", referral)
    assert [duty.outcome for duty in duties(referral, "stage")] == ["returned"]
    [resubmit] = duties(referral, "resubmit")
    assert (resubmit.unit, resubmit.rule, resubmit.limit, resubmit.shifts) == (clerk.unit, "calendar_days", 30, True)
    assert open_kinds(referral) == {"promise", "resubmit"}
    [notice] = notices(referral, "referral.returned")
    assert notice.unit == clerk.unit
    assert "诊断证明" in notice.body


def test_others_do_not():
    refuse_outsiders("return_for_supplement", start("return_for_supplement"), "clerk", "platform_approver")


def test_once_per_unit():
    referral = ReferralFactory(returned=True)
    perform("resubmit", referral)
    perform("take", referral)
    with pytest.raises(TransitionError, match="本单位已退回补正1次，每个单位最多退回1次"):
        perform("return_for_supplement", referral)
    assert fresh(referral).status == "handling"


def test_next_unit_has_a_turn_of_its_own(civil_officer):
    referral = ReferralFactory(program="MZ01", deciding_in_hand=True)
    perform("return_for_supplement", referral, civil_officer)
    assert fresh(referral).status == "returned"


@pytest.mark.parametrize("lines", [[], ["", " "]])
def test_what_is_missing_must_be_named(lines):
    with pytest.raises(TransitionError, match="请逐条写明需要补正什么"):
        perform("return_for_supplement", start("return_for_supplement"), lines=lines)


def test_numbers_of_persons_stay_out():
    with pytest.raises(TransitionError, match="不要写证件号码"):
        perform("return_for_supplement", start("return_for_supplement"), lines=[f"{id_number()}的银行卡"])


def test_window_does_not_return_to_itself(clerk):
    referral = ReferralFactory(publicising=True)
    with pytest.raises(TransitionError, match="本环节就在窗口"):
        perform("return_for_supplement", referral, clerk)


def test_days_of_the_applicant_do_not_count(clock):
    """Fourteen days away move the promise by its working days (补正 from return to resubmission)."""
    referral = start("return_for_supplement")
    [before] = duties(referral, "promise")
    perform("return_for_supplement", referral)
    clock.forward(days=14)
    perform("resubmit", referral, cast.member("clerk"))
    [after] = duties(referral, "promise")
    assert after.due_at > before.due_at
    assert after.pauses.get().ended_at == house_clock.now()


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "return_for_supplement", start("return_for_supplement"))
