"""A part slipped in while its version is being published waits, and is refused."""

import threading
import time
from datetime import date

import pytest
from django.db import IntegrityError, connection, connections, transaction

from programs import transitions
from programs.models import Stage
from tests.cast import member
from tests.programs.factories import draft_version, give_figures

pytestmark = pytest.mark.django_db(transaction=True)


def waiting_for_a_lock() -> bool:
    """Somebody for ours: other databases of this server have waits of their own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return cursor.fetchone()[0] > 0


def test_a_stage_added_during_publication_is_refused():
    draft = draft_version("MZ04", by=member("platform"))
    give_figures(draft)
    stage = Stage.objects.filter(track__version=draft).first()
    assert stage
    outcome: list[object] = []

    def slip_in() -> None:
        try:
            stage.pk, stage.order = None, 9
            stage.save(force_insert=True)
            outcome.append("stored")
        except IntegrityError as refused:
            outcome.append(refused)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slip_in)
    with transaction.atomic():
        transitions.publish(version_id=draft.pk, valid_from=date(2026, 10, 1), by=member("platform_approver"))
        thread.start()
        give_up = time.monotonic() + 30
        while not waiting_for_a_lock() and time.monotonic() < give_up:
            time.sleep(0.02)
        assert waiting_for_a_lock()
        assert outcome == []
    thread.join(timeout=30)
    assert len(outcome) == 1
    assert "never changes" in str(outcome[0])
