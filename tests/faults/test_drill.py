"""The house under kill -9: nothing acknowledged is lost, no notice is lost, nothing happens twice, no transaction is torn (issue 6).

`make test` goes through every fault once; `make faults` through fifty and more. `SEED=... ROUNDS=...` drills again.
"""

import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from config.local.places import BASE_DIR

from . import state
from .drill import Drill
from .house import FAULTS, a_house

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

IN_FULL = bool(os.environ.get("ROUNDS"))
ROUNDS = int(os.environ.get("ROUNDS") or len(FAULTS))
SEED = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
SECONDS = float(os.environ.get("FAULTS_SECONDS") or 35)
REPORT = Path(os.environ.get("FAULTS_REPORT") or BASE_DIR / "test-results/faults.json")


@pytest.fixture
def folder():
    """Straight under /tmp: as root the servers run as `nobody`, who must reach theirs, and a socket's path has 107 bytes."""
    path = Path(tempfile.mkdtemp(prefix="zx-faults-", dir="/tmp"))  # noqa: S108
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def test_kills_in_any_order_lose_double_and_tear_nothing(folder):
    broken = ROUNDS // len(FAULTS) + 1  # times the broker is away, with a decision of its own each
    each = 2 if IN_FULL else 1
    prepared = state.prepare(decisions=ROUNDS * each + broken, others=max(4, ROUNDS // 3))
    with a_house(folder) as house:
        house.open(state.source(), {**prepared, "seed": SEED})
        drill = Drill(house, SEED, ROUNDS, until=time.monotonic() + SECONDS, decisions=each, effects=25 if IN_FULL else 10)
        try:
            drill.run()
            found = drill.settle()
        except AssertionError as failed:
            raise AssertionError(f"SEED={SEED} ROUNDS={ROUNDS}, in round {len(drill.done) + 1}: {failed}") from failed
        told = drill.report(found, REPORT)
    assert {one.name: one.wrong for one in found} == {one.name: [] for one in found}, f"SEED={SEED} ROUNDS={ROUNDS}"
    assert all(one.looked_at for one in found if drill.has_met("broker") or one.name != "served_without_the_broker")
    assert told["postgresql"] == {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
