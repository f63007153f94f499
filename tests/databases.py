"""One template database per state of the code; every process, browser test and race test works in a clone of it (DESIGN 9).

The append-only trigger refuses TRUNCATE, and rightly, so nothing here flushes: a test that commits works in a second clone, and what it has
committed is taken back before the next one (`tests/undoing.py`; `CLONE=1 make test` makes a new clone each time). The first process that
needs the template builds it under a lock; it stands until what shapes it changes. All names carry the checkout, all users of a database
hold an advisory lock in its name, and a database whose lock is free belongs to a run that died: it is dropped. So two checkouts, or two
runs of one, never disturb each other.
"""

import hashlib
import itertools
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from django.db import connections
from django.test import TransactionTestCase
from psycopg2.sql import SQL, Identifier

from config.local.postgres import drop_database
from tests.undoing import Original, UsedClone

BASE_DIR = Path(__file__).resolve().parent.parent
CLONES_ALWAYS = os.environ.get("CLONE") == "1"
CHECKOUT = "zx" + hashlib.sha256(str(BASE_DIR).encode()).hexdigest()[:8]
# Rooms that cannot change what migrations and reference data leave in the database.
SHAPELESS = frozenset(
    {"views", "forms", "api", "admin", "urls", "filters", "pages", "middleware", "presenters", "templatetags", "local", "settings"}
)

# Rooms that load no reference data: their tables alone stand in it.
EMPTY_ROOMS = frozenset({"households", "verification", "intake", "referrals", "monitoring"})


def _is_shaping(path: Path) -> bool:
    names = {Path(part).stem for part in path.parts}
    if path.parts[0] in EMPTY_ROOMS:
        return bool(names & {"models", "migrations", "apps"})
    return path.parts[0] not in {"docs", "bench", "node_modules"} and not path.parts[0].startswith(".") and not names & SHAPELESS


def fingerprint() -> str:
    """Of everything that shapes the template: the apps' code but their pages, the fixtures, the cast and its factories."""
    rooms = sorted(p.parent for pattern in ("*/apps.py", "tests/*/apps.py") for p in BASE_DIR.glob(pattern))
    files = [p for room in rooms for p in room.rglob("*.py") if _is_shaping(p.relative_to(BASE_DIR))]
    files += [p for p in (BASE_DIR / "fixtures").rglob("*") if p.is_file()]
    files += [BASE_DIR / "tests/cast.py", BASE_DIR / "requirements/run.txt"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(BASE_DIR)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


class Bed:
    """This process's databases: the template's lock, one clone to work in, and another for tests that commit."""

    def __init__(self, build: Callable[[], None], *, keep_template: bool) -> None:
        self._params = {k: v for k, v in connections["default"].get_connection_params().items() if k not in {"cursor_factory", "context"}}
        self._build, self._keep_template = build, keep_template
        self._admin = self._open_admin()
        self.template = f"{CHECKOUT}_template_{fingerprint()}"
        self._run = f"{CHECKOUT}_run_{os.getpid()}_{secrets.token_hex(3)}"
        self._numbers = itertools.count()
        self._used: UsedClone | None = None
        self._original = Original()
        self._lock(self._run)
        self._sweep()
        self._ensure_template()
        self.own = self._clone()
        self.point_to(self.own)

    def close(self) -> None:
        connections.close_all()
        self._give_up()
        drop_database(self._admin, self.own)
        self._ask("SELECT pg_advisory_unlock_shared(hashtextextended(%s, 0))", self.template)
        if not self._keep_template and self._try_lock(self.template):
            drop_database(self._admin, self.template)
        self._admin.close()

    def point_to(self, name: str) -> None:
        """Every connection opened from now on, in whichever thread, is one to this database."""
        connections.close_all()
        connections.settings["default"]["NAME"] = name

    def begin_committing(self) -> None:
        """A database that holds what the template holds, for a test that commits."""
        if self._used and not self._used.take_back():
            self._give_up()
        self._used = self._used or UsedClone(self._clone(), self._params, self._original)
        self.point_to(self._used.name)

    def end_committing(self) -> None:
        """Whoever is still connected is ended."""
        self.point_to(self.own)
        if self._used:
            self._used.part_with_others()
            if CLONES_ALWAYS:
                self._give_up()

    def _give_up(self) -> None:
        if self._used:
            used, self._used = self._used, None
            used.close()
            drop_database(self._admin, used.name)

    # ── the server ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _open_admin(self) -> Any:
        try:
            admin = psycopg2.connect(**self._params)
        except psycopg2.OperationalError:  # the database DATABASE_URL names need not exist
            admin = psycopg2.connect(**(self._params | {"dbname": "postgres"}))
        admin.autocommit = True
        with admin.cursor() as cursor:  # workers wait here for the template, however long building it takes
            cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        return admin

    def _ask(self, sql: Any, *params: Any) -> list[tuple[Any, ...]]:
        with self._admin.cursor() as cursor:
            cursor.execute(sql, params or None)
            return cursor.fetchall() if cursor.description else []

    def _lock(self, name: str, how: str = "lock") -> None:
        self._ask(f"SELECT pg_advisory_{how}(hashtextextended(%s, 0))", name)

    def _try_lock(self, name: str) -> bool:
        return bool(self._ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name)[0][0])

    def _names(self) -> list[str]:
        return [name for (name,) in self._ask("SELECT datname FROM pg_database WHERE datname LIKE %s", f"{CHECKOUT}\\_%")]

    def _clone(self) -> str:
        name = f"{self._run}_{next(self._numbers)}"
        self._ask(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(self.template)))
        return name

    def _sweep(self) -> None:
        """Drop what dead runs and earlier states of the code left behind."""
        for name in self._names():
            owner = "_".join(name.split("_")[:4]) if "_run_" in name else name
            if owner not in {self._run, self.template} and not name.endswith("_building") and self._try_lock(owner):
                drop_database(self._admin, name)
                self._lock(owner, "unlock")

    def _ensure_template(self) -> None:
        building = f"{CHECKOUT}_building"
        self._lock(building)
        self._lock(self.template, "lock_shared")
        if self.template not in self._names():
            drop_database(self._admin, building)
            self._ask(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(building)))
            self.point_to(building)
            self._build()
            connections.close_all()
            self._ask(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(building), Identifier(self.template)))
        self._lock(building, "unlock")


def clone_instead_of_flushing(bed: Bed) -> None:
    """`transaction=True` and live servers: Django would TRUNCATE afterwards; here what was committed is taken back."""

    def _fixture_setup(cls: type[TransactionTestCase]) -> None:
        bed.begin_committing()

    def _fixture_teardown(self: TransactionTestCase) -> None:
        bed.end_committing()

    TransactionTestCase._fixture_setup = classmethod(_fixture_setup)
    TransactionTestCase._fixture_teardown = _fixture_teardown
