"""Several people at one row in the same moment: for tests that commit (`transaction=True`), a connection for each."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

from django.db import connections

from config import clock

PATIENCE = 30


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
