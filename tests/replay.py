"""What the verbs once wrote is laid down again: the second test that begins from the same state does not walk the road anew.

    @remembered
    def accepted(pairs=(("MZ04", "ordinary"),), **given) -> Application: ...

A factory reaches a state by the verbs, some five hundred queries to a decided referral; hundreds of tests begin there. The first call of a
process walks and keeps what came to stand in the tables (every row whose `xmin` is of this walk); later calls with the same arguments, at
the same moment of the clock, COPY those rows in. It is the same state, of the same run's verbs: nothing is kept between runs, and
`tests/guards/test_replay.py` holds a replayed state equal to a walked one. The workers of one run leave their walks for each other: their
databases are clones of one template, and each deals numbers of its own.

A state is remembered and laid down only where the test has written nothing yet (but a session): a figure that a test has set, a post it has
changed, a family it has entered would be part of the state, so whatever was written before makes the walk a walk. `WALK=1 make test` walks
always.
"""

import functools
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.signals import connection_created
from django.db.models import Model

from config import clock

WALKS_ALWAYS = os.environ.get("WALK") == "1"
# A session changes nothing that a verb reads.
IDLE = {"django_session"}
# Written by triggers of the tables that are laid down, then as before.
WRITTEN_BESIDE = "monitoring_summarymark"
# Asked for as soon as a row that names theirs is laid down, not at the end (`config.references`).
NAMED = ("households_household", "households_resident", "households_assistancerecord")
_WRITES = re.compile(
    r'\s*(?:WITH .*?)?\b(INSERT INTO|UPDATE|DELETE FROM|COPY|TRUNCATE|ALTER|CREATE|DROP)\s+"?(\w+)?', re.IGNORECASE | re.DOTALL
)
_PLAIN = (str, int, bool, float, date, datetime, Decimal, bytes, type(None))


@dataclass
class _Table:
    """The rows of one table that a walk left: as COPY gives them, and their keys."""

    name: str
    columns: str
    key: str
    rows: str
    keys: list[Any]
    replaced: list[Any] | None = None  # which of them stood before the walk: known when it is first laid down

    def lay_down(self, cursor: Any) -> None:
        if self.replaced is None:
            cursor.execute(f'SELECT "{self.key}" FROM "{self.name}" WHERE "{self.key}"::text = ANY(%s)', [self.keys])
            self.replaced = [str(key) for (key,) in cursor.fetchall()]
        if self.replaced:
            cursor.execute(f'DELETE FROM "{self.name}" WHERE "{self.key}"::text = ANY(%s)', [self.replaced])
        cursor.copy_expert(f'COPY "{self.name}" ({self.columns}) FROM STDIN', io.StringIO(self.rows))


@dataclass
class _State:
    tables: list[_Table]
    counters: list[tuple[str, int]]  # sequences that must have passed what was laid down
    model: type[Model]
    found: list[Any] | Any  # the keys of what the factory gave, one or a list


@dataclass
class _Memory:
    states: dict[Hashable, _State] = field(default_factory=dict)
    has_written: bool = False
    shelf: Path | None = None  # where the workers of this run leave their walks
    is_sharing: bool = True


_memory = _Memory()


def begin_test() -> None:
    """Nothing is written yet; called before each test."""
    _memory.has_written, _memory.is_sharing = False, True


@contextmanager
def undone_afterwards() -> Iterator[None]:
    """What is written inside is rolled back by whoever asks: afterwards as much is written as before."""
    had_written = _memory.has_written
    yield
    _memory.has_written = had_written


def forget() -> None:
    """What was remembered counts no longer: the factories deal their numbers afresh. Others' walks wait for the next test."""
    _memory.states.clear()
    _memory.is_sharing = False


def share(shelf: Path) -> None:
    """Leave walks there, and take those of others."""
    shelf.mkdir(exist_ok=True)
    _memory.shelf = shelf


def remembered(build: Callable[..., Any]) -> Callable[..., Any]:
    """Let a factory function be walked once and laid down afterwards. What it gives are model rows, one or a list, read afresh."""

    @functools.wraps(build)
    def call(*args: Any, **given: Any) -> Any:
        if WALKS_ALWAYS or _memory.has_written:
            return build(*args, **given)
        try:
            what = (build.__module__, build.__qualname__, clock.now(), _frozen(args), _frozen(given))
        except TypeError:  # something of its own in it: a person with a number
            return build(*args, **given)
        state = _memory.states.get(what) or _fetch(what)
        if state is None:
            return _walk(what, lambda: build(*args, **given))
        _lay_down(state)
        return _found(state)

    return call


def _frozen(value: Any) -> Hashable:
    """A key for plain values and for rows of the template; a TypeError for the rest."""
    if isinstance(value, _PLAIN):
        return (type(value).__name__, value)
    if isinstance(value, Model) and value.pk is not None:
        return (value._meta.label, value.pk)
    if isinstance(value, list | tuple):
        return tuple(_frozen(one) for one in value)
    if isinstance(value, dict):
        return tuple(sorted((key, _frozen(one)) for key, one in value.items()))
    if isinstance(value, type):
        return value.__qualname__
    raise TypeError(f"{value!r} is no part of a key")


# ── walking and keeping ─────────────────────────────────────────────────────────────────────────────────────────────────
def _walk(what: Hashable, build: Callable[[], Any]) -> Any:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (start,) = cursor.fetchone()
        given = build()
        rows = given if isinstance(given, list) else [given]
        tables = _left(cursor, start % 2**32)
        keys = [row.pk for row in rows]
        state = _State(tables, _counters(cursor, tables), type(rows[0]), keys if isinstance(given, list) else keys[0])
        _memory.states[what] = state
        _leave(what, state)
    return _found(state)


# ── between the workers of a run ────────────────────────────────────────────────────────────────────────────────────────
# Rows that go with a file in the folder of a worker, and those whose names the factories of each worker count for themselves.
OF_ONE_WORKER = {"documents_attachment", "organization_staff", "organization_region", "organization_unit"}


def _place(what: Hashable) -> Path | None:
    if _memory.shelf is None or not _memory.is_sharing:
        return None
    return _memory.shelf / hashlib.sha256(repr(what).encode()).hexdigest()


def _leave(what: Hashable, state: _State) -> None:
    place = _place(what)
    if place is None or OF_ONE_WORKER & {table.name for table in state.tables}:
        return
    found = [str(key) for key in state.found] if isinstance(state.found, list) else str(state.found)
    tables = [[table.name, table.columns, table.key, table.rows, [str(key) for key in table.keys]] for table in state.tables]
    half = place.with_suffix(f".{os.getpid()}")
    half.write_text(json.dumps([os.getpid(), tables, state.counters, state.model._meta.label, found]))
    half.replace(place)


def _fetch(what: Hashable) -> _State | None:
    place = _place(what)
    if place is None or not place.exists():
        return None
    walker, tables, counters, label, found = json.loads(place.read_text())
    if walker == os.getpid():
        return None  # forgotten since: its numbers may have been dealt again
    model = apps.get_model(label)
    key = model._meta.pk.to_python
    keys = [key(one) for one in found] if isinstance(found, list) else key(found)
    state = _memory.states[what] = _State([_Table(*table) for table in tables], [(name, last) for name, last in counters], model, keys)
    return state


@functools.cache
def _catalogue() -> str:
    return f"""
        SELECT c.relname,
               (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
               (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                 WHERE i.indrelid = c.oid AND i.indisprimary)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
         WHERE c.relkind = 'r' AND NOT c.relispartition AND c.relname NOT IN ('django_session', '{WRITTEN_BESIDE}')
         ORDER BY array_position(ARRAY{[*NAMED]}, c.relname::text) NULLS LAST, c.oid"""  # noqa: S608 - constants


_known: list[tuple[str, str, str]] = []


def _tables(cursor: Any) -> list[tuple[str, str, str]]:
    if not _known:
        cursor.execute(_catalogue())
        _known.extend(cursor.fetchall())
    return _known


def _left(cursor: Any, start: int) -> list[_Table]:
    """Rows of this walk: every write since it began is of a transaction, or a savepoint, numbered after its start."""
    known = _tables(cursor)
    of_each = (
        f'SELECT {n}, array_agg("{key}"::text) FROM "{name}" WHERE xmin::text::bigint >= {start:d}'
        for n, (name, _, key) in enumerate(known)
    )
    cursor.execute(" UNION ALL ".join(of_each))
    found = []
    for place, keys in sorted(cursor.fetchall()):
        if keys:
            name, columns, key = known[place]
            out = io.StringIO()
            cursor.copy_expert(f'COPY (SELECT {columns} FROM "{name}" WHERE xmin::text::bigint >= {start:d}) TO STDOUT', out)
            found.append(_Table(name, columns, key, out.getvalue(), keys))
    return found


def _counters(cursor: Any, tables: list[_Table]) -> list[tuple[str, int]]:
    found = []
    for table in tables:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', table.key])
        (sequence,) = cursor.fetchone()
        if sequence:
            found.append((sequence, max(int(key) for key in table.keys)))
    return found


# ── laying down ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _lay_down(state: _State) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(state.tables, key=lambda table: _depths().get(table.name, 0)):
            table.lay_down(cursor)
        if state.counters:
            passed = ", ".join(f"setval('{name}', GREATEST({last:d}, (SELECT last_value FROM {name})))" for name, last in state.counters)
            cursor.execute(f"SELECT {passed}")
    _memory.has_written = True


@functools.cache
def _depths() -> dict[str, int]:
    """How many tables must lie there before: keys asked once a statement want what they name to be there (config/references.py)."""
    named = {
        model: {field.related_model for field in model._meta.local_concrete_fields if field.remote_field and not field.db_constraint}
        for model in apps.get_models()
    }

    def depth(model: Any, above: tuple[Any, ...] = ()) -> int:
        return max((1 + depth(one, (*above, model)) for one in named.get(model, ()) if one not in above and one is not model), default=0)

    return {model._meta.db_table: depth(model) for model in named}


def _found(state: _State) -> Any:
    rows = state.model._base_manager
    if not isinstance(state.found, list):
        return rows.get(pk=state.found)
    held = rows.in_bulk(state.found)
    return [held[key] for key in state.found]


# ── what a test has written ─────────────────────────────────────────────────────────────────────────────────────────────
def _watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if not _memory.has_written and (match := _WRITES.match(sql)) and match[2] not in IDLE:
        _memory.has_written = True
    return execute(sql, params, many, context)


def watch_anew(connection: Any) -> None:
    """A connection that another request has left: open, and without what that one hung upon it.

    Django takes a wrapper off by its place, and ours comes at the moment of connecting: opened within another's, that one would stay.
    """
    connection.ensure_connection()
    connection.execute_wrappers[:] = [_watch]


def _on_connected(*, connection: Any, **_rest: Any) -> None:
    if connection.alias == DEFAULT_DB_ALIAS and _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


connection_created.connect(_on_connected, dispatch_uid="replay")
