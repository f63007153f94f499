"""Running the launcher as people do, from outside, with its files in a folder of the test."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from config.local.places import BASE_DIR

# As few as give both shares of the demo families who apply: those of the four streets, and of three other townships.
HOUSEHOLDS = "13"
DEMO = [sys.executable, "-W", "error::ResourceWarning", "-m", "config.local.demo"]
USE = """
import sys, psycopg2
from config.environment import env
from config.local import DEMO, own_servers
with own_servers(DEMO):
    found = env.database("DATABASE_URL")
    connection = psycopg2.connect(host=found["HOST"], port=found["PORT"], user=found["USER"], dbname=found["NAME"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        for sql in sys.argv[1:]:
            cursor.execute(sql)
        print(*(cursor.fetchone() if cursor.description else ()))
    connection.close()
"""
OWN = ("DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "RUN_DIR", "PORT", "HOST", "MAKELEVEL", "KEY_FILE", "COV_CORE_SOURCE")


class Launcher:
    """One RUN_DIR and port, and every process that was started for them."""

    def __init__(self, folder: Path) -> None:
        self.run_dir, self.port = folder / "run", free_port()
        self.output = folder / "output"
        self._started: list[subprocess.Popen] = []

    @property
    def environment(self) -> dict[str, str]:
        kept = {"DEMO_HOUSEHOLDS": HOUSEHOLDS} | {
            name: value for name, value in os.environ.items() if name not in OWN and not name.startswith("PYTEST")
        }
        return kept | {"RUN_DIR": str(self.run_dir), "PORT": str(self.port), "PYTHONUTF8": "1"}

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command, env=self.environment | environment, cwd=BASE_DIR, capture_output=True, text=True, timeout=100, stdin=subprocess.DEVNULL
        )

    def use(self, *sql: str, **environment: str) -> subprocess.CompletedProcess:
        """What a manage.py command does with the demo's own database, without the time Django takes to load."""
        return self.run([sys.executable, "-W", "error::ResourceWarning", "-c", USE, *(sql or ["SELECT 1"])], **environment)

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return self.run([sys.executable, "-W", "error::ResourceWarning", "manage.py", *arguments], **environment)

    def start(self) -> subprocess.Popen:
        with open(self.output, "wb") as output:
            demo = subprocess.Popen(DEMO, env=self.environment, cwd=BASE_DIR, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._started.append(demo)
        return demo

    def said(self) -> str:
        return self.output.read_text()

    def wait_until(self, holds, what: str, within: float = 90, of: subprocess.Popen | None = None) -> None:
        """`of`: the start it is a word of; once that one has ended nothing more is waited for."""
        until = time.monotonic() + within
        while not holds():
            assert of is None or of.poll() is None, f"ended before: {what}; said: {self.said()}"
            assert time.monotonic() < until, f"not within {within} s: {what}; said: {self.said() if self.output.exists() else ''}"
            time.sleep(0.05)

    def wait_until_nothing_runs(self) -> None:
        """A keeper lets go of its lock with its last line but one: whoever waited for it may be quicker than its end."""
        self.wait_until(lambda: not self.processes(), "all stop", within=60)

    def processes(self, word: str = "") -> list[int]:
        """Those that carry our folder in their environment or on their command line."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                about = entry.joinpath("environ").read_bytes() + entry.joinpath("cmdline").read_bytes()
                is_ours = str(self.run_dir).encode() in about and word.encode() in entry.joinpath("cmdline").read_bytes()
            except OSError:
                continue
            if is_ours and int(entry.name) != os.getpid():
                found.append(int(entry.name))
        return found

    def close(self) -> None:
        for demo in self._started:
            if demo.poll() is None:
                demo.send_signal(signal.SIGTERM)
                demo.wait(60)
        until = time.monotonic() + 20
        while self.processes() and time.monotonic() < until:
            time.sleep(0.1)
        kill_all(self.processes())
        self.wait_until_nothing_runs()  # the folder goes next


def kill_all(pids: list[int]) -> None:
    """One may have ended with the one before."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    """Below those that the kernel gives to whoever connects, or asks for any: nobody takes it before the demo does."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            port = random.randrange(max(1024, lowest - 12_000), lowest)  # noqa: S311
            probe.bind(("127.0.0.1", port))
            return port
