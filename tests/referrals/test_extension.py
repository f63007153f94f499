"""延期 (C-01): asked by the unit at work for one of the version's causes, answered by the platform's approver, never too late."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.counting import explain, limit_of
from deadlines.models import DutyExtension
from deadlines.rules import due_on
from deadlines.transitions import change_day
from programs.models import Program
from referrals import transitions
from referrals.models import ExtensionRequest
from tests import cast
from tests.households.factories import id_number
from tests.racing import race
from tests.referrals.acting import duties, events, fresh, notices, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db
CAUSE = "人户分离，户主长期在外务工，须赴外地核实。"


@pytest.fixture
def subsistence(db):
    return fresh(ReferralFactory(program="MZ01", in_hand=True))


@pytest.fixture
def request_(subsistence):
    return perform("request_extension", subsistence, reason=CAUSE)


def answer(request, by, *, granted=True, note=""):
    return transitions.answer_extension(request_id=request.pk, granted=granted, note=note, by=by)


def test_unit_asks_and_the_platform_hears(subsistence, reviewer, platform):
    request = perform("request_extension", subsistence, reason=CAUSE)
    assert (request.limit, request.reason, request.requested_by, request.requested_by_staff) == (45, CAUSE, reviewer, reviewer.staff)
    assert (request.requested_at, request.answered_at) == (house_clock.now(), None)
    event = the_event("referral.extension_requested", subsistence)
    assert (event.new, event.note) == ("45个工作日", CAUSE)
    [notice] = notices(subsistence, "referral.extension_requested")
    assert notice.unit == platform.unit
    assert duties(subsistence, "promise")[0].extensions.count() == 0, "nothing moves before the answer"


def test_granted_the_promise_is_counted_anew(request_, subsistence, platform_approver, reviewer):
    [before] = duties(subsistence, "promise")
    answer(request_, platform_approver)
    [after] = duties(subsistence, "promise")
    assert limit_of(after).amount == 45
    assert after.due_at > before.due_at
    extension = after.extensions.get()
    assert (extension.extended_by, extension.approved_by, extension.reason) == (reviewer, platform_approver, CAUSE)
    request_.refresh_from_db()
    assert (request_.is_granted, request_.answered_by, request_.answered_by_staff) == (True, platform_approver, platform_approver.staff)
    assert the_event("referral.extension_granted", subsistence).new == "45个工作日"
    assert {notice.unit for notice in notices(subsistence, "referral.extension_granted")} == {reviewer.unit, subsistence.window}


def test_granted_the_stage_moves_by_as_much_with_the_reason(request_, subsistence, platform_approver):
    [before] = duties(subsistence, "stage")
    answer(request_, platform_approver)
    [stage], [promised] = duties(subsistence, "stage"), duties(subsistence, "promise")
    assert (limit_of(stage).amount, limit_of(promised).amount) == (30, 45), "15 days of the stage and of the whole, 15 more on both"
    assert stage.due_at > before.due_at
    request_.refresh_from_db()
    assert request_.stay == subsistence.walked.current().get()
    for duty in (stage, promised):
        explanation = explain(duty)
        assert any(CAUSE in note and "批准" in note for note in explanation.notes)
        assert str(due_on(duty.due_at)) in explanation.summary


def test_a_pause_that_stands_is_lengthened_too(clock, platform_approver):
    referral = ReferralFactory(program="CL01", in_hand=True)
    perform("begin_appraisal", referral, cast.member("officer"))
    request = perform("request_extension", referral, cast.member("officer"), reason="情况特殊，须等评残。")
    answer(request, platform_approver)
    [stage] = duties(referral, "stage")
    assert stage.due_at is None
    assert stage.extensions.count() == 1
    clock.forward(days=3)
    perform("end_appraisal", referral, cast.member("officer"))
    [stage] = duties(referral, "stage")
    assert str(due_on(stage.due_at)) in explain(stage).summary


def test_the_next_stage_carries_the_days_that_no_stage_could_take(request_, subsistence, platform_approver, approver, civil_officer):
    perform("propose", subsistence)
    perform("forward", subsistence, approver)  # to the publicity, which counts calendar days
    answer(request_, platform_approver)
    request_.refresh_from_db()
    assert request_.stay is None, "nobody has signed for it"
    row = fresh(subsistence)
    transitions.receive(referral_id=row.pk, by=cast.member("clerk"))
    request_.refresh_from_db()
    assert request_.stay is None, "a publicity counts otherwise"
    assert limit_of(duties(row, "stage")[-1]).amount == 7


def test_a_stage_that_is_late_stays_late(request_, subsistence, platform_approver, clock):
    [before] = duties(subsistence, "stage")
    clock.set(before.due_at)
    answer(request_, platform_approver)
    [after] = duties(subsistence, "stage")
    assert (after.due_at, after.extensions.count()) == (before.due_at, 0)
    assert limit_of(duties(subsistence, "promise")[0]).amount == 45


def test_a_holiday_changed_after_it_moves_both_dates_again(request_, subsistence, platform_approver, system_administrator):
    answer(request_, platform_approver)
    [stage], [promised] = duties(subsistence, "stage"), duties(subsistence, "promise")
    change_day(day=date(2026, 10, 14), is_workday=False, name="测试假日", source="测试", by=system_administrator)
    [later], [latest] = duties(subsistence, "stage"), duties(subsistence, "promise")
    assert (later.due_at > stage.due_at, latest.due_at > promised.due_at) == (True, True)
    for duty in (later, latest):
        assert str(due_on(duty.due_at)) in explain(duty).summary


def test_extended_once_it_is_not_asked_for_again(request_, subsistence, platform_approver):
    answer(request_, platform_approver)
    with pytest.raises(TransitionError, match="已经延到45个工作日，不能再延长"):
        perform("request_extension", subsistence, reason=CAUSE)


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_leave_one(request_, subsistence, platform_approver):
    results = race(lambda: answer(request_, platform_approver), lambda: answer(request_, platform_approver, granted=False, note="不必。"))
    assert sorted(type(result).__name__ for result in results) == ["AlreadyHandled", "ExtensionRequest"]
    assert DutyExtension.objects.count() in {0, 2}


def test_the_list_tells_of_a_sensitive_program_neither_name_nor_reason(request_, subsistence, signed_in, platform):
    Program.objects.filter(pk=subsistence.program_id).update(is_sensitive=True)
    page = signed_in(platform).get(reverse("referrals:extension_list")).content.decode()
    assert "敏感项目，理由在答复页上" in page
    assert CAUSE not in page
    assert subsistence.program.seed_name not in page


def test_the_platform_lists_what_waits_and_what_was_answered(request_, subsistence, signed_in, platform, platform_approver):
    page = signed_in(platform).get(reverse("referrals:extension_list")).content.decode()
    assert subsistence.number in page
    assert "等待审批岗答复" in page
    assert reverse("referrals:extension_answer", args=[request_.pk]) not in page
    client = signed_in(platform_approver)
    assert reverse("referrals:extension_answer", args=[request_.pk]) in client.get(reverse("referrals:extension_list")).content.decode()
    answer(request_, platform_approver)
    assert "没有等待答复" in client.get(reverse("referrals:extension_list")).content.decode()
    assert CAUSE in client.get(reverse("referrals:extension_list"), {"tab": "answered"}).content.decode()
    told = client.get(subsistence.get_absolute_url()).content.decode()
    assert told.count(f"已延期：{CAUSE}") == 2


def test_refused_with_its_reason(request_, subsistence, platform_approver):
    with pytest.raises(TransitionError, match="不同意延期的，请写明理由"):
        answer(request_, platform_approver, granted=False)
    answer(request_, platform_approver, granted=False, note="可以电话核实。")
    request_.refresh_from_db()
    assert (request_.is_granted, request_.answer_note) == (False, "可以电话核实。")
    assert duties(subsistence, "promise")[0].extensions.count() == 0
    assert the_event("referral.extension_refused", subsistence).note == "可以电话核实。"


def test_the_answer_names_no_number(request_, subsistence, platform_approver):
    with pytest.raises(TransitionError, match="不要写证件号码"):
        answer(request_, platform_approver, note=f"同意，{id_number()}")


def test_reason_names_one_of_the_versions_causes(subsistence):
    with pytest.raises(TransitionError, match="只在下列情形可以延期.*公示有异议、人户分离、异地申办、家庭经济状况调查难度较大"):
        perform("request_extension", subsistence, reason="比较忙")
    with pytest.raises(TransitionError, match="请写明延期的理由"):
        perform("request_extension", subsistence, reason=" ")


def test_program_that_is_not_lengthened():
    referral = ReferralFactory(program="MZ09", in_hand=True)
    with pytest.raises(TransitionError, match="办理时限不能延长"):
        perform("request_extension", referral)


def test_too_late_to_ask_and_to_grant(request_, subsistence, platform_approver, clock):
    clock.set(duties(subsistence, "promise")[0].due_at)
    with pytest.raises(TransitionError, match="时限已过，不能再延期"):
        answer(request_, platform_approver)
    assert ExtensionRequest.objects.get(pk=request_.pk).answered_at is None, "nothing is half answered"
    answer(request_, platform_approver, granted=False, note="时限已过。")
    with pytest.raises(TransitionError, match="承诺时限已过，不能再延期"):
        perform("request_extension", subsistence, reason=CAUSE)


def test_one_request_at_a_time(request_, subsistence):
    with pytest.raises(AlreadyHandled, match="已有一项等待答复的延期申请"):
        perform("request_extension", subsistence, cast.member("approver"), reason=CAUSE)


def test_second_answer_is_told_of_the_first(request_, platform_approver):
    answer(request_, platform_approver)
    with pytest.raises(AlreadyHandled, match="已由.*裁定之.*于2026-09-24 10:00答复（同意）"):
        answer(request_, platform_approver, granted=False, note="不同意")


def test_only_the_unit_at_work_asks():
    refuse_outsiders("request_extension", start("request_extension"), "clerk", "platform_approver")


@pytest.mark.parametrize("who", ["platform", "clerk", "approver"])
def test_only_the_platforms_approver_answers(request_, who):
    with pytest.raises(PermissionDenied):
        answer(request_, cast.member(who))


@pytest.mark.parametrize("who", ["neighbour_approver", "officer", "assistant", "convener"])
def test_others_do_not_see_it(request_, who):
    with pytest.raises(Http404):
        answer(request_, cast.member(who))


def test_what_has_been_decided_needs_no_answer(request_, subsistence, platform_approver):
    perform("withdraw", subsistence)
    with pytest.raises(AlreadyHandled, match="撤回，不能再答复延期"):
        answer(request_, platform_approver)


def test_without_its_line_nothing_happens(monkeypatch, request_, subsistence, platform_approver):
    refuse_without_its_line(monkeypatch, "request_extension", start("request_extension"))
    with pytest.raises(RuntimeError):
        answer(request_, platform_approver)
    assert ExtensionRequest.objects.get(pk=request_.pk).answered_at is None
    assert not events("referral.extension_granted", subsistence)


def test_a_request_that_the_decision_overtook_is_no_longer_waited_for(signed_in, subsistence, request_, platform_approver):
    perform("terminate", subsistence, reason="申请人去世。")
    page = signed_in(platform_approver).get(subsistence.get_absolute_url()).content.decode()
    assert "不再答复" in page
    assert "等待答复" not in page
