"""Each check of the drill is shown a house that does it wrong, and says so: a check that never fails shows nothing."""

import json
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from django.db import connection, connections

from deadlines.transitions import announce, drain, outbox
from organization.transitions import mobiles
from referrals import transitions
from tests.deadlines import factories as duties
from tests.racing import race
from tests.referrals.factories import ReferralFactory, decision

from . import naive
from .checks import (
    Evidence,
    acknowledged_writes,
    doubled_effects,
    lost_notices,
    served_without_the_broker,
    whole_transactions,
)
from .ledger import Ledger, read
from .servers import PrivateSite, Valkey
from .trade import subject

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def killed_at_the_hole(act) -> None:
    """`act(hole)` in a process of its own that is killed at its hole: kill -9, as the drill does it."""
    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=lambda: act(lambda: os.kill(os.getpid(), signal.SIGKILL)))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL


def both_have_looked():
    """A hole in which two wait for each other: each has looked, neither has written."""
    barrier = threading.Barrier(2)
    return lambda: barrier.wait(30)


@pytest.fixture
def seen(tmp_path):
    """What the checks are given: the ledger of this test, its database on a connection of its own, the gateway's folder."""
    opened = []
    params = {k: v for k, v in connection.get_connection_params().items() if k not in {"cursor_factory", "context"}}

    def evidence() -> Evidence:
        opened.append(psycopg2.connect(**params))
        return Evidence(read(tmp_path), opened[-1], tmp_path / "sms")

    yield evidence
    for one in opened:
        one.close()


@pytest.fixture(autouse=True)
def _nobody_is_woken(monkeypatch):
    """The bed's Celery does at once what it is woken for: the drains of these tests are their own."""
    monkeypatch.setattr(outbox, "wake", lambda: None)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "client.ledger")


@pytest.fixture
def broker():
    folder = Path(tempfile.mkdtemp(prefix="zx-faults-", dir="/tmp"))  # noqa: S108
    folder.chmod(0o711)
    server = Valkey(PrivateSite("faults", is_durable=True, folder=folder))
    server.start()
    yield server
    server.kill()
    shutil.rmtree(folder)


def test_a_drain_that_marks_before_it_sends_loses_what_it_was_killed_over(clerk, reviewer, seen, settings):
    """The notices were never shown, and the gateway has never had the texts."""
    settings.SMS_GATEWAY = "tests.faults.gateway.SocketGateway"
    mobiles.text_me(number="13800138000", by=reviewer)
    for number in range(3):
        announce("faults.said", subject(number), to=[clerk.unit, reviewer.staff], is_urgent=True, title="演练消息")
    killed_at_the_hole(naive.drain_marks_then_sends)
    naive.drain_marks_then_sends(lambda: None)  # the next one finds nothing to do
    said = lost_notices(seen()).wrong
    assert len([wrong for wrong in said if "is not to be seen" in wrong]) == 6
    assert len([wrong for wrong in said if "the gateway has nothing" in wrong]) == 3


def test_a_drain_that_sends_before_it_marks_and_gives_no_key_sends_twice(clerk, seen, tmp_path):
    folder = tmp_path / "sms"
    folder.mkdir()

    def send(key: str, text: str) -> None:
        (folder / f"{uuid4()}.json").write_text(json.dumps({"key": key, "text": text}))

    announce("faults.said", subject(1), to=clerk.unit, title="演练消息")
    killed_at_the_hole(lambda hole: naive.drain_sends_then_marks(send, hole))
    naive.drain_sends_then_marks(send, lambda: None)
    assert any("short messages under one key" in wrong for wrong in doubled_effects(seen()).wrong)


def test_who_reads_before_writing_decides_twice(approver, second_approver, seen, ledger):
    referral, hole = ReferralFactory(deciding=True), both_have_looked()
    people = {"approver": approver, "second_approver": second_approver}
    won = race(*(lambda by=by: naive.decide_reads_then_writes(referral.pk, by, hole) for by in people.values()))
    assert won == [True, True]
    for name in people:
        ledger.write("referral.decided", referral=str(referral.pk), by=name)
    evidence = seen()
    said = " ".join(doubled_effects(evidence).wrong)
    for what in ("lines of the record: referral.decided", "news told to the same target", "approvers who were told that it was theirs"):
        assert what in said
    assert any("referral.decided was acknowledged and is gone" in wrong for wrong in acknowledged_writes(evidence).wrong)


def test_a_decision_in_two_transactions_is_torn_by_a_kill(approver, seen):
    naively, rightly = ReferralFactory(deciding=True), ReferralFactory(deciding=True)
    killed_at_the_hole(lambda hole: naive.decide_in_two_transactions(naively.pk, approver, hole))
    transitions.decide(referral_id=rightly.pk, by=approver, **decision(rightly))
    drain()
    wrong = whole_transactions(seen()).wrong
    assert [one for one in wrong if one.startswith("decided referral")] == wrong
    assert len(wrong) == 1
    assert naively.number in wrong[0]


def test_two_beats_that_look_before_they_insert_remind_twice(clerk, seen):
    duty = duties.open_duty(clerk)
    with connection.cursor() as cursor:  # this clone alone loses the key by which the house refuses the second
        cursor.execute("ALTER TABLE deadlines_reminder DROP CONSTRAINT one_reminder_per_duty_stage_and_date")
    first, second = both_have_looked(), both_have_looked()
    assert race(*[lambda: naive.remind_unless_reminded(duty, first)] * 2) == [None, None]
    assert race(*[lambda: naive.announce_unless_announced(subject(7), clerk.unit, second)] * 2) == [None, None]
    said = " ".join(doubled_effects(seen()).wrong)
    assert "reminders of one date" in said
    assert "news told to the same target" in said


def test_a_fact_that_lives_on_the_broker_goes_with_it(clerk, broker, seen, ledger):
    client = broker.client()
    for number in (1, 2):
        naive.announce_on_the_broker(client, number)
        ledger.write("announced", subject=number)
    broker.flush()
    naive.consume_from_the_broker(client, clerk.unit, subject)
    assert acknowledged_writes(seen()).wrong == [f"announced was acknowledged and is gone: {number}" for number in (1, 2)]
    broker.kill()
    decided: list[int] = []
    answered = [naive.serve_only_with_the_broker(client, lambda: decided.append(1)) for _ in range(3)]
    away = {"answered": sum(answered), "decided": len(decided), "readyz": 200, "broker_ok": True, "database_ok": True}
    assert len(served_without_the_broker([away]).wrong) == 3
    client.close()
