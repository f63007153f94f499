"""Health: liveness asks nobody; readiness tells each part apart, shown by breaking each."""

import socket
import threading
import time
from datetime import timedelta
from io import StringIO

import pytest
from celery import Celery
from django.core.management import CommandError, call_command
from django.db import connection

from config import health, heartbeats
from config.models import Heartbeat

PARTS = {"database", "migrations", "broker", "worker", "beat", "queue", "sweep", "summaries", "comparison"}


@pytest.fixture
def alive(db):
    """Worker, beat and queue gave a sign of life just now."""
    for name in heartbeats.LIMITS:
        heartbeats.write(name)


@pytest.fixture
def broken_database(transactional_db):
    """A server that is not there."""
    connection.close()
    right = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    yield
    connection.close()
    connection.settings_dict["HOST"] = right


def failing(answer):
    return {name for name, check in answer.json()["checks"].items() if not check["ok"]}


def test_healthz_answers_without_asking_anybody(client, broken_database):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"alive": True}


def test_readyz_is_ready_when_every_part_is(client, alive):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert set(answer.json()["checks"]) == PARTS


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_sign_in_and_leaves_no_session(client, alive, path):
    answer = client.get(path)
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("name", heartbeats.LIMITS)
def test_readyz_tells_who_never_gave_a_sign(client, alive, name):
    Heartbeat.objects.filter(name=name).delete()
    answer = client.get("/readyz")
    is_well = name in heartbeats.NOT_AT_FIRST
    assert answer.status_code == (200 if is_well else 503)
    assert failing(answer) == (set() if is_well else {name})
    assert answer.json()["checks"][name]["age"] is None


@pytest.mark.parametrize("name", heartbeats.LIMITS)
def test_readyz_tells_who_fell_silent(client, alive, name):
    silence = heartbeats.LIMITS[name] + timedelta(seconds=5)
    Heartbeat.objects.filter(name=name).update(at=Heartbeat.objects.get(name=name).at - silence)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert failing(answer) == {name}
    assert answer.json()["checks"][name]["age"] >= silence.total_seconds()


def test_readyz_tells_a_missing_migration(client, alive, monkeypatch):
    monkeypatch.setattr(health, "_migrations_are_applied", False)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'audit' AND name = (SELECT max(name) FROM django_migrations WHERE app = 'audit')"
        )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert failing(answer) == {"migrations", *heartbeats.LIMITS}


def test_readyz_tells_a_database_that_is_away(client, broken_database):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert failing(answer) == PARTS - {"broker"}


def app_with_broker(path):
    from django.conf import settings

    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    return Celery("elsewhere", broker=f"redis+socket://{path}", broker_transport_options=options, set_as_current=False)


def test_readyz_tells_a_broker_that_is_away(client, alive, monkeypatch, tmp_path):
    monkeypatch.setattr(health, "current_app", app_with_broker(tmp_path / "absent.sock"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert failing(answer) == {"broker"}


def test_readyz_does_not_wait_for_a_broker_that_hangs(client, alive, monkeypatch, tmp_path):
    """It accepts and never answers: the page comes within seconds all the same."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "mute.sock"))
        listener.listen()
        accepted = []
        threading.Thread(target=lambda: accepted.append(listener.accept()), daemon=True).start()
        monkeypatch.setattr(health, "current_app", app_with_broker(tmp_path / "mute.sock"))
        started = time.monotonic()
        answer = client.get("/readyz")
        assert time.monotonic() - started < 8
        assert failing(answer) == {"broker"}
        for conversation, _ in accepted:
            conversation.close()


def test_a_wake_up_fails_fast_when_the_broker_is_away(tmp_path):
    from kombu.exceptions import OperationalError

    app = app_with_broker(tmp_path / "absent.sock")
    app.conf.task_publish_retry = False
    started = time.monotonic()
    with pytest.raises(OperationalError):
        app.send_task("anything")
    assert time.monotonic() - started < 2


def test_probe_tells_beat_from_silence(alive):
    call_command("probe", "beat", stdout=StringIO())
    Heartbeat.objects.all().delete()
    with pytest.raises(CommandError, match="beat"):
        call_command("probe", "beat")


def test_probe_asks_the_web_by_a_name_it_may_be_called(live_server):
    call_command("probe", "web", address=live_server.url)
    with pytest.raises(CommandError, match="web"):
        call_command("probe", "web", address="http://127.0.0.1:1")
