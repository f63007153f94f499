"""Texts: written with urgent news for whoever wants them, sent once for each key, tried again, parked, retried or dropped by hand."""

import json
import stat
import threading
import time
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import connection
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines import checks, gateways, transitions
from deadlines.gaps import standing_still
from deadlines.models import Notice, OutboxMessage
from deadlines.transitions import outbox, sending
from organization.models import Mobile, Unit
from organization.transitions import accounts, mobiles
from tests.racing import race

from . import factories

pytestmark = pytest.mark.django_db
NUMBER = "138" + "0000" + "1234"


class Spy:
    """A gateway of the test's: what it was asked to send, and how it answers."""

    sent: list[tuple[str, str, str]] = []
    answer = None

    def send(self, key, phone, text):
        type(self).sent.append((key, phone, text))
        if type(self).answer:
            type(self).answer()


@pytest.fixture
def spy(settings):
    Spy.sent, Spy.answer = [], None
    settings.SMS_GATEWAY = f"{__name__}.Spy"
    return Spy


@pytest.fixture
def folder(settings, tmp_path):
    settings.SMS_GATEWAY, settings.SMS_FOLDER = "deadlines.gateways.FileGateway", tmp_path / "sms"
    return settings.SMS_FOLDER


def news(staff, **changed):
    given = {"to": staff, "title": "紧急：转办单即将超期 张*芳", "is_urgent": True, **changed}
    return transitions.announce("duty.overdue", factories.subject(), **given)


def texts():
    return OutboxMessage.objects.filter(channel="sms").order_by("pk")


def failing(times=None):
    """Answers that fail, so many times or always."""
    left = iter(range(times)) if times else None

    def answer():
        if left is None or next(left, None) is not None:
            raise gateways.Failed("网关忙")

    return staticmethod(answer)


def again():
    """What waits for its next try comes now: the database's clock does not stand."""
    texts().filter(parked_at=None, delivered_at=None).update(next_try_at=house_clock.now().replace(year=2000), leased_until=None)
    return transitions.drain()


def test_urgent_news_goes_to_whoever_wants_texts_and_to_nobody_else(clerk, officer, spy):
    mobiles.text_me(number=NUMBER, by=clerk)
    news([clerk.staff, officer.staff, clerk.unit])
    news(clerk.staff, is_urgent=False)
    assert transitions.drain() == 5, "four notices and a text"
    [(key, phone, words)] = spy.sent
    assert (phone, "【" in words, "紧急：转办单即将超期 张*芳" in words) == (NUMBER, True, True)
    [message] = texts()
    assert (key, message.delivered_at, message.tries, message.state) == (f"sms-{message.pk}", house_clock.now(), 1, "delivered")
    row = str([getattr(message, field.attname) for field in OutboxMessage._meta.fields])
    assert not {"张", NUMBER, "1234"} & set(row.split("'")), "ids alone"
    assert "张" not in row
    assert NUMBER not in row
    assert transitions.drain() == 0


def test_without_a_gateway_no_text_is_written(clerk, settings):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    assert not texts().exists()
    assert (transitions.drain(), Notice.objects.visible_to(clerk).count()) == (1, 1)


def test_the_same_news_is_texted_once(clerk, spy):
    mobiles.text_me(number=NUMBER, by=clerk)
    assert [news(clerk.staff, dedupe="x"), news(clerk.staff, dedupe="x")] == [1, 0]
    assert texts().count() == 1


def test_whoever_switched_texts_off_meanwhile_gets_none(clerk, spy):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    mobiles.stop_texting(by=clerk)
    transitions.drain()
    [message] = texts()
    assert (spy.sent, message.state, message.drop_reason) == ([], "dropped", "收件人已关闭短信提醒")
    assert message.dropped_by.role == "SYS"


def test_a_text_that_fails_waits_longer_and_goes_at_last(clerk, spy):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    spy.answer = failing(3)
    assert transitions.drain() == 1, "the notice, which does not wait for the gateway"
    for _ in range(2):
        assert transitions.drain() == 0, "not before its next try"
        again()
    assert [texts().get().tries, texts().get().last_error] == [3, "网关忙"]
    assert again() == 1
    assert (texts().get().state, texts().get().last_error) == ("delivered", "")
    assert len({key for key, _, _ in spy.sent}) == 1, "under one key"


def test_after_ten_tries_it_is_parked_and_who_keeps_the_house_is_told_once(clerk, system_administrator, platform, spy):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    news(clerk.staff)
    spy.answer = failing()
    for _ in range(12):
        again()
    assert [(message.state, message.tries) for message in texts()] == [("parked", 10)] * 2
    assert len(spy.sent) == 20
    transitions.drain()
    for keeper in (system_administrator, platform):
        [notice] = Notice.objects.visible_to(keeper)
        assert (notice.kind, notice.url, NUMBER[-4:] in notice.title) == ("message.parked", "/deadlines/outbox/", False)
    alarms = standing_still(Unit.objects.all(), house_clock.today())
    assert {(alarm.kind, alarm.unit.kind) for alarm in alarms} == {("短信搁置", "platform"), ("短信搁置", "system_administration")}
    assert Event.objects.filter(verb="message.parked").count() == 2


def test_what_the_gateway_refuses_is_parked_at_once_without_the_number(clerk, spy):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)

    def refuse():
        raise gateways.Refused(f"空号 {NUMBER}")

    spy.answer = staticmethod(refuse)
    transitions.drain()
    [message] = texts()
    assert (message.state, message.tries, message.last_error) == ("parked", 1, "空号 …")


def test_the_gateway_s_words_are_kept_without_numbers_however_they_are_spaced():
    said = "138 0000 1234、138-0000-1234、13800001234、023-54230000 无效，错误码E4012，2026-11-26 10:30"
    assert sending._clean(said) == "…、…、…、… 无效，错误码E4012，2026-11-26 10:30"


def test_a_gateway_that_hangs_is_left_behind_in_time_and_nobody_else_sends_meanwhile(clerk, spy, settings):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    settings.SMS_TIMEOUT, over = 0.2, threading.Event()
    spy.answer = staticmethod(lambda: over.wait(20))
    began = time.monotonic()
    transitions.drain()
    assert time.monotonic() - began < 15
    over.set()
    [message] = texts()
    assert (message.state, message.last_error, message.lease) == ("waiting", "短信网关0.2秒内没有答复", None)


def test_a_gateway_that_is_broken_is_a_failure_and_three_end_the_round(clerk, officer, spy):
    for post in (clerk, officer):
        mobiles.text_me(number=NUMBER, by=post)
    for _ in range(3):
        news([clerk.staff, officer.staff])

    def broken():
        raise ZeroDivisionError(NUMBER)

    spy.answer = staticmethod(broken)
    assert transitions.drain() == 6
    assert len(spy.sent) == 3, "the gateway is away: the next round goes on"
    assert texts().filter(last_error="短信网关出错（ZeroDivisionError）").count() == 3


def test_a_slow_gateway_never_holds_a_drain_beyond_its_round(clerk, spy, monkeypatch):
    """Twelve seconds a text: a round takes up three, and has ended before the worker would break it off over a fourth."""
    mobiles.text_me(number=NUMBER, by=clerk)
    for _ in range(5):
        news(clerk.staff)
    moment = [0.0]
    monkeypatch.setattr(sending, "time", SimpleNamespace(monotonic=lambda: moment[0]))
    spy.answer = staticmethod(lambda: moment.__setitem__(0, moment[0] + 12))
    assert transitions.drain() == 5 + 3
    assert [message.state for message in texts()] == ["delivered"] * 3 + ["waiting"] * 2
    assert texts().filter(leased_until__isnull=False).count() == 0, "nothing is held over"
    assert transitions.drain() == 2


def test_a_drain_killed_between_sending_and_marking_sends_no_second_text(clerk, folder, monkeypatch):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    with monkeypatch.context() as killed, pytest.raises(SystemExit):
        killed.setattr(sending, "_mark", lambda message: (_ for _ in ()).throw(SystemExit))
        transitions.drain()
    assert texts().get().state == "waiting"
    assert transitions.drain() == 0, "held by the one that died, until its hold runs out"
    assert again() == 1
    [file] = folder.iterdir()
    [message] = texts()
    assert (file.name, message.tries, message.state) == (f"sms-{message.pk}.json", 2, "delivered")


def test_marking_before_sending_loses_the_text(clerk, folder, monkeypatch):
    """The check above finds a lost text where there is one: the order of the naive drain."""
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)

    def naive(message, through):
        sending._mark(message)
        raise SystemExit

    with monkeypatch.context() as killed, pytest.raises(SystemExit):
        killed.setattr(sending, "_send", naive)
        transitions.drain()
    assert again() == 0
    assert not folder.exists() or not list(folder.iterdir())


def test_a_drain_that_dies_each_time_over_a_text_parks_it(clerk, spy, monkeypatch):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    texts().update(tries=10)
    again()
    assert (texts().get().state, texts().get().last_error, spy.sent) == ("parked", "连续10次发送中断", [])


@pytest.mark.django_db(transaction=True)
def test_two_drains_at_once_send_each_text_once(clerk, officer, spy, monkeypatch):
    monkeypatch.setattr(outbox, "wake", lambda: None)
    for post in (clerk, officer):
        mobiles.text_me(number=NUMBER, by=post)
    for _ in range(4):
        news([clerk.staff, officer.staff])
    counts = race(transitions.drain, transitions.drain)
    assert (sum(counts), len(spy.sent), len({key for key, _, _ in spy.sent})) == (16, 8, 8)


@pytest.mark.django_db(transaction=True)
def test_a_text_is_sent_outside_of_any_transaction(clerk, spy, monkeypatch):
    monkeypatch.setattr(outbox, "wake", lambda: None)
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    seen = []
    original = gateways.send_within

    def watch(*given):
        seen.append(connection.in_atomic_block)
        original(*given)

    monkeypatch.setattr(gateways, "send_within", watch)
    transitions.drain()
    assert seen == [False]


# ── gateways ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_file_gateway_writes_once_for_a_key_whole_and_private(folder):
    gateway = gateways.FileGateway()
    gateway.send("sms-1", NUMBER, "一")
    gateway.send("sms-1", NUMBER, "二")
    [file] = folder.iterdir()
    assert json.loads(file.read_text()) == {"key": "sms-1", "phone": NUMBER, "text": "一"}
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    with pytest.raises(gateways.Refused):
        gateway.send("../out", NUMBER, "三")
    file.unlink()
    folder.rmdir()
    folder.write_text("no folder")
    with pytest.raises(gateways.Failed, match="写不进去"):
        gateway.send("sms-2", NUMBER, "四")


def test_a_gateway_that_does_not_exist_stops_the_start(settings):
    assert checks.sms_gateway(None) == []
    for wrong in ("nowhere.Gateway", "deadlines.gateways.Failed"):
        settings.SMS_GATEWAY = wrong
        [error] = checks.sms_gateway(None)
        assert "短信网关" in error.msg
    settings.SMS_GATEWAY = "nowhere.Gateway"
    with pytest.raises(ImproperlyConfigured):
        gateways.gateway()


# ── verbs of people ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def parked(clerk, spy):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)

    def refuse():
        raise gateways.Refused("空号")

    spy.answer = staticmethod(refuse)
    transitions.drain()
    spy.answer = None
    return texts().get()


def test_retry_message_sends_it_anew_and_leaves_one_event(parked, system_administrator, spy):
    message = transitions.retry_message(message_id=parked.pk, reason="  号码已更正 ", by=system_administrator)
    assert (message.state, message.tries, message.last_error) == ("waiting", 0, "")
    event = Event.objects.get(verb="message.retried")
    assert (event.by_id, event.note, event.data) == (system_administrator.staff_id, "号码已更正", {"kind": "duty.overdue"})
    assert transitions.drain() >= 1
    with pytest.raises(AlreadyHandled, match="已经发出"):
        transitions.retry_message(message_id=parked.pk, reason="再发", by=system_administrator)


def test_drop_message_ends_it_with_its_reason(parked, system_administrator, spy):
    message = transitions.drop_message(message_id=parked.pk, reason="人已调离", by=system_administrator)
    assert (message.state, message.dropped_by, message.dropped_at) == ("dropped", system_administrator, house_clock.now())
    assert Event.objects.get(verb="message.dropped").note == "人已调离"
    spy.sent.clear()
    again()
    assert not spy.sent
    for verb in (transitions.drop_message, transitions.retry_message):
        with pytest.raises(AlreadyHandled, match=r"已由.*放弃"):
            verb(message_id=parked.pk, reason="再来", by=system_administrator)
    assert Notice.objects.filter(pk=parked.payload["notice"], delivered_at__isnull=False).exists(), "the notice in the house stays"


@pytest.mark.parametrize("verb", ["retry_message", "drop_message"])
def test_who_may_not_and_what_is_refused(parked, verb, platform, officer, system_administrator):
    does = getattr(transitions, verb)
    with pytest.raises(PermissionDenied):
        does(message_id=parked.pk, reason="试", by=platform)
    with pytest.raises(Http404):
        does(message_id=parked.pk, reason="试", by=officer)
    with pytest.raises(TransitionError, match="请写明理由"):
        does(message_id=parked.pk, reason=" ", by=system_administrator)
    OutboxMessage.objects.filter(pk=parked.pk).hold(60)
    with pytest.raises(TransitionError, match="正在发送"):
        does(message_id=parked.pk, reason="试", by=system_administrator)


def test_a_notice_inside_the_house_is_not_dropped(clerk, system_administrator):
    news(clerk.unit)
    with pytest.raises(TransitionError, match="站内消息不能放弃"):
        transitions.drop_message(message_id=OutboxMessage.objects.get().pk, reason="试", by=system_administrator)


@pytest.mark.parametrize("verb", ["retry_message", "drop_message"])
def test_event_failing_undoes_it(parked, verb, system_administrator, monkeypatch):
    monkeypatch.setattr(sending, "record", lambda *args, **given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        getattr(transitions, verb)(message_id=parked.pk, reason="试", by=system_administrator)
    assert texts().get().state == "parked"


# ── 短信提醒 of one's own ───────────────────────────────────────────────────────────────────────────────────────────
def test_the_number_is_kept_masked_and_forgotten_when_texts_are_switched_off(clerk):
    mobiles.text_me(number="139 0000 5678", by=clerk)
    mobile = mobiles.text_me(number=NUMBER, by=clerk)
    assert (str(mobile.number), Mobile.objects.count(), mobile.set_at) == ("138****1234", 1, house_clock.now())
    assert NUMBER not in mobile.number_sealed
    mobiles.stop_texting(by=clerk)
    lines = Event.objects.filter(verb__startswith="staff.texting").order_by("pk")
    assert [(line.verb, line.old, line.new) for line in lines] == [
        ("staff.texting_on", "", "139****5678"),
        ("staff.texting_on", "139****5678", "138****1234"),
        ("staff.texting_off", "138****1234", ""),
    ]
    with pytest.raises(AlreadyHandled, match="没有开通"):
        mobiles.stop_texting(by=clerk)


def test_the_number_goes_with_the_account_and_so_do_the_texts_that_wait(clerk, system_administrator, spy):
    mobiles.text_me(number=NUMBER, by=clerk)
    news(clerk.staff)
    accounts.disable(staff_id=clerk.staff_id, reason="调离", by=system_administrator)
    assert Mobile.objects.of(clerk.staff_id) is None
    off = Event.objects.get(verb="staff.texting_off")
    assert (off.by_id, off.old) == (system_administrator.staff_id, "138****1234")
    transitions.drain()
    assert (spy.sent, texts().get().state) == ([], "dropped")


@pytest.mark.parametrize(("number", "sentence"), [("023-54230000", "座机收不到短信"), ("1380000", "11位"), ("12800001234", "13至19")])
def test_what_takes_no_text_is_refused(clerk, number, sentence):
    with pytest.raises(TransitionError, match=sentence):
        mobiles.text_me(number=number, by=clerk)
