"""Beat and worker give their own signs of life, and a beat that was down makes up for what it missed."""

import pytest
from celery.worker import WorkController

from config import heartbeats
from config.celery import app
from config.models import Heartbeat
from config.pulse import Scheduler, WorkerPulse
from config.tasks import tick


@pytest.mark.django_db
def test_the_tick_task_writes_the_queue():
    tick.delay()
    assert heartbeats.ages()[heartbeats.QUEUE] < heartbeats.LIMITS[heartbeats.QUEUE]


@pytest.mark.django_db
def test_two_signs_are_one_line():
    heartbeats.write("worker")
    heartbeats.write("worker")
    assert Heartbeat.objects.filter(name="worker").count() == 1


def test_a_database_that_is_away_does_not_end_the_loop(transactional_db, caplog):
    from django.db import connection

    connection.close()
    right, connection.settings_dict["HOST"] = connection.settings_dict["HOST"], "/nowhere"
    try:
        heartbeats.write_from_loop("worker")
    finally:
        connection.settings_dict["HOST"] = right
    assert "no heartbeat of worker" in caplog.text


@pytest.fixture
def scheduler():
    """Beat's scheduler, its messages counted instead of sent."""
    sent = []

    class Counted(Scheduler):
        def apply_async(self, entry, producer=None, advance=True, **kwargs):
            sent.append(entry.name)

        @property
        def producer(self):
            return None

    return Counted(app), sent


def test_every_entry_is_due_when_beat_starts(scheduler, transactional_db):
    beat, sent = scheduler
    for _ in range(len(beat.schedule) + 1):
        beat.tick()
    assert sorted(sent) == sorted(app.conf.beat_schedule)


def test_beat_writes_its_own_sign_and_not_more_than_needed(scheduler, transactional_db, django_assert_num_queries):
    beat, _ = scheduler
    beat.tick()
    assert heartbeats.BEAT in heartbeats.ages()
    Heartbeat.objects.all().delete()
    beat.tick()
    assert not Heartbeat.objects.exists(), "the next is due in fifteen seconds"


def test_every_scheduled_task_exists():
    """A name misspelt in the settings would be sent for ever and never run."""
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["task"] in app.tasks, name


def test_every_worker_has_the_pulse():
    app.conf.broker_url  # noqa: B018  (configures the app, as a worker does first)
    assert WorkerPulse in app.steps["worker"]
    assert issubclass(app.Worker, WorkController)
