"""What the tests of every verb ask: somebody who may, well-meant arguments, a referral it starts from, and what must not change."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404

from audit.models import Event
from deadlines.models import Duty, Notice, OutboxMessage
from documents.models import IssuedDocument
from households.models import Access, AssistanceRecord, Coverage
from organization.models import Post
from referrals import transitions
from referrals.models import ExtensionRequest, Referral
from tests import cast
from tests.referrals.factories import ReferralFactory, decision, desk_of, handler_of

# verb -> (the referral it starts from, who does it, what they say)
STARTS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "receive": ({"dispatched": True}, "reviewer", {}),
    "take": ({"received": True}, "reviewer", {}),
    "assign": ({"received": True}, "approver", {}),
    "propose": ({"in_hand": True}, "reviewer", {"proposal": "情况属实，建议救助。", "outcome": "approved", "amount": Decimal("800")}),
    "forward": ({"proposed": True}, "approver", {"opinion": "同意上报。"}),
    "send_back": ({"deciding_in_hand": True}, "approver", {"reason": "公示地点有误。"}),
    "return_for_supplement": ({"in_hand": True}, "reviewer", {"lines": ["诊断证明"]}),
    "resubmit": ({"returned": True}, "clerk", {}),
    "dispute": ({"received": True}, "reviewer", {"reason": "属于残联职责。"}),
    "resend": ({"disputed": True}, "clerk", {"note_text": "已与残联核实。"}),
    "push_for_ruling": ({"disputed": True}, "clerk", {"note_text": "双方意见不一。"}),
    "rule": ({"ruling": True}, "platform_approver", {"assessment": "双方意见和事实已核实。", "basis": "县编委职责规定"}),
    "decide": ({"deciding": True}, "approver", {}),
    "feed_back": ({"approved": True}, "reviewer", {"text": "批准1500元，三日内发放到一卡通。"}),
    "return_feedback": ({"fed_back": True}, "clerk", {"reason": "没有写明领取方式。"}),
    "confirm": ({"fed_back": True}, "clerk", {"told_how": "in_person", "told_note": "本人到窗口"}),
    "withdraw": ({"received": True}, "clerk", {"reason": "家里有了收入，不再申请。"}),
    "terminate": ({"received": True}, "approver", {"reason": "申请人去世。"}),
    "begin_appraisal": ({"program": "CL01", "in_hand": True}, "officer", {"reason": "等县医院评残"}),
    "end_appraisal": ({"program": "CL01", "in_hand": True}, "officer", {}),
    "request_extension": ({"in_hand": True}, "reviewer", {"reason": "情况特殊，经本单位审批人批准：家庭在外地。"}),
}  # fmt: skip
# The argument by which a verb names a unit: 残联, where nothing else is said.
NAMES_UNIT = {"dispute": "proposed_unit", "resend": "unit", "rule": "named_unit"}
# The line each verb leaves.
EVENTS = {
    "receive": "referral.received", "take": "referral.taken", "assign": "referral.assigned", "propose": "referral.proposed",
    "forward": "referral.forwarded", "send_back": "referral.sent_back", "return_for_supplement": "referral.returned",
    "resubmit": "referral.resubmitted", "decide": "referral.decided", "feed_back": "referral.fed_back",
    "return_feedback": "referral.feedback_returned", "confirm": "referral.confirmed", "withdraw": "referral.withdrawn",
    "terminate": "referral.terminated", "begin_appraisal": "referral.appraisal_begun", "end_appraisal": "referral.appraisal_ended",
    "request_extension": "referral.extension_requested", "dispute": "referral.disputed", "resend": "referral.resent",
    "push_for_ruling": "referral.pushed_for_ruling", "rule": "referral.ruled",
}  # fmt: skip


def start(verb: str, **changed: Any) -> Referral:
    """A referral from which the verb may be done."""
    given, who, _ = STARTS[verb]
    referral = ReferralFactory(**{**given, **changed})
    if verb == "end_appraisal":
        transitions.begin_appraisal(referral_id=referral.pk, reason="等县医院评残", by=cast.member(who))
    return fresh(referral)


def perform(verb: str, referral: Referral, by: Post | None = None, **changed: Any) -> Any:
    """Do it, as who may and with what they would say."""
    _, who, said = STARTS[verb]
    given = dict(said)
    if verb == "decide":
        given = decision(referral, changed.pop("outcome", "approved"))
    if verb == "assign":
        given = {"handler": handler_of(referral.unit)}
    if verb in NAMES_UNIT:
        given[NAMES_UNIT[verb]] = desk_of("CL")
    verb_of: Callable[..., Any] = getattr(transitions, verb)
    return verb_of(referral_id=referral.pk, by=by or cast.member(who), **{**given, **changed})


def fresh(referral: Referral) -> Referral:
    related = ("unit", "stage", "track", "version", "program", "window", "application", "case_household", "item")
    return Referral.objects.select_related(*related).get(pk=referral.pk)


def events(verb: str, referral: Referral) -> list[Event]:
    return list(Event.objects.about(referral).filter(verb=verb).order_by("pk"))


def the_event(verb: str, referral: Referral) -> Event:
    """Exactly one, found by its application and its household."""
    [event] = events(verb, referral)
    assert (event.application_id, event.household_id) == (referral.application_id, referral.case_household_id)
    return event


def duties(referral: Referral, kind: str) -> list[Duty]:
    """In the order of opening; where the clock stood still, the open one is the last."""
    return list(Duty.objects.about(referral, kind).order_by("opened_at", F("closed_at").asc(nulls_last=True), "pk"))


def open_kinds(referral: Referral) -> set[str]:
    return set(Duty.objects.about(referral).open().values_list("kind", flat=True))


def notices(referral: Referral, kind: str) -> list[Notice]:
    return list(Notice.objects.filter(kind=kind, subject_id=str(referral.pk)).order_by("created_at", "pk"))


def refuse_outsiders(verb: str, referral: Referral, *colleagues: str) -> None:
    """The neighbour does not see it, whoever sees it without the right may not."""
    for outsider in ("neighbour_clerk", "neighbour_approver", "neighbour_officer", "assistant", "supervision", "convener"):
        with pytest.raises(Http404):
            perform(verb, referral, cast.member(outsider))
    for colleague in colleagues:
        with pytest.raises(PermissionDenied):
            perform(verb, referral, cast.member(colleague))


def refuse_without_its_line(monkeypatch: pytest.MonkeyPatch, verb: str, referral: Referral) -> None:
    """When the event cannot be written nothing has happened (STYLE habit 4)."""
    before = everything(referral)
    monkeypatch.setattr("referrals.transitions.walking.record", _closed)
    with pytest.raises(RuntimeError, match="the record is closed"):
        perform(verb, referral)
    assert everything(referral) == before


def _closed(*_args: object, **_kwargs: object) -> None:
    raise RuntimeError("the record is closed")


def everything(referral: Referral) -> list[Any]:
    """All that a verb may write."""
    tables = (Event, Duty, OutboxMessage, Notice, IssuedDocument, Access, AssistanceRecord, Coverage, ExtensionRequest)
    siblings = Referral.objects.filter(application=referral.application).order_by("pk").values()
    return [
        list(siblings),
        list(referral.walked.order_by("pk").values()),
        list(Duty.objects.about(referral).order_by("pk").values("pk", "due_at", "closed_at", "taken_by")),
        *(table._base_manager.count() for table in tables),
    ]
