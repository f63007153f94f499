"""消息发送, 定期工作 and 短信提醒: what they show and what they do; never a person, a number or a text."""

import re
from html import unescape

import pytest
from django.urls import reverse

from config import keyset
from config.verbs import TransitionError
from deadlines import periods, transitions
from deadlines.models import OutboxMessage, PeriodRun
from deadlines.transitions import periods as verbs
from organization.models import Mobile
from organization.transitions import mobiles
from tests.fragments import next_of

from .test_sending import NUMBER, Spy, news

pytestmark = pytest.mark.django_db
OUTBOX, PERIODS, TEXTING = (reverse(name) for name in ("deadlines:outbox_list", "deadlines:period_list", "organization:texting"))


@pytest.fixture
def parked(clerk, settings):
    settings.SMS_GATEWAY = f"{Spy.__module__}.Spy"
    mobiles.text_me(number=NUMBER, by=clerk)
    for _ in range(3):
        news(clerk.staff)
    texts = OutboxMessage.objects.filter(channel="sms")
    texts.update(tries=10)
    transitions.drain()
    return list(texts.order_by("pk"))


def test_parked_rows_are_seen_retried_and_dropped_several_at_once(parked, system_administrator, signed_in, assert_queries):
    client = signed_in(system_administrator)
    client.get(OUTBOX)
    with assert_queries(6):
        page = client.get(OUTBOX).content.decode()
    assert page.count("连续10次发送中断") == 3
    assert not [word for word in (NUMBER, "1234", "张", "紧急") if word in page.partition('id="rows"')[2]]
    first, second, third = parked
    refused = client.post(reverse("deadlines:outbox_drop"), {"rows": [first.pk, second.pk], "reason": ""})
    text = refused.content.decode()
    assert (refused.status_code, "请写明理由" in text, text.count("checked")) == (422, True, 2)
    unticked = client.post(reverse("deadlines:outbox_retry"), {"reason": "网关已恢复"})
    assert (unticked.status_code, "请先勾选消息" in unticked.content.decode(), "网关已恢复" in unticked.content.decode()) == (
        422,
        True,
        True,
    )
    client.post(reverse("deadlines:outbox_drop"), {"rows": [first.pk, second.pk], "reason": "人已调离"})
    answer = client.post(reverse("deadlines:outbox_retry"), {"rows": [first.pk, third.pk], "reason": "网关已恢复"}, follow=True)
    assert "已重发1条，另有1条已由他人处理或已经发出" in answer.content.decode()
    states = [message.state for message in OutboxMessage.objects.filter(channel="sms").order_by("pk")]
    assert states == ["dropped", "dropped", "waiting"]
    lost = client.post(reverse("deadlines:outbox_retry"), {"rows": [first.pk], "reason": "再试"})
    assert (lost.status_code, "所选消息都已由他人处理" in lost.content.decode()) == (422, True)
    assert "人已调离" in client.get(f"{OUTBOX}?tab=dropped").content.decode()
    assert f"勾选{third.pk}号消息" in client.get(f"{OUTBOX}?tab=waiting&channel=sms&kind=duty").content.decode()
    assert "没有这样的消息" in client.get(f"{OUTBOX}?tab=waiting&kind=nothing").content.decode()


def test_a_refused_reason_comes_back_to_the_page_on_which_the_rows_were_ticked(parked, system_administrator, signed_in, monkeypatch):
    """And from there on to the next: the addresses of the two buttons show nothing."""
    monkeypatch.setattr(keyset, "SIZES", (1,))
    client = signed_in(system_administrator)
    second = client.get(next_of(client.get(f"{OUTBOX}?tab=parked&channel=sms")))
    [drop] = re.findall(r'formaction="([^"]+)"', second.content.decode())
    refused = client.post(unescape(drop), {"rows": [parked[1].pk], "reason": ""})
    assert (refused.status_code, f"勾选{parked[1].pk}号消息" in refused.content.decode()) == (422, True)
    third = client.get(next_of(refused))
    assert (third.status_code, f"勾选{parked[0].pk}号消息" in third.content.decode()) == (200, True)


def test_one_row_that_is_refused_keeps_the_others_from_nothing(parked, clerk, system_administrator, signed_in):
    news(clerk.unit)
    inside = OutboxMessage.objects.filter(channel="in_app", kind="duty.overdue", delivered_at=None).get()
    client, address = signed_in(system_administrator), reverse("deadlines:outbox_drop")
    answer = client.post(address, {"rows": [inside.pk, parked[0].pk], "reason": "人已调离"}, follow=True).content.decode()
    assert ("已放弃1条" in answer, "其余没有放弃：站内消息不能放弃" in answer) == (True, True)
    assert OutboxMessage.objects.get(pk=parked[0].pk).state == "dropped"
    alone = client.post(address, {"rows": [inside.pk], "reason": "人已调离"})
    assert (alone.status_code, "站内消息不能放弃" in alone.content.decode()) == (422, True)


def test_the_platform_looks_and_does_not_mend(parked, platform, signed_in):
    page = signed_in(platform).get(OUTBOX).content.decode()
    assert (page.count("连续10次发送中断"), "重发勾选的" in page) == (3, False)


def test_periodic_works_with_their_last_run_error_and_next(platform, signed_in, monkeypatch, clock, assert_queries):
    monkeypatch.setattr(periods, "_works", {})
    monkeypatch.setattr(verbs, "wake", lambda: None)

    def fall(period):
        raise TransitionError("名册还没有导入。")

    periods.register("deadlines.trial", "试办一号", fall, every="month", makes_up=True)
    periods.register("deadlines.other", "试办二号", lambda period: "3件", every="day")
    client = signed_in(platform)
    assert client.get(PERIODS).content.decode().count("尚未办过") == 2
    transitions.run_due()
    with assert_queries(5):
        page = client.get(PERIODS).content.decode()
    assert [word in page for word in ("名册还没有导入。", "已试1次", "有1项未办成", "3件", "2026-09-25 00:00", "逐期补办")] == [True] * 6
    assert page.count("立即办理这项工作？") == 1, "what was done in its period is not done again"
    answer = client.post(reverse("deadlines:period_run", args=["deadlines.trial"]), follow=True).content.decode()
    assert "已要求立即办理（2026-09）" in answer
    assert PeriodRun.objects.get(key="deadlines.trial").asked_by == platform
    told = client.post(reverse("deadlines:period_run", args=["deadlines.other"]), follow=True).content.decode()
    assert "已于2026-09-24 10:00办成" in told


def test_texts_are_switched_on_and_off_by_oneself(clerk, system_administrator, signed_in, settings):
    client = signed_in(clerk)
    assert "还没有接入短信网关" in client.get(TEXTING).content.decode()
    settings.SMS_GATEWAY = f"{Spy.__module__}.Spy"
    refused = client.post(TEXTING, {"number": "023-54230000"})
    assert (refused.status_code, "座机收不到短信" in refused.content.decode(), "54230000" in refused.content.decode()) == (422, True, True)
    page = client.post(TEXTING, {"number": NUMBER}, follow=True).content.decode()
    assert ("138****1234" in page, NUMBER in page) == (True, False)
    assert "138****1234" in client.get(TEXTING).content.decode()
    detail = reverse("organization:staff_detail", args=[clerk.staff_id])
    assert "138****1234" in signed_in(system_administrator).get(detail).content.decode()
    assert "已关闭短信提醒" in client.post(reverse("organization:texting_stop"), follow=True).content.decode()
    assert not Mobile.objects.exists()
