"""What a test has committed is taken back, and the next test that commits works in the same clone: a new one costs 0.8 s of a processor.

The rows themselves tell what was written. While nobody else is connected, every row that stands has an older `xmin` than any transaction
to come, and none can come to stand with an older one: a table whose rows are all older, and as many as before, holds the very same rows.
Of any other the newer rows go and those missing are put back as the template has them; counters are set back. A structure that was
touched, or an error on the way, and the clone is given up for a new one. `tests/guards/test_bed.py` holds a clone taken back equal to a
new one.
"""

import io
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from psycopg2.sql import SQL, Composed, Identifier, Literal

# Where a change of a table, its columns, indexes, constraints, triggers or functions leaves a newer row.
STRUCTURE = """
    SELECT count(*), count(*) FILTER (WHERE newer) FROM (
        SELECT xmin::text::bigint >= %(start)s AS newer FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT a.xmin::text::bigint >= %(start)s FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                   WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT xmin::text::bigint >= %(start)s FROM pg_constraint
        UNION ALL SELECT xmin::text::bigint >= %(start)s FROM pg_trigger
        UNION ALL SELECT xmin::text::bigint >= %(start)s FROM pg_index
        UNION ALL SELECT xmin::text::bigint >= %(start)s FROM pg_attrdef
        UNION ALL SELECT xmin::text::bigint >= %(start)s FROM pg_proc
        UNION ALL SELECT xmin::text::bigint >= %(start)s FROM pg_extension
    ) AS parts"""
TABLES = """
    SELECT c.relname,
           (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''),
           (SELECT array_agg(a.attname) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary),
           EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
      FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.oid"""
COUNTERS = "SELECT sequencename, last_value, start_value FROM pg_sequences WHERE schemaname = 'public'"


class Changed(Exception):  # noqa: N818
    """More than rows and counters is not as it was."""


@dataclass
class Table:
    """One table as the template has it: its lines as COPY gives them, by key and in their order."""

    name: str
    columns: list[str]
    key: str
    has_triggers: bool
    lines: dict[str, str]


@dataclass
class Original:
    """All that the template holds, kept in this process: read once, from its first clone."""

    tables: list[Table] = field(default_factory=list)
    counters: dict[str, tuple[int | None, int]] = field(default_factory=dict)
    parts: int = 0


class UsedClone:
    """A clone for the tests that commit, one after the other."""

    def __init__(self, name: str, params: dict[str, Any], original: Original) -> None:
        self.name, self._original = name, original
        self._line = psycopg2.connect(**(params | {"dbname": name}))
        self._cursor = self._line.cursor()
        self._cursor.execute("SET lock_timeout = '5s'; SET statement_timeout = '60s'")
        self._count: Composed | None = None
        if not original.tables:
            self._read_original()
        self._begin_anew()

    def close(self) -> None:
        self._line.close()

    def part_with_others(self) -> None:
        """Whoever is still connected is ended, as it would be with the clone."""
        self._cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()",
            [self.name],
        )
        self._line.commit()

    def take_back(self) -> bool:
        """True where every row and counter is again as the template has it; else this clone is good for nothing any more."""
        try:
            self._take_back()
        except (psycopg2.Error, Changed):
            return False
        return True

    # ── what is kept ────────────────────────────────────────────────────────────────────────────────────────────────
    def _read_original(self) -> None:
        self._cursor.execute(TABLES)
        for name, columns, key, has_triggers in self._cursor.fetchall():
            if not key or len(key) != 1:
                raise Changed(f"{name} has no key of one column")
            table = Table(name, columns, key[0], has_triggers, {})
            out = io.StringIO()
            self._cursor.copy_expert(
                SQL("COPY (SELECT {}, {} FROM {}) TO STDOUT").format(Identifier(key[0]), _listed(columns), _of(table)), out
            )
            table.lines = dict(line.split("\t", 1) for line in out.getvalue().splitlines(keepends=True))
            self._original.tables.append(table)
        self._original.counters = self._counters()

    def _counters(self) -> dict[str, tuple[int | None, int]]:
        self._cursor.execute(COUNTERS)
        return {name: (last, first) for name, last, first in self._cursor.fetchall()}

    def _begin_anew(self) -> None:
        """From here on every write is of a newer transaction."""
        self._line.commit()
        self._cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint % 4294967296")
        (self._start,) = self._cursor.fetchone()
        self._original.parts = self._parts()[0]
        self._line.commit()

    def _parts(self) -> tuple[int, int]:
        self._cursor.execute(STRUCTURE, {"start": self._start})
        return self._cursor.fetchone()

    # ── taking back ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _take_back(self) -> None:
        if self._parts() != (self._original.parts, 0):
            raise Changed("the structure")
        changed = self._changed()
        self._cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table, _ in changed:
            self._let(table, "DISABLE")
        for table, _ in changed:
            self._cursor.execute(SQL("DELETE FROM {} WHERE xmin::text::bigint >= %s").format(_of(table)), [self._start])
        for table, older in changed:
            if older != len(table.lines):
                self._put_back(table)
        self._cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what refers to what is asked here, and no trigger is left waiting
        for table, _ in changed:
            self._let(table, "ENABLE")
        now = self._counters()
        for name, (last, first) in self._original.counters.items():
            if now.get(name) != (last, first):
                self._cursor.execute("SELECT setval(%s::regclass, %s, %s)", [f'"{name}"', last or first, last is not None])
        self._begin_anew()

    def _changed(self) -> list[tuple[Table, int]]:
        """The tables that hold other rows than before, and how many of the older ones are left."""
        one = SQL("SELECT {}, count(*), count(*) FILTER (WHERE xmin::text::bigint < %(start)s) FROM {}")
        if self._count is None:
            self._count = SQL(" UNION ALL ").join(one.format(Literal(n), _of(table)) for n, table in enumerate(self._original.tables))
        self._cursor.execute(self._count, {"start": self._start})
        counted = [(self._original.tables[n], standing, older) for n, standing, older in self._cursor.fetchall()]
        return [(table, older) for table, standing, older in counted if not standing == older == len(table.lines)]

    def _put_back(self, table: Table) -> None:
        self._cursor.execute(SQL("SELECT {}::text FROM {}").format(Identifier(table.key), _of(table)))
        standing = {key for (key,) in self._cursor.fetchall()}
        missing = io.StringIO("".join(line for key, line in table.lines.items() if key not in standing))
        self._cursor.copy_expert(SQL("COPY {} ({}) FROM STDIN").format(_of(table), _listed(table.columns)), missing)

    def _let(self, table: Table, how: str) -> None:
        """The triggers of the record and of what is frozen, which refuse what is right for everybody but the bed."""
        if table.has_triggers:
            self._cursor.execute(SQL(f"ALTER TABLE {{}} {how} TRIGGER USER").format(_of(table)))


def _of(table: Table) -> Identifier:
    return Identifier(table.name)


def _listed(columns: list[str]) -> Composed:
    return SQL(", ").join(map(Identifier, columns))
