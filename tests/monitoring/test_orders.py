"""督办单 by its verbs (ZX-48): what each does, whom it refuses, what follows, and that one of two wins."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError
from deadlines.models import Duty, Notice
from deadlines.transitions import close_duty
from documents.models import IssuedDocument
from monitoring import transitions
from monitoring.models import OrderReply, SupervisionOrder
from monitoring.transitions import orders as verbs
from monitoring.transitions.orders import EDGES
from tests import cast
from tests.deadlines.factories import subject_of
from tests.monitoring.factories import DEMAND, REPLY, late_duty, order_in
from tests.racing import race

pytestmark = pytest.mark.django_db
S = SupervisionOrder.Status

# verb -> (who, the state it starts from, what they say)
STEPS = {
    "issue_order": ("platform_approver", "draft", {"demand": DEMAND}),
    "draft_reply": ("officer", "issued", {"text": REPLY}),
    "send_reply": ("department_approver", "issued", {"text": REPLY}),
    "accept_reply": ("platform_approver", "replied", {}),
    "send_back_reply": ("platform_approver", "replied", {"reason": "没有说明责任人。"}),
    "withdraw_order": ("platform_approver", "issued", {"reason": "重复发出。"}),
}
FROM = {
    "issue_order": {S.DRAFT},
    "draft_reply": {S.ISSUED},
    "send_reply": {S.ISSUED},
    "accept_reply": {S.REPLIED},
    "send_back_reply": {S.REPLIED},
    "withdraw_order": {S.DRAFT, S.ISSUED, S.REPLIED},
}


def perform(verb, order, **changed):
    who, _, said = STEPS[verb]
    return getattr(transitions, verb)(**{"order_id": order.pk, "by": cast.member(who), **said, **changed})


def events(order):
    rows = Event.objects.filter(subject_label="monitoring.supervisionorder", subject_id=order.pk)
    return list(rows.order_by("pk").values_list("verb", flat=True))


def clock_of(order):
    return Duty.objects.open().about(order, "supervise")


# ── issued ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_issuing_gives_number_clock_paper_event_and_notices(platform_approver, officer, department_approver):
    order = order_in("issued")
    assert (order.number, order.status, order.issued_by, order.unit) == ("忠民督〔2026〕001号", "issued", platform_approver, officer.unit)
    assert order.matter.startswith("残疾") or "应于" in order.matter
    assert "张*芳" not in order.matter
    duty = clock_of(order).get()
    assert (duty.unit, duty.limit, duty.rule) == (officer.unit, 5, "working_days")
    assert IssuedDocument._base_manager.get(subject_id=order.pk).number == order.number
    assert events(order) == ["supervision.drafted", "supervision.issued"]
    told = Notice.objects.filter(kind="supervision.issued")
    assert {(notice.unit, notice.staff) for notice in told} == {(officer.unit, None), (None, department_approver.staff)}
    assert all(notice.is_urgent for notice in told)


def test_several_units_get_an_order_each_about_a_matter_in_words(supervision, officer, clerk):
    orders = transitions.issue_orders(units=[officer.unit, clerk.unit], matter="惠民政策未张贴公示", demand=DEMAND, days=3, by=supervision)
    assert [order.number for order in orders] == ["忠督办〔2026〕001号", "忠督办〔2026〕002号"]
    assert {clock_of(order).get().unit for order in orders} == {officer.unit, clerk.unit}


def test_who_may_draft_and_who_may_issue(platform, officer, supervision):
    late = {"duty_ids": [late_duty().pk], "demand": DEMAND}
    with pytest.raises(PermissionDenied):
        transitions.draft_orders(**late, by=officer)
    with pytest.raises(PermissionDenied):
        transitions.issue_orders(**late, by=platform)
    [draft] = transitions.draft_orders(**late, by=platform)
    assert (draft.status, draft.number) == ("draft", "")
    assert not SupervisionOrder.objects.visible_to(officer).exists()
    with pytest.raises(PermissionDenied):
        transitions.issue_order(order_id=draft.pk, demand=DEMAND, by=platform)
    with pytest.raises(Http404):
        transitions.issue_order(order_id=draft.pk, demand=DEMAND, by=supervision)
    issued = transitions.issue_order(order_id=draft.pk, demand="换一种说法。", days=2, by=cast.member("platform_approver"))
    assert (issued.demand, issued.reply_days, issued.status) == ("换一种说法。", 2, "issued")


def test_an_order_needs_words_units_and_days(platform_approver, officer):
    late = {"duty_ids": [late_duty().pk], "by": platform_approver}
    for said, words in (
        ({**late, "demand": " "}, "督办要求"),
        ({**late, "demand": "请联系13800135791核实"}, "手机号码"),
        ({**late, "demand": DEMAND, "days": 0}, "1至60"),
        ({"units": [], "matter": "未公示", "demand": DEMAND, "by": platform_approver}, "承办单位"),
        ({"units": [officer.unit], "matter": "", "demand": DEMAND, "by": platform_approver}, "督办事项"),
    ):
        with pytest.raises(TransitionError, match=words):
            transitions.issue_orders(**said)
    with pytest.raises(ConstraintBroken, match="本单位"):
        transitions.issue_orders(units=[platform_approver.unit], matter="未公示", demand=DEMAND, by=platform_approver)


def test_only_what_is_still_late_and_under_no_order_of_the_same_side(platform_approver, officer):
    duty = late_duty()
    order_in("issued", duty=duty)
    with pytest.raises(ConstraintBroken, match="已有一份在办的督办单"):
        order_in("issued", duty=duty)
    assert order_in("issued", duty=duty, issuer="supervision").issuer == cast.member("supervision").unit
    done = late_duty()
    close_duty(subject=subject_of(done), kind="decide", by=officer)
    with pytest.raises(TransitionError, match="已经办结"):
        order_in("issued", duty=done)


# ── answered ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_draft_about_what_was_done_meanwhile_is_not_signed(officer, platform_approver):
    draft = order_in("draft")
    close_duty(subject=subject_of(draft.duty), kind=draft.duty.kind, by=officer)
    with pytest.raises(TransitionError, match="已经办结，不用再签发"):
        transitions.issue_order(order_id=draft.pk, demand=DEMAND, by=platform_approver)


def test_a_reply_is_drafted_sent_sent_back_and_accepted(officer, department_approver, platform_approver):
    order = order_in("sent_back")
    [first] = order.replies.all()
    assert (first.drafted_by, first.sent_by, first.verdict, first.reason) == (officer, department_approver, "sent_back", "没有说明责任人。")
    assert (order.status, clock_of(order).count(), Duty.objects.closed().about(order).count()) == ("issued", 1, 1)
    perform("send_reply", order, text="责任人已约谈。")
    assert not clock_of(order).exists()
    assert Notice.objects.filter(kind="supervision.replied", unit=platform_approver.unit).count() == 2
    order = perform("accept_reply", order)
    second = order.replies.last()
    assert (second.drafted_by, second.sent_by, second.verdict) == (department_approver, department_approver, "accepted")
    assert (order.status, order.accepted_by) == ("accepted", platform_approver)
    assert events(order)[2:] == [
        "supervision.reply_drafted",
        "supervision.replied",
        "supervision.reply_sent_back",
        "supervision.replied",
        "supervision.accepted",
    ]


def test_only_the_head_sends_and_only_the_issuing_side_answers(officer, neighbour_department_approver, supervision, platform):
    order = order_in("issued")
    with pytest.raises(PermissionDenied):
        perform("send_reply", order, by=officer)
    for stranger in (neighbour_department_approver, supervision):
        with pytest.raises(Http404):
            perform("draft_reply", order, by=stranger)
    with pytest.raises(PermissionDenied):
        perform("send_reply", order, by=platform)
    order = perform("send_reply", order)
    for verb in ("accept_reply", "send_back_reply", "withdraw_order"):
        with pytest.raises(PermissionDenied):
            perform(verb, order, by=platform)
    with pytest.raises(TransitionError, match="退回的原因"):
        perform("send_back_reply", order, reason="")
    # Who sent it cannot answer it, though he has come to sit at the other desk.
    OrderReply.objects.filter(order=order).update(sent_by_staff=cast.member("platform_approver").staff)
    with pytest.raises(TransitionError, match="您本人"):
        perform("accept_reply", order)


def test_withdrawn_ends_the_clock_voids_the_paper_and_tells(officer):
    order = order_in("withdrawn")
    assert not clock_of(order).exists()
    assert Duty.objects.about(order).get().outcome == "cancelled"
    assert IssuedDocument._base_manager.get(subject_id=order.pk).void_reason == "督办单已撤销：重复发出。"
    assert Notice.objects.filter(kind="supervision.withdrawn", unit=officer.unit).exists()
    dropped = transitions.withdraw_order(order_id=order_in("draft").pk, reason="不发了。", by=cast.member("platform"))
    assert (dropped.status, dropped.number) == ("withdrawn", "")
    assert Notice.objects.filter(kind="supervision.withdrawn").count() == 1


def test_every_other_pair_of_state_and_verb_is_told_who_was_first():
    reached = {state: order_in(state) for state in ("draft", "issued", "replied", "accepted", "withdrawn")}
    for verb, legal in FROM.items():
        for state, order in reached.items():
            order.refresh_from_db()
            if order.status in legal:
                continue
            if order.status == S.DRAFT and verb in {"draft_reply", "send_reply"}:  # does not exist for the unit
                continue
            with pytest.raises(AlreadyHandled, match="已由|还没有签发"):
                perform(verb, order)
            order.refresh_from_db()
            assert order.status == {"draft": S.DRAFT, "issued": S.ISSUED, "replied": S.REPLIED}.get(state, state)
    assert set(EDGES) == {S.DRAFT, S.ISSUED, S.REPLIED}


@pytest.mark.parametrize("verb", STEPS)
def test_without_its_event_nothing_has_changed(verb, monkeypatch):
    order = order_in(STEPS[verb][1])
    before = (Duty.objects.count(), Notice.objects.count(), OrderReply.objects.count(), Duty.objects.open().count())

    def fail(*_, **__):
        raise RuntimeError("no record")

    monkeypatch.setattr(verbs, "record", fail)
    with pytest.raises(RuntimeError):
        perform(verb, order)
    status = order.status
    order.refresh_from_db()
    assert order.status == status
    assert (Duty.objects.count(), Notice.objects.count(), OrderReply.objects.count(), Duty.objects.open().count()) == before


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_issuing_side_and_the_unit_see_an_order(
    platform, officer, department_approver, supervision, neighbour_officer, approver, clerk, neighbour_clerk, convener
):
    order = order_in("issued")
    seen = {post: SupervisionOrder.objects.visible_to(post).filter(pk=order.pk).exists() for post in (
        platform, officer, department_approver, supervision, neighbour_officer, convener
    )}  # fmt: skip
    assert [post for post in seen if seen[post]] == [platform, officer, department_approver]
    assert OrderReply.objects.visible_to(neighbour_officer).count() == 0
    own = order_in("issued", issuer="supervision", duty=late_duty(clerk))
    assert SupervisionOrder.objects.visible_to(supervision).get() == own
    assert [SupervisionOrder.objects.visible_to(post).filter(pk=own.pk).exists() for post in (clerk, approver, neighbour_clerk)] == [
        True, True, False,
    ]  # fmt: skip
    assert set(SupervisionOrder.objects.open()) == {order, own}
    # A township answers as one: the window drafts, the head of 社会事务办 sends.
    transitions.draft_reply(order_id=own.pk, text=REPLY, by=clerk)
    assert transitions.send_reply(order_id=own.pk, text=REPLY, by=approver).status == "replied"


def test_the_reply_is_late_like_any_duty(clock, officer):
    order = order_in("issued")
    clock.forward(days=30)
    assert clock_of(order).overdue(clock.moment).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins(platform_approver):
    duty = late_duty()

    def issue():
        return transitions.issue_orders(duty_ids=[duty.pk], demand=DEMAND, by=platform_approver)

    answers = race(issue, issue)
    assert sorted(type(answer).__name__ for answer in answers) == ["ConstraintBroken", "list"]
    order = SupervisionOrder.objects.get()
    perform("send_reply", order)
    answers = race(lambda: perform("accept_reply", order), lambda: perform("send_back_reply", order))
    assert sorted(isinstance(answer, AlreadyHandled) for answer in answers) == [False, True]
    assert Event.objects.filter(verb__in=["supervision.accepted", "supervision.reply_sent_back"]).count() == 1
