"""One lock between those who compute dates and those who change the calendar they compute from.

Without it a duty opened while a holiday is being entered would keep a date of the old calendar: neither transaction sees the other's row.
Verbs on duties take it shared, before any lock on a duty, and hold it to the end of their transaction; a change of the calendar takes it
alone, and then finds every open duty committed and unlocked. Held per database, freed with the transaction.
"""

from django.db import OperationalError, connection

from config.verbs import TransitionError, is_held

_KEY = 0x0DEAD11E


def hold_calendar() -> None:
    """The calendar will not change until this transaction ends.

    Raises:
        TransitionError: somebody has been changing it for longer than one waits for a lock.
    """
    _lock("SELECT pg_advisory_xact_lock_shared(%s)", "工作日历正在调整，请稍后再试。")


def seize_calendar() -> None:
    """Nobody computes a date from the calendar until this transaction ends.

    Raises:
        TransitionError: somebody has been computing for longer than one waits for a lock.
    """
    _lock("SELECT pg_advisory_xact_lock(%s)", "同事正在办理事项，工作日历暂时不能修改，请稍后再试。")


def _lock(statement: str, busy: str) -> None:
    with connection.cursor() as cursor:
        try:
            cursor.execute(statement, [_KEY])
        except OperationalError as refused:
            if is_held(refused):
                raise TransitionError(busy) from refused
            raise
