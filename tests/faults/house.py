"""The house under faults: its servers, its processes, and the ways in which each of them is killed."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from config.local.places import BASE_DIR, own

from .servers import Child, PostgreSQL, PrivateSite, Valkey, wait_until

PLAYING = ("drain", "due", "trader", "window")
# Variables of the bed's that the house must not see.
DROPPED = ("PYTEST_", "PG", "COV_", "DJANGO_", "DATABASE_URL", "CELERY_")


class House:
    """Servers first, then web, worker, beat and the players. Everything lies in one folder and dies with us."""

    def __init__(self, folder: Path) -> None:
        site = PrivateSite("faults", is_durable=True, folder=folder)
        self.folder, self.postgres, self.broker = folder, PostgreSQL(site), Valkey(site)
        self.desk = folder / "desk"  # what the clients and the gateway write
        own(self.desk, os.geteuid())
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self.listener.getsockname()[1]
        python, fd = sys.executable, self.listener.fileno()
        celery = [python, "-m", "celery", "-A", "config"]
        web = [python, "-m", "gunicorn", "-c", "config/gunicorn.py", "--bind", f"fd://{fd}", "--workers", "2", "--log-level", "warning"]
        worker = [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        self.web = self._child("web", web, pass_fds=(fd,))
        self.worker = self._child("worker", worker)
        self.beat = self._child("beat", [*celery, "beat"])
        self.second_beat = self._child("second_beat", [*celery, "beat"])
        self.gateway = self._child("gateway", [python, "tests/faults/gateway.py", str(self.desk)])
        self.players = self._child(
            "players", [python, "-m", "tests.faults.players", str(self.desk)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.playing: dict[str, int] = {}

    def _child(self, name: str, command: list[str], **options: Any) -> Child:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(DROPPED)}
        environment = kept | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": self.postgres.url,
            "CELERY_BROKER_URL": self.broker.url,
            "FAULTS_BEGAN": str(int(time.time())),
            "FAULTS_DESK": str(self.desk),
            "PYTHONUTF8": "1",
        }
        return Child(name, command, self.folder / f"{name}.log", environment=environment, cwd=BASE_DIR, **options)

    # ── starting and stopping ───────────────────────────────────────────────────────────────────────────────────────────
    def open(self, source: dict[str, Any], state: dict[str, Any]) -> None:
        (self.desk / "state.json").write_text(json.dumps({**state, "port": self.port}))
        self.postgres.make()
        self.postgres.start()
        self.postgres.fill_from(source)
        self.broker.start()
        for part in (self.gateway, self.web, self.worker, self.beat, self.second_beat, self.players):
            part.start()
        wait_until(self.is_serving, f"the web answers, see {self.web.log}")
        for name in PLAYING:
            self.play(name)

    def play(self, name: str) -> None:
        """Have a player start: a fork of the one process that has loaded Django."""
        pipe = self.players.process
        assert pipe
        assert pipe.stdin
        assert pipe.stdout
        pipe.stdin.write(f"{name}\n".encode())
        pipe.stdin.flush()
        self.playing[name] = int(pipe.stdout.readline())

    def is_playing(self, name: str) -> bool:
        return Path(f"/proc/{self.playing[name]}").exists()

    def close(self) -> None:
        for part in (self.players, self.beat, self.second_beat, self.worker, self.web, self.gateway, self.broker, self.postgres):
            part.kill()
        for pid in self.playing.values():
            _kill(pid)
        for pipe in (self.players.process.stdin, self.players.process.stdout) if self.players.process else ():
            assert pipe
            pipe.close()
        self.listener.close()

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def is_serving(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def readiness(self) -> dict[str, Any]:
        """What /readyz says, and with which status."""
        status, said = self.get("/readyz")
        return {"status": status, **{name: check["ok"] for name, check in json.loads(said)["checks"].items()}}

    def pulse(self, name: str) -> Any:
        """When a part last gave a sign of life, by the database's clock."""
        rows = self.postgres.ask("SELECT at FROM config_heartbeat WHERE name = %s", name)
        return rows[0][0] if rows else None


def _kill(pid: int, number: int = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


# ── the faults: each kills, and returns how to recover ──────────────────────────────────────────────────────────────────────
Recovery = Callable[[], None]
FAULTS: dict[str, Callable[[House, Random], Recovery]] = {}


def fault(act: Callable[[House, Random], Recovery]) -> Callable[[House, Random], Recovery]:
    FAULTS[act.__name__] = act
    return act


def _again(house: House, part: Child, pulse: str) -> Recovery:
    """Start it again, until it gives a sign of life of its own."""

    def recover() -> None:
        before = house.pulse(pulse)
        part.start()
        wait_until(lambda: house.pulse(pulse) != before, f"{part.name} lives again, see {part.log}")

    return recover


@fault
def worker(house: House, rng: Random) -> Recovery:
    """The worker with all its processes."""
    house.worker.kill()
    return _again(house, house.worker, "worker")


@fault
def task(house: House, rng: Random) -> Recovery:
    """One of the worker's processes, whatever it is at; the worker makes another."""
    children = house.worker.children()
    if children:
        _kill(rng.choice(sorted(children)))
    return lambda: None


@fault
def beat(house: House, rng: Random) -> Recovery:
    house.beat.kill()
    return _again(house, house.beat, "beat")


@fault
def drain(house: House, rng: Random) -> Recovery:
    _kill(house.playing["drain"])
    return lambda: house.play("drain")


@fault
def due(house: House, rng: Random) -> Recovery:
    """`manage.py run_due`, which does the same as worker and beat without them."""
    _kill(house.playing["due"])
    return lambda: house.play("due")


@fault
def web(house: House, rng: Random) -> Recovery:
    """One of the web's processes, in the middle of whatever it answers."""
    children = house.web.children()
    if children:
        _kill(rng.choice(sorted(children)))
    return lambda: None


@fault
def backend(house: House, rng: Random) -> Recovery:
    """One process of the database: all connections break, and it recovers by itself."""
    house.postgres.kill_backend(rng.choice)
    return lambda: wait_until(house.postgres.server.is_ready, "PostgreSQL has recovered")


@fault
def database(house: House, rng: Random) -> Recovery:
    house.postgres.kill_postmaster()
    return house.postgres.start


@fault
def flush(house: House, rng: Random) -> Recovery:
    """Everything the broker holds is gone."""
    house.broker.flush()
    return lambda: None


@fault
def broker(house: House, rng: Random) -> Recovery:
    """The drill leaves it away until it has seen the house serve and decide without it."""
    house.broker.kill()
    return house.broker.start


@fault
def gateway(house: House, rng: Random) -> Recovery:
    """It hangs: whoever sends waits until it gives up. Meanwhile the house goes on, and afterwards the gateway does."""
    os.kill(house.gateway.pid, signal.SIGSTOP)
    return lambda: os.kill(house.gateway.pid, signal.SIGCONT)


@contextlib.contextmanager
def a_house(folder: Path) -> Iterator[House]:
    house = House(folder)
    try:
        yield house
    finally:
        house.close()
