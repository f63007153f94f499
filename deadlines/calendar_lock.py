"""One lock between those who compute dates and those who change the calendar they compute from.

Without it a duty opened while a holiday is being entered would keep a date of the old calendar: neither transaction sees the other's row.
Verbs on duties take it shared, before any lock on a duty, and hold it to the end of their transaction; a change of the calendar takes it
alone, and then finds every open duty committed and unlocked. Held per database, freed with the transaction.
"""

from django.db import connection

_KEY = 0x0DEAD11E


def hold_calendar() -> None:
    """The calendar will not change until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_KEY])


def seize_calendar() -> None:
    """Nobody computes a date from the calendar until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEY])
