"""Starting, sharing and leaving a server: the users' side of `keeper.py`."""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from .places import LocalServerError, Site, as_server_user, plain_environment, private

READY_WITHIN = 60  # seconds: the recovery after a hard stop is part of a start
GONE_WITHIN = 40  # seconds: a little more than the keeper gives its server


@dataclass(frozen=True)
class Server:
    """How one server of a site is started and asked whether it answers."""

    site: Site
    title: str
    name: str
    command: list[str]
    stop_signal: int
    is_ready: Callable[[], bool]
    prepare: Callable[[], None] = field(default=lambda: None)  # what must be there before a start, and is not touched while it runs
    settle: Callable[[], None] = field(default=lambda: None)  # what a server that answers still needs before anybody uses it

    @property
    def keeper(self) -> Path:
        return self.site.file(f"-{self.name}.keeper")

    @property
    def log(self) -> Path:
        return self.site.file(f"-{self.name}.log")


def is_kept(server: Server) -> bool:
    """Whether a keeper holds this server."""
    with open(server.keeper, "a+", opener=private) as file:
        return not _try(file, fcntl.LOCK_SH)


def ensure(server: Server) -> None:
    """The server answers when this returns. Called by one user at a time, who holds the shared lock of the users."""
    alive: int | None = None
    if not is_kept(server):
        server.prepare()
        alive = _launch(server)
    try:
        until = time.monotonic() + READY_WITHIN
        while not server.is_ready():
            is_gone = bool(select.select([alive], [], [], 0)[0]) if alive is not None else not is_kept(server)
            if is_gone or time.monotonic() > until:
                raise LocalServerError(f"{server.title} 没有启动成功，原因见 {server.log} 的末尾。")
            time.sleep(0.03)
    finally:
        if alive is not None:
            os.close(alive)
    server.settle()


def _launch(server: Server) -> int:
    """Start the keeper; returns a descriptor that becomes readable when the keeper ends."""
    order = {
        "users": str(server.site.file(".users")),
        "keeper": str(server.keeper),
        "log": str(server.log),
        "command": server.command,
        "stop_signal": server.stop_signal,
        "as_user": as_server_user(),
    }
    alive, theirs = os.pipe()
    script = Path(__file__).with_name("keeper.py")
    try:
        with open(server.log, "ab", opener=private) as log:
            subprocess.run(
                [sys.executable, "-I", "-S", str(script), json.dumps(order)],
                check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[theirs], cwd="/", env=plain_environment(),
            )  # fmt: skip
    except subprocess.CalledProcessError:
        os.close(alive)
        raise LocalServerError(f"{server.title} 没有启动成功，原因见 {server.log} 的末尾。") from None
    finally:
        os.close(theirs)
    return alive


@contextmanager
def use(site: Site, servers: list[Server]) -> Iterator[None]:
    """Use servers of a site: the first one in starts them, the last one out stops them and waits until they are gone."""
    with open(site.file(".users"), "a", opener=private) as users:
        try:
            with _turn(site):
                fcntl.flock(users, fcntl.LOCK_SH)  # waits while a keeper that was left alone stops its server
                for server in servers:
                    ensure(server)
            yield
        finally:
            with _turn(site):
                _leave(users, servers)


def revive(server: Server) -> None:
    """Start a server again that ended while it is used."""
    with _turn(server.site):
        ensure(server)


def _leave(users: IO[str], servers: list[Server]) -> None:
    for _ in range(len(servers) + 1):
        if _try(users, fcntl.LOCK_EX):  # nobody else: end the keepers ourselves, so that nothing is left when this command ends
            for server in servers:
                _end_keeper(server)
            with suppress(OSError):
                servers[0].site.socket_dir.rmdir()
            return
        fcntl.flock(users, fcntl.LOCK_SH)  # other users, or a keeper that was quicker: then it is done when this returns


def _end_keeper(server: Server) -> None:
    with open(server.keeper, "a+", opener=private) as file:
        if _try(file, fcntl.LOCK_EX):
            return
        file.seek(0)
        os.kill(int(file.read()), signal.SIGTERM)  # the lock is held, so this process id is the keeper's
        until = time.monotonic() + GONE_WITHIN
        while not _try(file, fcntl.LOCK_EX) and time.monotonic() < until:
            time.sleep(0.02)


@contextmanager
def _turn(site: Site) -> Iterator[None]:
    """Starting and leaving are done by one at a time."""
    with open(site.file(".turn"), "a", opener=private) as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _try(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
