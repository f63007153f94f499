"""Work in shares: each in a process of its own, and what one cannot do keeps no other from its end."""

import os

import pytest

from config.local.side_by_side import side_by_side


@pytest.fixture
def here(tmp_path):
    """Leaves a file for each share, with the process that did it, and fails in FAILING_SHARE."""

    def work(share: int) -> None:
        (tmp_path / str(share)).write_text(str(os.getpid()))
        if share == int(os.environ.get("FAILING_SHARE", "-1")):
            raise RuntimeError("no")

    work.done = lambda: {int(path.name): int(path.read_text()) for path in tmp_path.iterdir()}
    return work


@pytest.mark.django_db(transaction=True)
def test_each_share_has_its_own_process(here):
    assert side_by_side(here, 2)
    assert set(here.done()) == {0, 1}
    assert len({os.getpid(), *here.done().values()}) == 3


@pytest.mark.django_db(transaction=True)
def test_a_share_that_fails_is_told_and_stops_no_other(here, monkeypatch):
    monkeypatch.setenv("FAILING_SHARE", "0")
    assert not side_by_side(here, 2)
    assert set(here.done()) == {0, 1}


@pytest.mark.django_db
def test_inside_a_transaction_the_shares_follow_one_another(here):
    assert side_by_side(here, 2)
    assert set(here.done().values()) == {os.getpid()}
