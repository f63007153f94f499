"""Many sweeps and beats over a county's open duties at once, and one that is killed: no reminder twice, none missing."""

from datetime import datetime
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from django.db import OperationalError, connection

from config import clock as house_clock
from deadlines import tasks
from deadlines.models import Reminder
from deadlines.transitions import sweep, sweeping

from .pile import pile_of_duties

SHANGHAI = ZoneInfo("Asia/Shanghai")
DUTIES = 20_000
BATCH = 4_000  # five batches in which each meets the others; a county has seven
NIGHT = datetime(2026, 10, 12, 0, 5, tzinfo=SHANGHAI)  # amber has come, and the digest is hours away
DATES = {
    "opened_at": datetime(2026, 9, 24, 10, 0, tzinfo=SHANGHAI),
    "amber_at": datetime(2026, 10, 12, tzinfo=SHANGHAI),
    "due_at": datetime(2026, 10, 16, tzinfo=SHANGHAI),
}


def faults():
    """How many reminders are there twice, and how many duties have none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM (
                         SELECT FROM deadlines_reminder GROUP BY duty_id, stage, due_at HAVING count(*) > 1) AS twice),
                 (SELECT count(*) FROM deadlines_duty AS duty
                  WHERE NOT EXISTS (SELECT FROM deadlines_reminder WHERE duty_id = duty.id AND stage = 'amber'))"""
        )
        return cursor.fetchone()


def at_once(*works):
    """Each in a thread and connection of its own, begun together."""
    barrier, failed = Barrier(len(works)), []

    def run(work):
        with house_clock.set_clock(NIGHT):
            barrier.wait()
            try:
                work()
            except BaseException as error:
                failed.append(error)
            finally:
                connection.close()

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failed
    assert not any(thread.is_alive() for thread in threads)


def let_go_of_indexes(cursor):
    """Those of lists and pages, which no sweep asks: kept up for every duty of the pile they cost more than the sweeps."""
    cursor.execute(
        """SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'deadlines_duty'::regclass AND NOT indisprimary
             AND indexrelid NOT IN ('duty_open_of_county'::regclass, 'duty_open_by_amber'::regclass)"""
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")


def naive_sweep(looked):
    """As it is often written: look what is missing, then insert it; `looked` is where the others come in between."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, due_at FROM deadlines_duty AS duty WHERE NOT EXISTS (SELECT FROM deadlines_reminder WHERE duty_id = duty.id)"
        )
        missing = cursor.fetchall()
        looked.wait()
        cursor.executemany(
            "INSERT INTO deadlines_reminder (duty_id, stage, due_at, is_urgent, made_at) VALUES (%s, 'amber', %s, false, now())", missing
        )


@pytest.mark.django_db(transaction=True)
def test_three_sweeps_and_three_beats_at_once_make_each_reminder_once(clerk, monkeypatch):
    """The count of faults is first shown to see them: a sweep that checks and then inserts, without the key, makes each three times."""
    key = "one_reminder_per_duty_stage_and_date"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE deadlines_reminder DROP CONSTRAINT {key}")
        pile_of_duties(200, by=clerk, **DATES)
        looked = Barrier(3)
        at_once(*[lambda: naive_sweep(looked)] * 3)
        assert faults() == (200, 0)
        cursor.execute("DELETE FROM deadlines_reminder")
        cursor.execute("DELETE FROM deadlines_duty")
        cursor.execute(f"ALTER TABLE deadlines_reminder ADD CONSTRAINT {key} UNIQUE (duty_id, stage, due_at)")
        let_go_of_indexes(cursor)  # the structure was touched above: this clone is given up afterwards
    monkeypatch.setattr(sweeping, "BATCH", BATCH)
    pile_of_duties(DUTIES, by=clerk, **DATES)
    assert faults() == (0, DUTIES)
    at_once(sweep, sweep, sweep, *[lambda: tasks.sweep.apply(throw=True)] * 3)
    assert faults() == (0, 0)
    assert Reminder.objects.count() == DUTIES


@pytest.mark.django_db(transaction=True)
def test_a_sweep_killed_in_the_middle_is_finished_by_the_next(clerk, monkeypatch):
    """Its server process is ended after the second batch was written and before it was committed."""
    pile_of_duties(120, by=clerk, **DATES)
    insert, batches = sweeping._insert, []

    def killed(statement, values):
        found = insert(statement, values)
        batches.append(found)
        if len(batches) == 2:
            params = {k: v for k, v in connection.get_connection_params().items() if k not in {"cursor_factory", "context"}}
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pid = cursor.fetchone()
            killer = psycopg2.connect(**params)
            killer.cursor().execute("SELECT pg_terminate_backend(%s)", pid)
            killer.close()
        return found

    monkeypatch.setattr(sweeping, "BATCH", 50)
    monkeypatch.setattr(sweeping, "_insert", killed)
    with house_clock.set_clock(NIGHT):
        with pytest.raises(OperationalError):
            sweep()
        connection.close()
        assert Reminder.objects.count() == 50
        monkeypatch.setattr(sweeping, "_insert", insert)
        assert sweep().made["amber"] == 70
    assert faults() == (0, 0)
