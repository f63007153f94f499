"""A state laid down is the state that was walked: what makes `tests/replay.py` safe to lean on."""

from typing import Any

import pytest
from django.db import connection, transaction

from referrals.models import Referral
from tests import replay
from tests.households import factories
from tests.households.factories import HouseholdFactory, person
from tests.referrals.factories import ReferralFactory, set_figure

pytestmark = pytest.mark.django_db
STATE: dict[str, Any] = {"program": "MZ01", "approved": True}


def everything() -> dict[str, list[str]]:
    """Every row of every table but the sessions and what triggers write beside, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if name not in {"django_session", replay.WRITTEN_BESIDE}]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found[table] = sorted(row for (row,) in cursor.fetchall())
    return found


def dealt() -> int:
    """How many numbers people have been dealt so far, this one among them."""
    return next(factories._serial)


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch):
    monkeypatch.setattr(replay._memory, "shelf", None)
    replay.forget()
    yield
    replay.forget()


def test_what_is_laid_down_is_what_was_walked():
    before = everything()
    with replay.undone_afterwards(), transaction.atomic():
        walked_key = ReferralFactory(**STATE).pk
        walked = everything()
        transaction.set_rollback(True)
    assert everything() == before != walked
    number = dealt()
    again = ReferralFactory(**STATE)
    assert dealt() == number + 1, "nobody was entered anew"
    assert (again.pk, again.status) == (walked_key, "decided")
    changed = {table for table, rows in walked.items() if rows != everything()[table]}
    assert not changed


def test_after_it_the_verbs_go_on():
    with replay.undone_afterwards(), transaction.atomic():
        ReferralFactory(dispatched=True)
        transaction.set_rollback(True)
    rows = [ReferralFactory(dispatched=True), *(ReferralFactory(dispatched=True) for _ in range(2))]
    assert len({row.pk for row in rows}) == Referral.objects.count() == 3
    assert len({row.case_household_id for row in rows}) == 3


def test_what_was_written_before_makes_it_a_walk():
    with replay.undone_afterwards(), transaction.atomic():
        first = ReferralFactory(dispatched=True)
        transaction.set_rollback(True)
    set_figure("a_figure_of_this_test", 5)
    assert ReferralFactory(dispatched=True).pk != first.pk


def test_a_person_of_ones_own_is_not_remembered():
    HouseholdFactory(members=[person("02", name="虚自带")])
    assert not replay._memory.states


def test_another_moment_is_another_state(clock):
    with replay.undone_afterwards(), transaction.atomic():
        first = HouseholdFactory()
        transaction.set_rollback(True)
    clock.forward(days=1)
    assert HouseholdFactory().pk != first.pk


def test_what_another_worker_walked_is_laid_down(tmp_path, monkeypatch):
    replay.share(tmp_path)
    replay.begin_test()
    with replay.undone_afterwards(), transaction.atomic():
        walked_key = ReferralFactory(**STATE).pk
        walked = everything()
        transaction.set_rollback(True)
    assert list(tmp_path.iterdir())
    (what, *_) = replay._memory.states
    replay.forget()
    replay.begin_test()
    assert replay._fetch(what) is None, "one's own is walked again: the factories may have dealt its numbers to others"
    monkeypatch.setattr("os.getpid", lambda: 1)
    assert ReferralFactory(**STATE).pk == walked_key
    assert not {table for table, rows in walked.items() if rows != everything()[table]}


def test_what_goes_with_a_file_or_an_account_stays_with_its_worker(tmp_path):
    replay.share(tmp_path)
    replay.begin_test()
    table = replay._Table("documents_attachment", "id", "id", "1\n", [1])
    replay._leave("state", replay._State([table], [], Referral, 1))
    assert not list(tmp_path.iterdir())
