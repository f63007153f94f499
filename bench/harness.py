"""What measurements share: a scratch database with Django on it, a stopwatch, a table of ratios."""

import gc
import io
import itertools
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg2
from psycopg2.sql import SQL, Identifier


@contextmanager
def scratch_database(name: str, *apps: str) -> Iterator[None]:
    """Django with the test settings on an empty database that has the migrations of `apps`, or of all; dropped at the end."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"  # before `config` is imported: its Celery app would name the demo's
    from config.local import BENCH, own_servers

    with own_servers(BENCH):
        import django
        from django.conf import settings

        django.setup()
        from django.core.management import call_command
        from django.db import connection, connections

        from config.local.migrating import migrate
        from config.local.postgres import drop_database
        from config.memory import settle

        params = connection.get_connection_params()
        admin = psycopg2.connect(**{key: params[key] for key in ("dbname", "host", "port", "user", "password") if key in params})
        admin.autocommit = True
        database = f"{name}_{os.getpid()}"
        admin.cursor().execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(database)))
        try:
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = database
            for app in apps:
                call_command("migrate", app, verbosity=0)
            if not apps:
                migrate()
            settle()  # as the worker does
            yield
            connections.close_all()
        finally:
            drop_database(admin, database)
            admin.close()


@contextmanager
def copied_database() -> Iterator[str]:
    """For the length of a block the scratch database is a copy of itself, so that each round of a work meets the same; yields its name."""
    from django.conf import settings
    from django.db import connection, connections

    from config.local.postgres import drop_database

    base = str(connection.settings_dict["NAME"])
    params, copy = connection.get_connection_params(), f"{base}_copy"
    connections.close_all()
    admin = psycopg2.connect(**{key: params[key] for key in ("host", "port", "user", "password") if key in params}, dbname="postgres")
    admin.autocommit = True
    admin.cursor().execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(copy), Identifier(base)))
    try:
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = copy
        yield copy
    finally:
        connections.close_all()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = base
        drop_database(admin, copy)
        admin.close()


def rates(works: dict[str, tuple[Callable[[], object], int]], rounds: int = 7) -> dict[str, float]:
    """Items per second of processor time of each (work, items) in its quickest round, for work that waits for nothing.

    The works take turns and the time is the processor's own, so that a busy neighbour disturbs little and all alike.
    """
    best = dict.fromkeys(works, float("inf"))
    for _, (name, (work, _)) in itertools.product(range(rounds), works.items()):
        gc.collect()
        start = time.process_time()
        work()
        best[name] = min(best[name], time.process_time() - start)
    return {name: items / best[name] for name, (_, items) in works.items()}


def of_the_server() -> float:
    """Seconds of processor time that the server's process for this connection has taken, in hundredths; it is on this machine."""
    from django.db import connection

    connection.ensure_connection()
    with open(f"/proc/{connection.connection.info.backend_pid}/stat", encoding="ascii", errors="replace") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Latency(NamedTuple):
    """Milliseconds."""

    median: float
    late: float  # 99th percentile

    def __str__(self) -> str:
        return f"{self.median:.2f} / {self.late:.2f} ms"


def latencies(works: dict[str, tuple[Callable[[Any], object], Sequence[Any]]]) -> dict[str, Latency]:
    """Of each (work, arguments), one call per argument. The works take turns call by call, so that a busy neighbour slows all alike."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for work, arguments in works.values():
        work(arguments[0])
    for turn in range(max(len(arguments) for _, arguments in works.values())):
        for name, (work, arguments) in works.items():
            if turn < len(arguments):
                start = time.perf_counter()
                work(arguments[turn])
                times[name].append((time.perf_counter() - start) * 1000)
    return {name: Latency(statistics.median(found), sorted(found)[max(int(len(found) * 0.99) - 1, 0)]) for name, found in times.items()}


def machine() -> str:
    """The line every result begins with."""
    import django
    from cryptography import __version__ as cryptography
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('shared_buffers')")
        server, memory = cursor.fetchone()
    versions = {
        "Python": platform.python_version(),
        "Django": django.__version__,
        "PostgreSQL": f"{server.split()[0]} (shared_buffers {memory})",
    }
    said = ", ".join(f"{name} {version}" for name, version in (versions | {"cryptography": cryptography}).items())
    return f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {said}"


class Row(NamedTuple):
    """One line of a table. `is_reached` is None where no goal is set."""

    what: str
    measured: str
    ratio: str = ""
    goal: str = ""
    is_reached: bool | None = None


def at_least(what: str, measured: str, ratio: float, goal: float, of: str) -> Row:
    return Row(what, measured, f"{ratio:.1f} x {of}", f">= {goal:g} x", ratio >= goal)


def at_most(what: str, measured: str, ratio: float, goal: float, of: str) -> Row:
    return Row(what, measured, f"{ratio:.1f} x {of}", f"<= {goal:g} x", ratio <= goal)


def table(title: str, rows: Sequence[Row]) -> int:
    """Print what, measured, ratio, goal, reached. Returns how many goals were missed."""
    print(f"\n{title}\n\n| what | measured | ratio | goal | |\n|---|---|---|---|---|")
    for row in rows:
        word = {None: "", True: "reached", False: "MISSED"}[row.is_reached]
        print(f"| {row.what} | {row.measured} | {row.ratio} | {row.goal} | {word} |")
    return sum(row.is_reached is False for row in rows)


def saved(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook with one sheet of text, as Excel and WPS save it: what stands in several cells stands once, beside the sheet, and blank
    cells are left out. (openpyxl writes each text into its cell, which takes calamine a third longer to read.)"""
    import xlsxwriter  # type: ignore[import-untyped]

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page, as_text = book.add_worksheet(title), book.add_format({"num_format": "@"})
        for at, row in enumerate(rows):
            for column, text in enumerate(row):
                if text:
                    page.write_string(at, column, text, as_text)
    return out.getvalue()


_held = 0  # MiB when it began to count


def begin_to_hold() -> None:
    """Forget what this process has held at most, so that `held_besides` speaks of what follows."""
    global _held
    gc.collect()
    with open("/proc/self/clear_refs", "w", encoding="ascii") as reset:
        reset.write("5")
    _held = _mib("VmRSS")


def held_besides() -> int:
    """MiB this process has held at most since it began to count, beside what it held then."""
    return _mib("VmHWM") - _held


def _mib(what: str) -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(what)) // 1024
