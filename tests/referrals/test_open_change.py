"""变更、停止: opened by the township, walked by the verbs of every referral, and what the decision does to the record (DESIGN 5)."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config import clock
from config.verbs import AlreadyHandled, TransitionError
from documents.models import IssuedDocument
from households.models import AssistanceRecord, Coverage, IdentityTag, RecordChange
from referrals import transitions
from referrals.models import Change, Referral
from tests import cast
from tests.households import factories as households
from tests.racing import race
from tests.referrals.acting import events, notices, open_kinds, perform
from tests.referrals.changing import NEXT, SAID, aid, decided, opened, ward_aid

pytestmark = pytest.mark.django_db


def test_a_stop_is_opened_walked_and_ends_the_record(clerk):
    record = aid()
    tag = households.tag(record.household, "subsistence")
    referral = opened("stop", record)
    assert (referral.purpose, referral.item_id, referral.application_id, referral.record_id) == ("stop", None, None, record.pk)
    assert (referral.accepted_by, referral.accepted_at, referral.stage.act) == (clerk, clock.now(), "review")
    assert (referral.unit.kind, open_kinds(referral)) == ("township_office", {"promise", "receive"})
    assert [notice.unit for notice in notices(referral, "referral.change_opened")] == [referral.unit]
    [event] = events("referral.change_opened", referral)
    assert (event.household_id, event.new, event.by_id) == (record.household_id, "自2026年10月起停止", clerk.staff_id)

    referral = decided(referral, until="decided")
    assert referral.stage.act == "decide"  # the publicity of a grant is not walked
    assert {row.stage.act for row in referral.walked.select_related("stage")} == {"review", "decide"}
    record = AssistanceRecord.objects.get(pk=record.pk)
    assert {record.until, *Coverage.objects.filter(record=record).values_list("until", flat=True)} == {date(2026, 9, 30)}
    assert IdentityTag.objects.get(pk=tag.pk).until == date(2026, 9, 30)
    change = RecordChange.objects.get(record=record)
    assert (change.kind, change.since, change.decision_id, change.reason) == ("stop", NEXT, referral.pk, "收入变化")
    paper = IssuedDocument.objects.about(referral).get()
    assert (paper.kind, paper.data["decision"]) == ("change_notice", "自2026年10月起停止")
    assert paper.data["remedies"]
    assert paper.data["basis"]
    assert paper.data["explanation"] == SAID["stop"]["reason"]

    referral = decided(referral)
    assert (referral.status, open_kinds(referral)) == ("confirmed", set())


@pytest.fixture
def house_clock(request):
    """The test's clock, under another name than the module `clock`."""
    return request.getfixturevalue("clock")


@pytest.fixture
def objected(clerk):
    """特困 that is to end, put up, and objected to with reason (C-31)."""
    referral = opened("stop", ward_aid("MZ07"), reason_code="other", reason="不再符合特困条件。")
    transitions.take(referral_id=referral.pk, by=clerk)
    publicity = transitions.post_publicity(referral_id=referral.pk, place="村务公开栏", starts_on=clock.today(), by=clerk)
    transitions.object(publicity_id=publicity.pk, text="仍然无劳动能力", by=clerk)
    transitions.end_publicity(publicity_id=publicity.pk, objection_result="founded", objection_note="查实无劳动能力", by=clerk)
    return transitions.forward(referral_id=referral.pk, opinion="异议成立，请核实", by=clerk)


def proposed_by(referral, post, outcome):
    transitions.take(referral_id=referral.pk, by=post)
    transitions.propose(referral_id=referral.pk, proposal="已入户核实。", outcome=outcome, by=post)


def test_a_founded_objection_to_a_stop_that_is_put_up_first_goes_on_to_who_looks_into_it(
    objected, reviewer, approver, civil_officer, civil_approver
):
    assert (objected.stage.act, objected.unit) == ("review", reviewer.unit)
    proposed_by(objected, reviewer, "refused")
    transitions.forward(referral_id=objected.pk, opinion="建议维持", by=approver)
    proposed_by(objected, civil_officer, "refused")
    ruled = {"referral_id": objected.pk, "by": civil_approver}
    with pytest.raises(TransitionError, match="再次公示后送来"):
        transitions.decide(**ruled, outcome="approved")
    referral = transitions.decide(**ruled, outcome="refused", refusal_code="unfounded", refusal_reason="异议成立，维持原救助。")
    assert (referral.status, referral.outcome) == ("decided", "refused")
    assert AssistanceRecord.objects.get(pk=referral.record_id).until is None


def test_who_still_wants_the_stop_has_it_put_up_again(objected, reviewer, approver, clerk, house_clock):
    house_clock.forward(minutes=1)
    proposed_by(objected, reviewer, "approved")
    referral = transitions.send_back(referral_id=objected.pk, reason="核实后仍不符合，请再次公示", by=approver)
    assert (referral.stage.act, referral.unit) == ("publicise", clerk.unit)
    transitions.take(referral_id=referral.pk, by=clerk)
    with pytest.raises(TransitionError, match="还没有登记公示"):
        transitions.forward(referral_id=referral.pk, by=clerk)
    again = transitions.post_publicity(referral_id=referral.pk, place="村务公开栏", starts_on=clock.today(), by=clerk)
    assert (again.ends_on - again.starts_on).days == 7


def test_the_stop_track_of_the_program_is_walked_where_there_is_one():
    """特困: the notice of 7 days comes first (C-31)."""
    referral = opened("stop", ward_aid("MZ07"), reason_code="other", reason="不再符合特困条件。")
    assert (referral.track.key, referral.stage.act, referral.unit.kind) == ("stop", "publicise", "township_window")
    clerk = cast.member("clerk")
    transitions.take(referral_id=referral.pk, by=clerk)
    publicity = transitions.post_publicity(referral_id=referral.pk, place="村务公开栏", starts_on=clock.today(), by=clerk)
    assert "拟作变更：自2026年10月起停止" in publicity.text
    assert "申请" not in publicity.text
    with pytest.raises(TransitionError, match="公示到2026-10-01"):
        transitions.forward(referral_id=referral.pk, by=clerk)


def test_four_eyes_hold_for_who_opened_it(approver):
    """Its opener counts as who accepted: an approver who opened it neither agrees nor decides."""
    referral = opened("stop", by=approver)
    perform("take", referral)
    perform("propose", referral, outcome="approved", amount=None)
    with pytest.raises(TransitionError, match="受理人不能审定"):
        perform("forward", referral, approver)
    perform("forward", referral, cast.member("second_approver"))


def test_others_do_not(reviewer):
    record = aid()
    for outsider in ("neighbour_clerk", "neighbour_approver", "officer", "supervision", "convener", "audit_administrator"):
        with pytest.raises(Http404):
            opened("stop", record, by=cast.member(outsider))
    for colleague in ("assistant", "platform", "platform_approver"):
        with pytest.raises(PermissionDenied):
            opened("stop", record, by=cast.member(colleague))
    assert opened("stop", record, by=reviewer).unit == reviewer.unit


@pytest.mark.parametrize(
    ("kind", "said", "sentence"),
    [
        ("stop", {"reason": " "}, "请写明变更的具体情况"),
        ("stop", {"reason_code": "no"}, "请选择变更的事由"),
        ("vanish", {"reason_code": "other", "reason": "无"}, "请选择怎样变更"),
        ("stop", {"from_month": date(2026, 5, 9)}, "停止最早从下个月起算"),
        ("stop", {"from_month": date(2199, 1, 1)}, "最晚从2027年09月起"),
        ("fade", {"months": 7}, "最多6个月"),
        ("fade", {"reason_code": "moved"}, "渐退用于就业或收入增加"),
        ("recover", {"amount": None}, "追回须填写大于0的金额"),
        ("resume", {}, "没有暂缓，不用恢复"),
    ],
)
def test_what_is_missing_is_said(kind, said, sentence):
    record = aid()
    with pytest.raises(TransitionError, match=sentence):
        opened(kind, record, **said)
    assert not Referral.objects.exists()


def test_who_leaves_is_reached_by_it_and_leaves_somebody():
    shared, alone = aid(), aid(household=households.HouseholdFactory(alone=True))
    for record, sentence in ((shared, "不在这项救助覆盖的人员中"), (alone, "请改用停止")):
        with pytest.raises(TransitionError, match=sentence):
            opened("adjust", record, leaver=households.head_of(alone.household))


def test_a_report_is_of_the_family_and_confirmed():
    record, other = aid(), aid()
    by = cast.member("clerk")
    said = {"kind": "work", "happened_on": clock.today(), "text": "儿子外出务工。"}
    report = transitions.report_change(household_id=record.household_id, by=by, **said)
    with pytest.raises(TransitionError, match="还没有核实"):
        opened("stop", record, report=report)
    report = transitions.confirm_report(report_id=report.pk, answer="属实。", by=by)
    with pytest.raises(TransitionError, match="不是这个家庭的"):
        opened("stop", other, report=report)
    assert opened("stop", record, report=report).change.report == report


def test_single_grants_are_recovered_alone():
    record = aid("MZ04", cadence="once", until=date(2026, 5, 1))
    with pytest.raises(TransitionError, match="一次性救助已经给予"):
        opened("stop", record)
    referral = decided(opened("recover", record), until="decided")
    assert (referral.amount, RecordChange.objects.get().amount) == (Decimal(1200), Decimal(1200))
    assert AssistanceRecord.objects.get().until == date(2026, 5, 1)


def test_a_second_one_is_told_who_was_first(clerk):
    record = aid()
    first = opened("stop", record)
    with pytest.raises(AlreadyHandled, match=f"{clerk.label}已于2026-09-24 10:00对这项救助提出“停止”（转办单{first.number}）"):
        opened("stop", record, by=cast.member("second_clerk"))
    opened("adjust", record)  # a stop and a change may be under way together


@pytest.mark.django_db(transaction=True)
def test_one_of_two_wins():
    record = aid()
    answers = race(lambda: opened("stop", record), lambda: opened("stop", record, by=cast.member("second_clerk")))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyHandled", "Referral"]


def test_without_its_line_nothing_is_opened(monkeypatch):
    record = aid()

    def closed(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the record is closed")

    monkeypatch.setattr("referrals.transitions.walking.record", closed)
    with pytest.raises(RuntimeError):
        opened("stop", record)
    assert not Referral.objects.exists()
    assert not Change.objects.exists()
