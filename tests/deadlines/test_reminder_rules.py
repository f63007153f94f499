"""Reminder rules: changed from a day on by the system administrator, read by the platform."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from deadlines import transitions
from deadlines.models import ReminderRule
from deadlines.reminder_words import sentence
from deadlines.transitions import reminder_rules
from tests.racing import race

pytestmark = pytest.mark.django_db
NEW = {
    "stage": "to_head", "working_days": 2, "full_days": 1, "is_urgent": False, "holds_for_promises": False,
    "valid_from": date(2026, 10, 1), "source": "县民政局便函〔2026〕8号",
}  # fmt: skip
FORM = {"working_days": "2", "full_days": "1", "is_urgent": "0", "holds_for_promises": "0", "valid_from": "2026-10-01", "source": "便函8号"}


def change(by, **changed):
    return transitions.change_reminder_rule(**{**NEW, **changed}, by=by)


def test_a_change_is_a_new_row_and_ends_the_old(system_administrator):
    old = ReminderRule.objects.get(stage="to_head")
    row = change(system_administrator)
    old.refresh_from_db()
    assert (old.working_days, old.valid_until) == (3, date(2026, 9, 30))
    assert (row.working_days, row.valid_from, row.valid_until, row.made_by) == (2, date(2026, 10, 1), None, system_administrator)
    assert [rule.working_days for rule in ReminderRule.objects.in_force(date(2026, 9, 30)).filter(stage="to_head")] == [3]
    assert [rule.working_days for rule in ReminderRule.objects.in_force(date(2026, 10, 1)).filter(stage="to_head")] == [2]
    event = Event.objects.get(verb="reminder_rule.changed")
    assert event.old == "超期第3个工作日、24小时，每日汇总，不含承诺时限"
    assert (event.new, event.note) == ("超期第2个工作日、24小时，每日汇总，不含承诺时限", NEW["source"])


@pytest.mark.parametrize("who", ["platform_approver", "security_administrator", "clerk"])
def test_nobody_else_changes_them(request, who):
    with pytest.raises(PermissionDenied):
        change(request.getfixturevalue(who))


@pytest.mark.parametrize(
    ("changed", "sentence_"),
    [
        ({"valid_from": date(2026, 9, 24)}, "最早自2026-09-25起"),
        ({"working_days": 3}, "没有改动"),
        ({"working_days": 5}, "须早于报县级平台"),
        ({"full_days": 2}, "须早于报县级平台"),
        ({"stage": "to_platform", "working_days": 3, "full_days": 2}, "须早于报县级平台"),
    ],
)
def test_what_is_refused(system_administrator, changed, sentence_):
    with pytest.raises(TransitionError, match=sentence_):
        change(system_administrator, **changed)


def test_the_next_change_comes_after_the_one_to_come(system_administrator):
    change(system_administrator)
    with pytest.raises(TransitionError, match="最早自2026-10-02起"):
        change(system_administrator, working_days=1, valid_from=date(2026, 9, 28))


def withdraw(row, by, reason="会议改期"):
    return transitions.withdraw_reminder_rule(rule_id=row.pk, reason=reason, by=by)


def test_a_change_withdrawn_before_its_day_leaves_the_old_rule_in_force(system_administrator, clock):
    old, row = ReminderRule.objects.get(stage="to_head"), change(system_administrator)
    assert withdraw(row, system_administrator) == old
    assert list(ReminderRule.objects.filter(stage="to_head").values_list("pk", "valid_until")) == [(old.pk, None)]
    event = Event.objects.get(verb="reminder_rule.withdrawn")
    assert (event.old, event.new, event.note) == (
        "超期第2个工作日、24小时，每日汇总，不含承诺时限", "超期第3个工作日、24小时，每日汇总，不含承诺时限", "会议改期",
    )  # fmt: skip
    assert change(system_administrator).valid_from == date(2026, 10, 1), "and another may be made"


def test_what_is_in_force_or_followed_is_not_withdrawn(system_administrator, clock):
    old, row = ReminderRule.objects.get(stage="to_head"), change(system_administrator)
    later = change(system_administrator, working_days=1, valid_from=date(2026, 10, 8))
    with pytest.raises(TransitionError, match="先撤回后面的"):
        withdraw(row, system_administrator)
    with pytest.raises(TransitionError, match="已经生效"):
        withdraw(old, system_administrator)
    assert withdraw(later, system_administrator) == row
    clock.forward(days=7)
    with pytest.raises(TransitionError, match="已经生效"):
        withdraw(row, system_administrator)


def test_withdrawing_never_lets_the_platform_hear_before_the_head(system_administrator):
    """The platform would hear on the eighth day and so the head on the sixth: the platform's change holds the head's up."""
    later = change(system_administrator, stage="to_platform", working_days=8, full_days=2)
    change(system_administrator, working_days=6, valid_from=date(2026, 10, 8))
    with pytest.raises(TransitionError, match="须早于报县级平台"):
        withdraw(later, system_administrator)
    assert ReminderRule.objects.filter(pk=later.pk).exists()


def test_who_may_withdraw_and_who_was_first(system_administrator, platform_approver, monkeypatch):
    row = change(system_administrator)
    with pytest.raises(PermissionDenied):
        withdraw(row, platform_approver)
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(reminder_rules, "record", lambda *args, **given: 1 / 0)
        withdraw(row, system_administrator)
    assert ReminderRule.objects.filter(pk=row.pk, valid_until=None).exists()
    withdraw(row, system_administrator)
    with pytest.raises(Http404):
        withdraw(row, system_administrator)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_withdraw_at_once_the_second_is_told(system_administrator):
    row = change(system_administrator)
    results = race(*[lambda: withdraw(row, system_administrator)] * 2)
    assert sum(isinstance(result, ReminderRule) for result in results) == 1
    assert {type(result) for result in results} - {ReminderRule} <= {AlreadyHandled, Http404}
    assert Event.objects.filter(verb="reminder_rule.withdrawn").count() == 1


def test_the_page_withdraws_with_a_reason(signed_in, system_administrator, platform):
    row, client = change(system_administrator), signed_in(system_administrator)
    rules, address = reverse("deadlines:reminder_rules"), reverse("deadlines:reminder_rule_withdraw", args=[row.pk])
    assert address in client.get(rules).content.decode()
    assert address not in signed_in(platform).get(rules).content.decode()
    assert "超期后的第2个工作日上报" in client.get(address).content.decode()
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "会议改期"})["Location"] == rules
    page = client.get(rules).content.decode()
    assert "已撤回报单位负责人自2026-10-01起的调整" in page
    assert address not in page
    assert client.get(address).status_code == 404


def test_event_failing_undoes_the_change(system_administrator, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no ink")

    monkeypatch.setattr(reminder_rules, "record", fail)
    before = list(ReminderRule.objects.order_by("pk").values())
    with pytest.raises(RuntimeError, match="no ink"):
        change(system_administrator)
    assert list(ReminderRule.objects.order_by("pk").values()) == before


def test_sentences_say_when_whom_and_how(system_administrator):
    rules = {rule.stage: sentence(rule, "08:30") for rule in ReminderRule.objects.in_force(date(2026, 9, 24))}
    assert rules["to_head"] == (
        "超期后的第3个工作日上报；按小时计时的，超期满24小时上报。"
        "告知承办单位的审批岗（窗口没有审批岗的，为所在乡镇社会事务办的审批岗）。"
        "并入工作日08:30的每日汇总，每人一条；按小时计时的总是立即单独告知。承诺时限不作这项提醒。"
    )
    assert "亮黄灯当天" in rules["amber"]
    assert "承诺时限也这样提醒" in rules["amber"]
    assert "每件立即单独告知" in sentence(change(system_administrator, is_urgent=True), "08:30")


def test_the_page_previews_then_changes(signed_in, system_administrator, platform):
    client = signed_in(system_administrator)
    address = reverse("deadlines:reminder_rule_change", args=["to_head"])
    preview = client.post(address, FORM)
    assert "自2026-10-01起：超期后的第2个工作日上报" in preview.content.decode()
    assert ReminderRule.objects.filter(stage="to_head").count() == 1
    answer = client.post(address, {**FORM, "confirm": "1"})
    assert answer["Location"] == reverse("deadlines:reminder_rules")
    page = client.get(answer["Location"]).content.decode()
    assert "未生效" in page
    assert "便函8号" in page
    assert 'aria-label="调整报单位负责人"' in page
    assert "调整报单位负责人" not in signed_in(platform).get(answer["Location"]).content.decode()
    kept = client.post(address, {**FORM, "valid_from": "2026-09-01", "source": "便函9号", "confirm": "1"})
    assert kept.status_code == 422
    assert "便函9号" in kept.content.decode()
    assert "新规则最早自2026-10-02起" in kept.content.decode()
    assert client.get(reverse("deadlines:reminder_rule_change", args=["someday"])).status_code == 404
