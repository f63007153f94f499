"""kill -9 in the middle of a file's way in: nothing half entered, and the next runner does it whole, once (SECURITY R9)."""

import multiprocessing
import os
import signal

import pytest
from django.db import OperationalError, connection, connections

from audit.models import Event
from deadlines import running
from deadlines.models import Job
from spreadsheets import declaration, transitions
from spreadsheets.models import Batch, Effect, StagedRow
from spreadsheets.transitions import applying, reading, undoing
from tests.protection_app.models import Person
from tests.spreadsheets import people
from tests.spreadsheets.factories import handed_in, line, run

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
S = Batch.Status


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    monkeypatch.setattr("deadlines.transitions.jobs.wake", lambda: None)
    return people.register()


def killed_at(monkeypatch, module, name: str) -> None:
    """The next job in a process of its own, killed where it has called `name`: what it wrote until then is uncommitted.

    On a busy machine the database may break a runner off before it comes so far: it puts its job back and ends by itself. The next one is
    killed then.
    """
    whole = getattr(module, name)

    def die(*arguments, **named):
        whole(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    connections.close_all()
    with monkeypatch.context() as patched:
        patched.setattr(module, name, die)
        child = _runner()
        if child.exitcode == 0 and Job.objects.filter(status="queued", tries=1).exists():
            connections.close_all()
            child = _runner()
    said = list(Job.objects.order_by("asked_at").values_list("kind", "status", "tries", "step", "error"))
    assert child.exitcode == -signal.SIGKILL, f"not killed, but ended with {child.exitcode}: {said}"


def _runner() -> multiprocessing.process.BaseProcess:
    child = multiprocessing.get_context("fork").Process(target=running.run_next)
    child.start()
    child.join(60)
    return child


def the_hold_runs_out() -> None:
    """What a runner holds is of the database's clock: a minute passes for this one."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE deadlines_job SET leased_until = statement_timestamp() - interval '1 second' WHERE status = 'running'")
        assert cursor.rowcount == 1


@pytest.fixture(params=[0, 1], ids=["at once", "the database away when one begins"])
def broken_off(request, monkeypatch, tmp_path):
    """So many runners find the database away when their work begins; how many."""
    begin = running.Reporter.begin

    def away(reporter):
        broken = len(list(tmp_path.iterdir()))
        if broken < request.param:
            (tmp_path / str(broken)).touch()
            raise OperationalError("connection timed out")
        begin(reporter)

    monkeypatch.setattr(running.Reporter, "begin", away)
    return request.param


def test_a_file_whose_runners_are_killed_is_read_entered_and_taken_back_whole(clerk, monkeypatch, broken_off):
    batch = handed_in([line("虚构乙"), line("虚构丙")], by=clerk)

    killed_at(monkeypatch, reading, "compare")
    batch.refresh_from_db()
    assert (batch.status, StagedRow.objects.count()) == (S.READING, 0)
    the_hold_runs_out()
    run()
    batch.refresh_from_db()
    assert (batch.status, StagedRow.objects.filter(batch=batch, outcome="new").count()) == (S.READY, 2)

    transitions.propose(batch_id=batch.pk, by=clerk)
    killed_at(monkeypatch, applying, "record")
    batch.refresh_from_db()
    assert (batch.status, Person.objects.count(), Effect.objects.count()) == (S.APPLYING, 0, 0)
    the_hold_runs_out()
    run()
    batch.refresh_from_db()
    assert (batch.status, Person.objects.count(), sum(len(one.row_ids) for one in Effect.objects.all())) == (S.APPLIED, 2, 2)
    assert Event.objects.filter(verb="batch.applied").count() == 1
    assert Event.objects.filter(verb="person.listed").count() == 2

    transitions.ask_undo(batch_id=batch.pk, reason="报错了月份", by=clerk)
    killed_at(monkeypatch, undoing, "record")
    batch.refresh_from_db()
    assert (batch.status, Person.objects.count()) == (S.APPLIED, 2)
    the_hold_runs_out()
    run()
    batch.refresh_from_db()
    assert (batch.status, Person.objects.count()) == (S.UNDONE, 0)
    assert sorted(Job.objects.values_list("status", "tries")) == sorted([("done", 2 + broken_off), ("done", 2), ("done", 2)])
