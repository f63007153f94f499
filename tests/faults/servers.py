"""PostgreSQL and Valkey of one drill alone: the house's own launch lines, in a temporary folder, durable as in production.

The keeper of `config.local` would start a killed server's heirs and end them with us; here a server is a plain child that is killed and
started by hand.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.local import postgres, valkey
from config.local.places import Site, as_server_user, own, plain_environment, server_uid
from config.local.processes import dying_with_us

PATIENCE = 90  # seconds: a machine may be busy, a recovery may be long
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@dataclass(frozen=True)
class PrivateSite(Site):
    """A site that lies in a folder of its own."""

    folder: Path = Path()

    @property
    def socket_dir(self) -> Path:
        return self.folder / "s"

    @property
    def state_dir(self) -> Path:
        return self.folder


def wait_until(holds: Callable[[], Any], what: str, within: float = PATIENCE) -> Any:
    until = time.monotonic() + within
    while not (found := holds()):
        assert time.monotonic() < until, f"not within {within:.0f} s: {what}"
        time.sleep(0.05)
    return found


class Child:
    """One process that may be killed and started again; it goes when we go."""

    def __init__(self, name: str, command: list[str], log: Path, *, environment: dict[str, str] | None = None, **options: Any) -> None:
        self.name, self.command, self.log = name, command, log
        self.environment, self.options = environment or plain_environment(), options
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process, self.name
        return self.process.pid

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stderr=log, env=self.environment, start_new_session=True, preexec_fn=dying_with_us(signal.SIGKILL),
                **{"stdin": subprocess.DEVNULL, "stdout": log, **self.options},
            )  # fmt: skip

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9 of the process and of what it has started."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def children(self) -> list[int]:
        """Process ids that name it as their parent."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                is_ours = int(entry.joinpath("stat").read_text().rpartition(")")[2].split()[1]) == self.pid
            except (OSError, ValueError, IndexError):
                continue
            if is_ours:
                found.append(int(entry.name))
        return found


class PostgreSQL(Child):
    """Its data are made here once; afterwards it only knows how to recover."""

    def __init__(self, site: PrivateSite) -> None:
        self.site, self.server = site, postgres.describe(site)
        super().__init__("postgres", self.server.command, site.folder / "postgres.log", cwd="/", **as_server_user())

    @property
    def url(self) -> str:
        return postgres.database_url(self.site)

    def make(self) -> None:
        own(self.site.socket_dir, server_uid())
        own(self.site.cluster_dir, server_uid())
        initdb = [str(postgres.binaries() / "initdb"), "-D", str(self.site.cluster_dir), "-U", "postgres", "--auth=trust"]
        subprocess.run(
            [*initdb, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True, capture_output=True, cwd="/", env=plain_environment(), **as_server_user(),
        )  # fmt: skip

    def start(self) -> None:
        """Until it answers. Right after a kill its orphans may still hold the data: then it ends by itself and is started again."""

        def answers() -> bool:
            if not self.is_alive():
                super(PostgreSQL, self).start()
            return self.server.is_ready()

        wait_until(answers, f"PostgreSQL answers, see {self.log}")

    def fill_from(self, source: dict[str, Any]) -> None:
        """Everything of another server's database, as our own: `source` as psycopg2 is given it."""
        self.server.settle()
        bin_dir = postgres.binaries()
        theirs = plain_environment() | {"PGPASSWORD": source.get("password", "")}
        ours = plain_environment() | {"PGOPTIONS": "-c synchronous_commit=off"}
        dump = [bin_dir / "pg_dump", "-h", source["host"], "-p", str(source.get("port", "")), "-U", source["user"], source["dbname"]]
        load = [bin_dir / "psql", "-h", self.site.socket_dir, "-p", postgres.PORT, "-U", "postgres", "-d", postgres.DATABASE]
        options = ["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull]
        with subprocess.Popen([str(part) for part in dump], stdout=subprocess.PIPE, env=theirs) as dumping:
            subprocess.run([str(part) for part in [*load, *options]], stdin=dumping.stdout, check=True, env=ours)
        assert dumping.returncode == 0
        self.ask("ANALYZE")

    def connect(self, user: str = postgres.ROLE) -> Any:
        found = psycopg2.connect(
            host=str(self.site.socket_dir), port=postgres.PORT, user=user, dbname=postgres.DATABASE, connect_timeout=30, options=""
        )
        found.autocommit = True
        return found

    def ask(self, sql: str, *values: Any, user: str = "postgres") -> list[tuple[Any, ...]]:
        """One statement on a connection of its own, since the last one may have died with the server."""
        connection = self.connect(user)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def kill(self) -> None:
        """At the end: it takes its backends along at once, which have groups of their own and would write into a folder that goes."""
        if self.is_alive():
            assert self.process
            self.process.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        super().kill()

    def kill_postmaster(self) -> None:
        """Its backends see that it is gone and end; what they had not committed is gone with them."""
        assert self.process
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_backend(self, draw: Callable[[list[int]], int]) -> None:
        """One of the application's backends: PostgreSQL then throws everybody out and recovers."""
        rows = self.ask(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND usename = %s ORDER BY pid", postgres.DATABASE, postgres.ROLE
        )
        if rows:
            os.kill(draw([pid for (pid,) in rows]), signal.SIGKILL)

    def settings(self) -> dict[str, str]:
        """What the application's own connections run with."""
        return {name: self.ask(f"SHOW {name}", user=postgres.ROLE)[0][0] for name in DURABLE}


class Valkey(Child):
    def __init__(self, site: PrivateSite) -> None:
        self.site, self.server = site, valkey.describe(site)
        super().__init__("broker", self.server.command, site.folder / "valkey.log", cwd="/", **as_server_user())

    @property
    def url(self) -> str:
        return valkey.broker_url(self.site)

    def start(self) -> None:
        own(self.site.socket_dir, server_uid())
        super().start()
        wait_until(self.server.is_ready, f"Valkey answers, see {self.log}")

    def client(self) -> Any:
        return Redis(unix_socket_path=str(valkey.socket_path(self.site)), socket_timeout=10, retry=Retry(NoBackoff(), 0))

    def flush(self) -> None:
        self.client().flushall()
