"""Reminder rules: changed from a day on by the system administrator, read by the platform."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Event
from config.verbs import TransitionError
from deadlines import transitions
from deadlines.models import ReminderRule
from deadlines.reminder_words import sentence
from deadlines.transitions import reminder_rules

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
