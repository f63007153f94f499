"""Rows that were read, in a table of the transaction alone until they are compared.

A row of a file is written to be compared, and once more with what came of it. In the table that everybody's files share this would be two
versions of each, each under two indexes and logged; so the first lies apart, and one statement brings over what stands on the preview:
with what came of each row, where its owner says that for all of them (`tell`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection

from .models import StagedRow

TABLE = StagedRow._meta.db_table
HOME = "SELECT quote_ident(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s::regclass"
# By the same name: whatever asks for staged rows in this transaction, an owner's statement or the ORM, asks for these.
MADE = f"""
    CREATE TEMPORARY TABLE {TABLE} (LIKE {{home}}.{TABLE} INCLUDING CONSTRAINTS) ON COMMIT DROP;
    ALTER TABLE pg_temp.{TABLE} ALTER id SET DEFAULT nextval(pg_get_serial_sequence('{{home}}.{TABLE}', 'id'))
"""
# What an owner says of a row; all else of it is as it was read.
SAID = ("outcome", "subject_id", "person_id", "household_id", "before", "marks", "problems")
COLUMNS = [str(field.column) for field in StagedRow._meta.concrete_fields]
READ = ", ".join(f"s.{name}" for name in COLUMNS)
TOLD = ", ".join(f"CASE WHEN o.id IS NULL THEN s.{name} ELSE o.{name} END" if name in SAID else f"s.{name}" for name in COLUMNS)
SET = f"UPDATE spreadsheets_stagedrow s SET {', '.join(f'{name} = o.{name}' for name in SAID)} FROM ({{said}}) o WHERE s.id = o.id"  # noqa: S608 - names of ours


_home: ContextVar[str] = ContextVar("home", default="")  # of the table that all share, while rows lie apart from it


@contextmanager
def apart() -> Iterator[None]:
    """For the length of a block `StagedRow` is a table of this transaction, empty at first; at its end, or told before, its rows join the
    others.

    Inside a savepoint of the caller, which a block that fails takes back with all of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOME, [TABLE])
        [home] = cursor.fetchone()
        cursor.execute(MADE.format(home=home))
    token = _home.set(home)
    try:
        yield
        if _home.get():
            _bring(READ)
    finally:
        _home.reset(token)


def tell(said: str) -> None:
    """What came of the rows, for the `compare` of an owner: `said` selects `id` and all that is SAID, of the rows that it speaks of.

    Rows that lie apart are brought over with it, each written once; they lie among the others' from then on.
    """
    if _home.get():
        _bring(TOLD, f"LEFT JOIN ({said}) o ON o.id = s.id")
    else:
        with connection.cursor() as cursor:
            cursor.execute(SET.format(said=said))


def _bring(columns: str, beside: str = "") -> None:
    statement = f"INSERT INTO {_home.get()}.{TABLE} ({', '.join(COLUMNS)}) SELECT {columns} FROM pg_temp.{TABLE} s {beside}"  # noqa: S608 - ours
    with connection.cursor() as cursor:
        cursor.execute(f"{statement}; DROP TABLE pg_temp.{TABLE}")
    _home.set("")
