"""Child processes that cannot outlive us, and those of a start that was killed."""

import ctypes
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .keeper import PR_SET_PDEATHSIG

_libc = ctypes.CDLL(None)  # looked up before any fork


def dying_with_us(with_signal: int = signal.SIGTERM) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the child `with_signal` when this process goes, however it goes."""
    me = os.getpid()

    def arm() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, with_signal)
        if os.getppid() != me:
            os._exit(1)

    return arm


def die_with_parent() -> None:
    """Have the kernel send this process SIGTERM when its parent goes."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def started_at(pid: int) -> str | None:
    """When the kernel started this process (ticks since boot), or None: together with it a process id names one process for ever."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in {"Z", "X"} else rest[18]


def signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def end_leftovers(found: Iterable[tuple[int, str]], *, within: float = 15) -> int:
    """End the process groups of an earlier start, given as (process id, started_at); returns how many there were."""
    alive = [(pid, at) for pid, at in found if started_at(pid) == at]
    for pid, _ in alive:
        signal_group(pid, signal.SIGTERM)
    until = time.monotonic() + within
    while any(started_at(pid) == at for pid, at in alive) and time.monotonic() < until:
        time.sleep(0.05)
    for pid, at in alive:
        if started_at(pid) == at:
            signal_group(pid, signal.SIGKILL)
    return len(alive)
