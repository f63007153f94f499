"""How Celery's two long-lived processes give their signs of life (`config.heartbeats`)."""

import time
from datetime import UTC, datetime
from typing import Any

from celery import beat, bootsteps

from . import heartbeats
from .memory import settle


class WorkerPulse(bootsteps.StartStopStep):
    """The worker's main loop writes its own heartbeat; after the pool, so that no connection is open when it forks."""

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        settle()  # all is loaded, and no process of the pool forked yet
        self._repeated: Any = None

    def start(self, parent: Any) -> None:
        heartbeats.write_from_loop(heartbeats.WORKER)
        self._repeated = parent.timer.call_repeatedly(heartbeats.EVERY, heartbeats.write_from_loop, (heartbeats.WORKER,))

    def stop(self, parent: Any) -> None:
        if self._repeated:
            self._repeated.cancel()


class Scheduler(beat.Scheduler):
    """The static schedule, in memory: no file of its own that a kill could break.

    Every entry is due when beat starts, so a beat that was down makes up for what it missed; the tasks are idempotent.
    """

    _next_pulse = 0.0

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = datetime(2000, 1, 1, tzinfo=UTC)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() >= self._next_pulse:
            heartbeats.write_from_loop(heartbeats.BEAT)
            self._next_pulse = time.monotonic() + heartbeats.EVERY
        return super().tick(*args, **kwargs)
