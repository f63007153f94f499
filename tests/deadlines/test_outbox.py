"""Messages are written with their cause and sent after it, each once (SECURITY D2, R5)."""

import socket
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from threading import Barrier, Thread
from unittest.mock import patch

import psycopg2
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test import override_settings

from config import clock as house_clock
from config.celery import app
from deadlines import tasks, transitions
from deadlines.models import Notice, OutboxMessage
from deadlines.transitions import outbox

from . import factories

pytestmark = pytest.mark.django_db


def tell(unit, times=1, **changed):
    for _ in range(times):
        transitions.announce("referral.dispatched", factories.subject(), to=unit, **{"title": "有新的转办单", **changed})


def test_announce_waits_for_the_drain(clerk):
    tell(clerk.unit)
    assert not Notice.objects.visible_to(clerk).exists()
    assert transitions.drain() == 1
    notice = Notice.objects.visible_to(clerk).get()
    assert (notice.title, notice.unit, notice.delivered_at) == ("有新的转办单", clerk.unit, house_clock.now())
    message = OutboxMessage.objects.get()
    assert (message.tries, message.delivered_at) == (1, house_clock.now())
    assert transitions.drain() == 0


def test_the_outbox_holds_ids_alone(clerk):
    tell(clerk.unit, title="张*芳 的申请", body="内容")
    message = OutboxMessage.objects.get()
    assert message.payload == {"notice": str(Notice.objects.get().pk)}
    assert "张" not in str([getattr(message, field.attname) for field in OutboxMessage._meta.fields])


def test_announce_to_several_units_and_people(clerk, officer):
    assert transitions.announce("x.said", factories.subject(), to=[clerk.unit, officer.staff], title="通知") == 2
    transitions.drain()
    assert Notice.objects.visible_to(clerk).get().unit == clerk.unit
    assert Notice.objects.visible_to(officer).get().staff == officer.staff


def test_the_same_news_reaches_the_same_target_once(clerk, officer):
    for _ in range(3):
        tell(clerk.unit, dedupe="ref:1:2026-10-15:amber")
    tell(officer.unit, dedupe="ref:1:2026-10-15:amber")
    assert transitions.drain() == 2
    assert Notice.objects.count() == 2


def test_a_long_text_is_cut_and_never_refused(clerk):
    tell(clerk.unit, title="长" * 300, body="文" * 900)
    notice = Notice.objects.get()
    assert (len(notice.title), len(notice.body), notice.title[-1]) == (120, 500, "…")


def test_rollback_of_the_cause_leaves_nothing(clerk):
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(clerk.unit)
        raise RuntimeError
    assert not Notice.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_a_crash_in_the_middle_leaves_the_batch_waiting(clerk):
    """The notices were already written as delivered when the power went: nobody saw them, and the next drain sends them."""
    tell(clerk.unit, times=3)
    deliver = outbox._deliver_in_app

    def crash(messages):
        deliver(messages)
        raise RuntimeError("power")

    with patch.object(outbox, "_deliver_in_app", crash), pytest.raises(RuntimeError, match="power"):
        transitions.drain()
    assert not Notice.objects.visible_to(clerk).exists()
    assert OutboxMessage.objects.waiting().count() == 3
    assert transitions.drain() == 3


def test_a_message_whose_notice_is_gone_is_done(clerk):
    tell(clerk.unit)
    Notice.objects.all().delete()
    assert transitions.drain() == 1


def test_leased_parked_and_later_messages_wait(clerk):
    tell(clerk.unit, times=4)
    leased, parked, later, _ = OutboxMessage.objects.order_by("id")
    far = house_clock.now() + timedelta(days=36500)
    OutboxMessage.objects.filter(pk=leased.pk).update(leased_until=far)
    OutboxMessage.objects.filter(pk=parked.pk).update(parked_at=house_clock.now())
    OutboxMessage.objects.filter(pk=later.pk).update(next_try_at=far)
    assert transitions.drain() == 1


def test_the_command_and_the_task_drain(clerk):
    tell(clerk.unit, times=2)
    out = StringIO()
    call_command("drain", stdout=out)
    assert out.getvalue() == "已送达 2 条消息。\n"
    tell(clerk.unit)
    assert tasks.drain() == 1


def test_beat_comes_round_for_the_outbox(settings):
    entry = settings.CELERY_BEAT_SCHEDULE["drain-outbox"]
    assert entry["task"] == tasks.drain.name
    assert entry["schedule"] <= 60


def test_the_commit_wakes_the_worker_once(clerk, django_capture_on_commit_callbacks):
    with patch.object(tasks.drain, "apply_async") as sent:
        with django_capture_on_commit_callbacks(execute=True):
            tell(clerk.unit, times=3)
            assert not sent.called
        assert sent.call_count == 1
        with django_capture_on_commit_callbacks(execute=True):
            assert transitions.announce("x.said", factories.subject(), to=[], title="无人") == 0
        assert sent.call_count == 1


@contextmanager
def broker_at(url):
    before = {name: app.conf[name] for name in ("broker_url", "broker_write_url", "task_always_eager")}
    app.conf.update(broker_url=url, broker_write_url=url, task_always_eager=False)
    try:
        yield
    finally:
        app.conf.update(before)


@pytest.fixture
def wake():
    """The wake-up as a new process has it."""
    fresh = outbox.Wake()
    with patch.object(outbox, "wake", fresh):
        yield fresh


def test_a_broker_that_is_down_breaks_nothing(clerk, wake, django_capture_on_commit_callbacks, caplog):
    with broker_at("redis://127.0.0.1:9/0"), django_capture_on_commit_callbacks(execute=True):
        tell(clerk.unit)
    assert "the beat will come round" in caplog.text
    assert OutboxMessage.objects.waiting().count() == 1


def test_a_silent_broker_holds_one_request_for_seconds_and_the_next_not_at_all(wake, clock, monkeypatch):
    """It accepts and never answers. Asked again only after a rest."""
    import time

    with socket.create_server(("127.0.0.1", 0)) as server, broker_at(f"redis://127.0.0.1:{server.getsockname()[1]}/0"):
        started = time.monotonic()
        wake()
        first = time.monotonic() - started
        with patch.object(tasks.drain, "apply_async") as sent:
            wake()
        assert first < 6
        assert not sent.called
        assert wake.failed_at == house_clock.now()
        clock.forward(seconds=31)
        with patch.object(tasks.drain, "apply_async") as sent:
            wake()
        assert sent.called
        assert wake.failed_at is None


@pytest.mark.django_db(transaction=True)
@override_settings(CELERY_TASK_ALWAYS_EAGER=False)
def test_four_drains_at_once_deliver_each_message_once(clerk, monkeypatch):
    monkeypatch.setattr(outbox, "wake", lambda: None)
    tell(clerk.unit, times=300)
    barrier, totals = Barrier(4), []

    def run() -> None:
        connection.ensure_connection()
        barrier.wait()
        totals.append(transitions.drain(limit=7))
        connection.close()

    threads = [Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(totals) == 300
    assert sum(total > 0 for total in totals) > 1  # they did work side by side
    assert set(OutboxMessage.objects.values_list("tries", flat=True)) == {1}
    assert Notice.objects.visible_to(clerk).count() == 300


@pytest.mark.django_db(transaction=True)
def test_a_drain_whose_connection_is_killed_leaves_its_batch_to_the_next(clerk, monkeypatch):
    monkeypatch.setattr(outbox, "wake", lambda: None)
    tell(clerk.unit, times=5)
    deliver = outbox._deliver_in_app

    def killed(messages):
        deliver(messages)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        killer = psycopg2.connect(**{k: v for k, v in connection.get_connection_params().items() if k not in {"cursor_factory", "context"}})
        with killer.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        killer.close()

    with patch.object(outbox, "_deliver_in_app", killed), pytest.raises(OperationalError):
        transitions.drain()
    connection.close()
    assert not Notice.objects.visible_to(clerk).exists()
    assert transitions.drain() == 5
    assert Notice.objects.visible_to(clerk).count() == 5
