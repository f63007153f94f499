"""Giving numbers: consecutive, never the same one twice."""

from datetime import date

from django.db import connection, transaction

from organization.figures import figure

from .. import numbering

_NEXT = """
INSERT INTO documents_numberseries AS series (kind, scope, year, last) VALUES (%s, %s, %s, %s)
ON CONFLICT (kind, scope, year) DO UPDATE SET last = series.last + EXCLUDED.last
RETURNING last
"""


def next_number(kind: str, scope: str, on: date) -> str:
    """The next number of a kind of paper in a scope (the code of a unit or township) in the year of `on`, as its declaration writes it.

    Whoever asks at the same time waits for the row's lock until this transaction ends: numbers run on, and a rollback gives its number
    back, so that there is no gap. The lock is held to the end: give the number late in the verb.

    Raises:
        RuntimeError: outside a transaction, where a number could be given to a paper that is never written.
        LookupError: nobody numbers this kind.
        ValueError: a scope that is empty or too long.
    """
    series = numbering.series(kind)
    number = next_serial(kind, scope, on.year)
    return series.written(prefix=figure("document_number_prefix"), year=on.year, scope=scope, number=number)


def next_serial(kind: str, scope: str, year: int) -> int:
    """The bare number, for what is written otherwise than papers are; raises as `next_number`. Year 0: the series never begins again."""
    [number] = next_serials(kind, scope, year, 1)
    return number


def next_serials(kind: str, scope: str, year: int, count: int) -> range:
    """As many at once: of a file that brings many."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{kind}: a number is given in the transaction of its paper")
    if not 0 < len(scope) <= 20:
        raise ValueError(f"{kind}: the scope of a series is the code of a unit or township")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [kind, scope, year, count])
        [last] = cursor.fetchone()
    return range(last - count + 1, last + 1)
