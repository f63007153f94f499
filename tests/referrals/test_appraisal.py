"""Waiting for an appraisal: both clocks stand where the version says so, and for that alone (DESIGN 6)."""

import pytest

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from referrals.transitions import pause_promise, resume_promise
from tests import cast
from tests.programs.factories import next_version
from tests.referrals.acting import duties, fresh, perform, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def test_both_clocks_stand(officer):
    referral = start("begin_appraisal")
    perform("begin_appraisal", referral)
    for kind in ("promise", "stage"):
        [duty] = duties(referral, kind)
        assert duty.due_at is None
        assert duty.pauses.get().reason == "鉴定、评残或评估：等县医院评残"
        assert duty.pauses.get().began_by == officer
    assert fresh(referral).status == "handling"
    assert the_event("referral.appraisal_begun", referral).note == "等县医院评残"


def test_and_run_again_with_the_days_added(clock):
    referral = start("begin_appraisal")
    before = {kind: duties(referral, kind)[0].due_at for kind in ("promise", "stage")}
    perform("begin_appraisal", referral)
    clock.forward(days=14)
    perform("end_appraisal", referral)
    after = {kind: duties(referral, kind)[0].due_at for kind in ("promise", "stage")}
    assert all(after[kind] > before[kind] for kind in before)
    assert the_event("referral.appraisal_ended", referral).at == house_clock.now()


def test_version_without_the_cause_does_not_stop(reviewer):
    referral = ReferralFactory(in_hand=True)
    with pytest.raises(TransitionError, match="“临时救助”的时限不因鉴定、评估暂停"):
        perform("begin_appraisal", referral, reviewer)


def test_twice_is_once():
    referral = start("begin_appraisal")
    perform("begin_appraisal", referral)
    with pytest.raises(AlreadyHandled, match="已经暂停计时"):
        perform("begin_appraisal", referral)
    perform("end_appraisal", referral)
    with pytest.raises(AlreadyHandled, match="没有因鉴定、评估暂停计时，或已恢复"):
        perform("end_appraisal", referral)


def test_reason_is_required():
    with pytest.raises(TransitionError, match="请写明等待什么鉴定或评估"):
        perform("begin_appraisal", start("begin_appraisal"), reason="")


@pytest.mark.parametrize("verb", ["begin_appraisal", "end_appraisal"])
def test_others_do_not(verb):
    refuse_outsiders_of_department(verb)


def refuse_outsiders_of_department(verb):
    from django.core.exceptions import PermissionDenied
    from django.http import Http404

    referral = start(verb)
    for outsider in ("neighbour_clerk", "neighbour_officer", "assistant", "supervision"):
        with pytest.raises(Http404):
            perform(verb, referral, cast.member(outsider))
    for colleague in ("clerk", "approver", "platform_approver"):
        with pytest.raises(PermissionDenied):
            perform(verb, referral, cast.member(colleague))


def test_return_for_supplement_takes_its_place(officer, clerk):
    """One pause at a time: what the unit waited for is over when it returns the paper."""
    referral = start("begin_appraisal")
    perform("begin_appraisal", referral)
    perform("return_for_supplement", referral, officer)
    reasons = [pause.reason.split("：")[0] for pause in duties(referral, "promise")[0].pauses.order_by("pk")]
    assert reasons == ["鉴定、评残或评估", "申请人补正材料"]
    perform("resubmit", referral, clerk)
    assert duties(referral, "promise")[0].due_at is not None


def test_publicity_stops_the_promise_only_outside_the_whole():
    """C-25: 特困's seven days stand outside; 低保's count (C-05)."""
    referral = fresh(ReferralFactory(in_hand=True))
    by = cast.member("reviewer")
    assert pause_promise(referral=referral, cause="publicity", by=by) is False
    next_version("MZ01", pause_causes=["supplement", "publicity"])
    counted = fresh(ReferralFactory(program="MZ01", in_hand=True))
    assert counted.track.publicity_in_whole is True
    assert pause_promise(referral=counted, cause="publicity", by=by) is False
    outside = fresh(ReferralFactory(program="MZ07", in_hand=True))
    assert outside.track.publicity_in_whole is False
    assert pause_promise(referral=outside, cause="publicity", by=by) is ("publicity" in outside.version.pause_causes)
    assert resume_promise(referral=outside, cause="supplement", by=by) is False, "another cause holds it"
    assert resume_promise(referral=outside, cause="publicity", by=by) is True


@pytest.mark.parametrize("verb", ["begin_appraisal", "end_appraisal"])
def test_without_its_line_nothing_happens(verb, monkeypatch):
    refuse_without_its_line(monkeypatch, verb, start(verb))
