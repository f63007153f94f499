"""延期 (C-01): asked by the unit at work for one of the version's causes, answered by the platform's approver, never too late."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.counting import limit_of
from referrals import transitions
from referrals.models import ExtensionRequest
from tests import cast
from tests.households.factories import id_number
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
