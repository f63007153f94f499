"""Keeps one server as long as somebody uses it. A script of its own, standard library only: `python -I -S keeper.py '<json>'`.

Everybody who uses a server holds a shared lock on the `users` file. The keeper waits for the exclusive lock: it gets it when the last
user is gone, however that one went (an exit, Ctrl-C, kill -9), and then stops the server. Should the keeper itself be killed, the kernel
tells the server to stop (PR_SET_PDEATHSIG). So no server outlives its users. While the server lives the keeper holds the lock on its
`keeper` file, which carries its process id.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from types import FrameType
from typing import Any

STOP_WITHIN = 30  # seconds, then SIGKILL
PR_SET_PDEATHSIG = 1


def main() -> None:
    order = json.loads(sys.argv[1])
    keeper = os.open(order["keeper"], os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(keeper, fcntl.LOCK_EX)
    if os.fork():
        os._exit(0)  # whoever asked goes on; the lock stays with the child
    os.setsid()
    os.ftruncate(keeper, 0)
    os.write(keeper, str(os.getpid()).encode())
    keep(order, keeper)


def keep(order: dict[str, Any], keeper: int) -> None:
    me, libc = os.getpid(), ctypes.CDLL(None)

    def die_with_the_keeper() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # a mask is inherited, and would make the server deaf
        libc.prctl(PR_SET_PDEATHSIG, order["stop_signal"])
        if os.getppid() != me:
            os._exit(1)

    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    # From here on no stop is lost: SIGTERM waits until there is a server to hand it to.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    server = subprocess.Popen(
        order["command"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        start_new_session=True,
        preexec_fn=die_with_the_keeper,
        restore_signals=True,
        **order["as_user"],
    )
    os.dup2(log, 1)
    os.dup2(log, 2)

    def stop(_number: int = 0, _frame: FrameType | None = None) -> None:
        server.send_signal(order["stop_signal"])
        overdue = threading.Timer(STOP_WITHIN, server.kill)
        overdue.daemon = True
        overdue.start()

    def stop_after_the_last_user() -> None:
        users = os.open(order["users"], os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_EX)
        stop()

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=stop_after_the_last_user, daemon=True).start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    code = server.wait()
    os.close(keeper)  # before the users' lock goes with this process: whoever gets that one next must not take us for alive
    os._exit(0 if code in {0, -order["stop_signal"]} else 1)


if __name__ == "__main__":
    main()
