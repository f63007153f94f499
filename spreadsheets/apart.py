"""Rows that were read, in a table of the transaction alone until they are compared.

A row of a file is written to be compared, and once more with what came of it. In the table that everybody's files share this would be two
versions of each, each under two indexes and logged; so the first lies apart, and one statement brings over what stands on the preview.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from .models import StagedRow

TABLE = StagedRow._meta.db_table
HOME = "SELECT quote_ident(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = %s::regclass"
# By the same name: whatever asks for staged rows in this transaction, an owner's statement or the ORM, asks for these.
MADE = f"""
    CREATE TEMPORARY TABLE {TABLE} (LIKE {{home}}.{TABLE} INCLUDING CONSTRAINTS) ON COMMIT DROP;
    ALTER TABLE pg_temp.{TABLE} ALTER id SET DEFAULT nextval(pg_get_serial_sequence('{{home}}.{TABLE}', 'id'))
"""
BROUGHT = f"INSERT INTO {{home}}.{TABLE} SELECT * FROM pg_temp.{TABLE}; DROP TABLE pg_temp.{TABLE}"  # noqa: S608 - names of ours


@contextmanager
def apart() -> Iterator[None]:
    """For the length of a block `StagedRow` is a table of this transaction, empty at first; at its end its rows join the others.

    Inside a savepoint of the caller, which a block that fails takes back with all of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOME, [TABLE])
        [home] = cursor.fetchone()
        cursor.execute(MADE.format(home=home))
    yield
    with connection.cursor() as cursor:
        cursor.execute(BROUGHT.format(home=home))
