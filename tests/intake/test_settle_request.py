"""What the window makes of a request: an application, an answer, a return; and what the sender hears of it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, Notice
from intake import transitions
from intake.models import Application
from intake.transitions.requests import VERBS, standing
from tests import cast
from tests.intake.factories import RequestFactory, family, people
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db

TRAITS = {"registered": "kept", "pushed": "", **{s: s for s in ("handed_over", "accepted", "answered", "returned", "withdrawn")}}


def _household():
    household = family()
    return {"household_id": household.pk, "applicant_id": people(household)[0].pk}


CALLS = {
    "push_request": ("assistant", lambda: {"addition": "电话已补"}),
    "withdraw_request": ("assistant", lambda: {"reason": "不需要了"}),
    "accept_request": ("clerk", _household),
    "answer_request": ("clerk", lambda: {"text": "已说明"}),
    "return_request": ("clerk", lambda: {"reason": "缺电话"}),
    "hand_over_request": (
        "clerk",
        lambda: {"reason": "住白公", "to_unit_id": cast.unit_of("township_window", cast.NEIGHBOUR).pk},
    ),
    "acknowledge_request": ("neighbour_clerk", dict),
    "decline_request": ("neighbour_clerk", lambda: {"reason": "也不住这里"}),
    "recall_request": ("clerk", dict),
}  # fmt: skip


def of(state):
    return RequestFactory(**({TRAITS[state]: True} if TRAITS[state] else {}))


@pytest.mark.parametrize("state", TRAITS)
def test_every_state_and_verb(state):
    """Legal ones lead where the table says; all others say where the request stands, and change nothing. No open request is without a
    clock."""
    for verb, (who, given) in CALLS.items():
        request, by, arguments = of(state), cast.member(who), given()
        target = VERBS[verb].get(state)
        unseen = {"clerk": {"registered", "withdrawn"}, "neighbour_clerk": set(TRAITS) - {"handed_over"}, "assistant": set()}
        if target is not None:
            getattr(transitions, verb)(request_id=request.pk, by=by, **arguments)
        else:
            with pytest.raises(Http404 if state in unseen[who] else AlreadyHandled):
                getattr(transitions, verb)(request_id=request.pk, by=by, **arguments)
        request.refresh_from_db()
        assert request.status == (target or state), verb
        assert Duty.objects.open().about(request).count() == request.is_open, verb


def test_the_table_names_every_verb():
    assert {*CALLS, "identify_request"} == set(VERBS)


@pytest.mark.parametrize(
    ("trait", "words"),
    [("kept", "还没有推送"), ("handed_over", "等对方签收"), ("answered", "甘晓窗"), ("returned", "已退回")],
)
def test_who_is_late_is_told_where_it_stands(trait, words):
    request = RequestFactory(**{trait: True})
    assert words in standing(request)
    assert request.number in standing(request)


def test_accepted_it_is_a_draft_with_what_was_told(assistant, clerk):
    request = RequestFactory(
        known=True, matter="住院两次，停工半年。", causes=["illness", "unemployment"], wanted=["MZ04"], helper_name="甘雨村",
        helper_relation="协理员", consent="spoken",
    )  # fmt: skip
    application = transitions.accept_request(
        request_id=request.pk, household_id=request.household_id, applicant_id=request.resident_id, channel="village", helper_name="甘雨村",
        helper_relation="协理员", by=clerk,
    )  # fmt: skip
    request.refresh_from_db()
    assert (request.status, request.application, request.settled_by) == ("accepted", application, clerk)
    assert (application.status, application.channel, application.helper_name) == ("draft", "village", "甘雨村")
    assert (application.assessment.difficulties, application.assessment.cause) == (["illness", "unemployment"], "住院两次，停工半年。")
    assert application.assessment.assessed_at is None
    event = the_event("request.accepted", request)
    assert (event.new, event.household_id) == (application.number, request.household_id)
    assert not Duty.objects.open().about(request).exists()
    assert Notice.objects.filter(unit=assistant.unit, kind="request.accepted").count() == 1


def test_the_sender_hears_every_outcome_and_completes_what_came_back(assistant, clerk, clock):
    request = RequestFactory()
    clock.forward(hours=3)
    transitions.return_request(request_id=request.pk, reason="请补充联系电话。", by=clerk)
    request.refresh_from_db()
    assert (request.status, request.reply, request.settled_at) == ("returned", "请补充联系电话。", house_clock.now())
    duty = Duty.objects.open().get()
    assert (duty.kind, duty.unit) == ("complete_request", assistant.unit)
    notice = Notice.objects.get(unit=assistant.unit)
    assert "请补充联系电话" in notice.body
    assert request.name not in notice.title
    with pytest.raises(ValidationError):
        transitions.push_request(request_id=request.pk, by=assistant)
    request = transitions.push_request(request_id=request.pk, addition="电话问邻居。", by=assistant)
    assert (request.status, request.settled_at, request.reply) == ("pushed", None, "")
    assert request.matter.endswith("补充：电话问邻居。")
    longest = "已说明如何申请。" * 75  # as long as an answer may be; the record keeps its beginning
    assert transitions.answer_request(request_id=request.pk, text=longest, by=clerk).reply == longest
    assert the_event("request.answered", request).note == longest[:500]
    assert Notice.objects.filter(unit=assistant.unit, kind="request.answered").exists()


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        ("answer_request", {"text": " "}, "请写明"),
        ("answer_request", {"text": "号码11010519491231002X"}, "证件号码"),
        ("return_request", {"reason": ""}, "退回理由"),
        ("hand_over_request", {"reason": "不住这里", "to_unit_id": None}, "请选择一个乡镇"),
    ],
)
def test_what_the_window_is_refused(clerk, verb, given, words):
    request = RequestFactory()
    with pytest.raises((ValidationError, TransitionError), match=words):
        getattr(transitions, verb)(request_id=request.pk, by=clerk, **given)


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, other_assistant, approver, clerk):
    request = RequestFactory()
    for stranger in (neighbour_clerk, other_assistant, approver):
        with pytest.raises(Http404):
            transitions.answer_request(request_id=request.pk, text="已说明", by=stranger)
    with pytest.raises(PermissionDenied):
        transitions.answer_request(request_id=request.pk, text="已说明", by=cast.member("assistant"))
    with pytest.raises(PermissionDenied):
        transitions.withdraw_request(request_id=RequestFactory(returned=True).pk, reason="不要了", by=clerk)


def test_who_it_is_is_found_later_and_corrected(clerk):
    request = RequestFactory()
    head, wife = people(family())
    transitions.identify_request(request_id=request.pk, resident_id=head.pk, by=clerk)
    request = transitions.identify_request(request_id=request.pk, resident_id=wife.pk, by=clerk)
    assert (request.resident, request.household) == (wife, wife.memberships.get().household)
    last = events("request.identified", request)[-1]
    assert wife.name not in last.new
    assert head.name not in last.old


@pytest.mark.parametrize("module", ["requests", "handovers"])
def test_the_event_fails_and_nothing_has_happened(clerk, monkeypatch, module):
    request = RequestFactory()
    monkeypatch.setattr("intake.transitions.requests.record", fail)
    with pytest.raises(RuntimeError):
        if module == "requests":
            transitions.answer_request(request_id=request.pk, text="已说明", by=clerk)
        else:
            to = cast.unit_of("township_window", cast.NEIGHBOUR)
            transitions.hand_over_request(request_id=request.pk, to_unit_id=to.pk, reason="住白公", by=clerk)
    request.refresh_from_db()
    assert request.status == "pushed"
    assert not request.handovers.exists()
    assert Duty.objects.open().about(request).count() == 1
    assert not Application.objects.exists()
