"""送下一环节 (审核后上报, ZX-33): by an approver with four eyes; by the window once its publicity is over."""

from datetime import timedelta

import pytest

from config import clock as house_clock
from config.verbs import TransitionError
from households.models import Household
from organization.models import Unit
from referrals import transitions
from tests import cast
from tests.referrals.acting import (
    duties,
    events,
    fresh,
    notices,
    open_kinds,
    perform,
    refuse_outsiders,
    refuse_without_its_line,
    start,
    the_event,
)
from tests.referrals.factories import ReferralFactory, accepted, referrals
from verification.models import Verification

pytestmark = pytest.mark.django_db


def test_approver_sends_it_on(approver, clerk):
    referral = start("forward")
    left, arrived = referral.walked.get(), house_clock.now()
    perform("forward", referral)
    row = fresh(referral)
    assert (row.status, row.stage.name, row.unit, row.handler, row.responsible) == ("dispatched", "公示", clerk.unit, None, None)
    assert (row.arrived_at, row.arrived_by) == (arrived, approver)
    left.refresh_from_db()
    assert (left.result, left.left_by, left.left_at, left.opinion) == ("forwarded", approver, arrived, "同意上报。")
    assert (left.decided_by, left.decided_by_staff) == (approver, approver.staff)
    assert referral.walked.current().get().unit == clerk.unit
    event = the_event("referral.forwarded", referral)
    assert (event.old, event.new, event.note, event.data) == ("乡镇审核", "忠州街道窗口", "同意上报。", {"stage": "公示"})


def test_clocks_change_hands_and_the_promise_runs_on():
    referral = start("forward")
    [promise] = duties(referral, "promise")
    perform("forward", referral)
    assert [duty.outcome for duty in duties(referral, "stage")] == ["done"]
    assert open_kinds(referral) == {"promise", "receive"}
    assert [duty.unit for duty in duties(referral, "receive") if duty.is_open] == [fresh(referral).unit]
    assert duties(referral, "promise")[0].due_at == promise.due_at


def test_next_unit_is_told():
    referral = start("forward")
    perform("forward", referral)
    [notice] = notices(referral, "referral.forwarded")
    assert (notice.unit, notice.is_urgent) == (fresh(referral).unit, False)


def test_county_is_let_in_when_it_is_its_turn(civil_officer):
    referral = ReferralFactory(program="MZ01", publicised=True)
    known = Household.objects.visible_to(civil_officer).filter(pk=referral.case_household_id)
    assert not known.exists()
    perform("forward", referral, cast.member("clerk"))
    assert known.exists()
    assert fresh(referral).unit == civil_officer.unit


def test_window_sends_on_what_was_publicised(clerk):
    referral = ReferralFactory(publicised=True)
    perform("forward", referral, clerk, opinion="公示无异议。")
    assert fresh(referral).stage.act == "decide"
    left = referral.walked.get(stage__act="publicise")
    assert (left.decided_by, left.opinion) == (None, "公示无异议。"), "the window rules on nothing"


def test_handlers_and_windows_do_not_rule():
    refuse_outsiders("forward", start("forward"), "reviewer", "clerk", "platform_approver")


def test_nothing_is_sent_on_without_a_proposal():
    referral = ReferralFactory(in_hand=True)
    with pytest.raises(TransitionError, match="还没有拟办意见"):
        perform("forward", referral)


def test_who_proposed_does_not_rule(approver):
    referral = ReferralFactory(in_hand=True)
    perform("propose", referral, approver)
    with pytest.raises(TransitionError, match="拟办人和审定人不能是同一人"):
        perform("forward", referral, approver)


def test_who_proposed_first_does_not_rule_on_what_a_colleague_rewrote(approver, second_approver):
    referral = ReferralFactory(in_hand=True)
    perform("propose", referral, approver)
    perform("propose", referral, proposal="同意。")
    with pytest.raises(TransitionError, match="拟办意见是您提出的"):
        perform("forward", referral, approver)
    perform("forward", referral, second_approver)


def test_what_the_track_verifies_first_waits_for_it(clerk):
    """ZX-40: finished since acceptance, or a former one that is still valid."""
    application = accepted([("MZ04", "ordinary")], verified=False)
    [referral] = transitions.dispatch(application_id=application.pk, by=clerk)
    for verb in ("take", "propose"):
        perform(verb, referral)
    with pytest.raises(TransitionError, match=r"核查没有完成（核查HC.+由忠州街道窗口承办，现为“待启动”）"):
        perform("forward", referral)


def test_valid_verification_of_another_matter_serves(clerk):
    first = ReferralFactory(confirmed=True)
    again = accepted([("MZ01", "ordinary")], verified=False, household=first.case_household)
    [referral] = transitions.dispatch(application_id=again.pk, by=clerk)
    for verb in ("take", "propose", "forward"):
        perform(verb, referral)
    assert fresh(referral).stage.name == "公示"


def test_a_recognised_verification_may_end_on_the_way(clerk, clock):
    first = ReferralFactory(confirmed=True)
    clock.forward(days=175)
    again = accepted([("MZ01", "ordinary")], verified=False, household=first.case_household)
    [referral] = transitions.dispatch(application_id=again.pk, by=clerk)
    clock.forward(days=14)
    assert not Verification.objects.usable_for(first.case_household_id, clock.moment.date()).exists()
    for verb in ("take", "propose", "forward"):
        perform(verb, referral)
    assert fresh(referral).stage.name == "公示"


def test_publicity_that_is_up_is_not_left(clerk):
    referral = ReferralFactory(publicising=True)
    with pytest.raises(TransitionError, match="公示到2026-09-27 ?24时为止"):
        perform("forward", referral, clerk)


def test_publicity_that_was_never_put_up_is_not_left(clerk):
    referral = ReferralFactory(forwarded=True)
    perform("take", referral, clerk)
    with pytest.raises(TransitionError, match="还没有登记公示"):
        perform("forward", referral, clerk)


def test_objection_with_reason_leads_back_to_the_review(clerk, clock):
    referral = ReferralFactory(publicising=True)
    publicity = referral.publicities.get()
    transitions.object(publicity_id=publicity.pk, text="申请人名下有商铺。", by=clerk)
    clock.set(house_clock.now() + timedelta(days=publicity.days + 1))
    transitions.end_publicity(publicity_id=publicity.pk, objection_result="founded", objection_note="核实有商铺。", by=clerk)
    with pytest.raises(TransitionError, match="公示异议成立.*退回上一环节"):
        perform("forward", referral, clerk)
    perform("send_back", referral, clerk)
    assert fresh(referral).stage.name == "乡镇审核"


def test_deciding_stage_decides():
    referral = ReferralFactory(deciding=True)
    with pytest.raises(TransitionError, match="这是决定环节，请作出决定"):
        perform("forward", referral)
    assert fresh(referral).status == "handling"


def test_siblings_walk_on_their_own():
    first, second = referrals(["MZ04", "MZ01"], proposed=True)
    perform("forward", first)
    assert (fresh(first).stage.act, fresh(second).stage.act) == ("publicise", "review")
    assert not events("referral.forwarded", second)


def test_unit_that_is_not_there_is_named(clerk):
    referral = ReferralFactory(program="MZ01", publicised=True)
    Unit.objects.filter(kind="department", department__code="MZ").update(valid_until=house_clock.today() - timedelta(days=1))
    with pytest.raises(TransitionError, match="县民政局没有设立办理单位"):
        perform("forward", referral, clerk)
    assert fresh(referral).status == "handling"


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "forward", start("forward"))
