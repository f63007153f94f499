"""Starts the clients and the extra drain: one process loads Django, each player is a fork of it. `python -m tests.faults.players FOLDER`.

On standard input a line `NAME`, on standard output its process id. A player killed with -9 takes nothing along; all go with us.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

PACE = 0.12


def main() -> None:
    django.setup()
    import config.urls  # noqa: F401  (once, for all of them)
    from tests.faults import trade, window  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries who was killed
    folder = Path(sys.argv[1])
    state = json.loads((folder / "state.json").read_text())
    for line in sys.stdin:
        name = line.strip()
        pid = os.fork()
        if pid == 0:
            _play(name, folder, state)
        print(pid, flush=True)


def _play(name: str, folder: Path, state: dict[str, Any]) -> None:
    from config.local.processes import die_with_parent

    os.setsid()
    die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    threading.excepthook = lambda raised: _tell(folder, name, raised.exc_value)
    try:
        PLAYERS[name](folder, state)
    except BaseException as raised:  # noqa: BLE001 - a fork must never come back into the loop above
        _tell(folder, name, raised)
    finally:
        sys.stderr.flush()
        os._exit(0)


def _tell(folder: Path, name: str, raised: BaseException | None) -> None:
    """A client that the house has answered wrongly: the drill reads it at its end."""
    with open(folder / "failed", "a") as failed:
        failed.write(f"{name}: {''.join(traceback.format_exception(raised))}\n")


def _trader(number_from: int) -> Callable[[Path, dict[str, Any]], None]:
    def play(folder: Path, state: dict[str, Any]) -> None:
        from tests.faults.trade import Trader, insist

        trader, _ = insist(lambda: Trader("trader", folder, state, state["seed"], number_from))
        trader.run(PACE)

    return play


def _window(folder: Path, state: dict[str, Any]) -> None:
    from tests.faults.window import Window

    Window(folder, state, state["seed"], state["port"]).run(PACE)


def _command(name: str, pause: float) -> Callable[[Path, dict[str, Any]], None]:
    """`manage.py NAME`, over and over, as cron would."""

    def play(folder: Path, state: dict[str, Any]) -> None:
        from django.core.management import CommandError, call_command
        from django.db import Error, connections

        with open(os.devnull, "w") as nowhere:
            while not (folder / "stop").exists():
                try:
                    call_command(name, stdout=nowhere, stderr=nowhere)
                except (Error, CommandError):
                    connections.close_all()
                time.sleep(pause)

    return play


def _finish(folder: Path, state: dict[str, Any]) -> None:
    from tests.faults.trade import finish

    finish()


PLAYERS = {
    "trader": _trader(1_000_000),
    "window": _window,
    "drain": _command("drain", 0.25),
    "due": _command("run_due", 0.5),
    "finish": _finish,
}

if __name__ == "__main__":
    main()
