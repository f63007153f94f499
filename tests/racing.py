"""Several people at one row in the same moment: for tests that commit (`transaction=True`), a connection for each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Event, Thread
from typing import Any

from django.db import connection, connections, transaction

from config import clock

PATIENCE = 30
AWAITED = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Start all calls together; what each returned or raised, in the order of the calls. The clock stands still for all of them."""
    moment, barrier = clock.now(), Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        with clock.set_clock(moment):
            barrier.wait(PATIENCE)
            try:
                answers[place] = call()
            except BaseException as refused:  # noqa: BLE001 - whatever it is, it is the answer
                answers[place] = refused
            finally:
                connections.close_all()

    threads = [Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a call never came back"
    return answers


@contextmanager
def under_way(act: Callable[[], Any], *, until_awaited: bool = False) -> Iterator[None]:
    """Somebody else's transaction, which has done `act` and is open while the block runs, or until somebody waits for what it holds.

    The block's own connection waits a fifth of a second for a lock where the other does not end, as the house waits five.
    """
    done, over, raised = Event(), Event(), []

    def hold() -> None:
        try:
            with clock.set_clock(moment), transaction.atomic():
                act()
                done.set()
                if until_awaited:
                    _wait_until_awaited(over)
                else:
                    over.wait(PATIENCE)
        except BaseException as wrong:  # noqa: BLE001 - told below
            raised.append(wrong)
        finally:
            done.set()
            connections.close_all()

    moment, other = clock.now(), Thread(target=hold, daemon=True)
    other.start()
    assert done.wait(PATIENCE)
    try:
        _run("SET lock_timeout = '10s'" if until_awaited else "SET lock_timeout = '200ms'")
        yield
    finally:
        over.set()
        other.join(PATIENCE)
        _run("RESET lock_timeout")
    assert not raised, raised


def _wait_until_awaited(over: Event) -> None:
    while not over.wait(0.05):
        with connection.cursor() as cursor:
            cursor.execute(AWAITED)
            if cursor.fetchone()[0]:
                return


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
