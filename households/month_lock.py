"""One lock between those who apply rolls of aid and those who close a month over it.

A month that is closed half-way through a file would hold one half of it. Who applies (or takes back) a roll holds the lock of its program
shared, and the county's too, to the end of the transaction; who closes takes it alone: that of one program for its payment list, the
county's for the ledger of a month. A close never waits for a file, it is refused with a sentence; a file waits for a close, which is short.
"""

from django.apps import apps
from django.db import OperationalError, connection

from config.verbs import TransitionError, is_held

_CLASS = 0x3C10  # of these advisory locks
_COUNTY = ""
_ROLLS = "households.roll:"


def lock_shared(program: str) -> None:
    """Nothing is closed over the program, nor over the county, until this transaction ends. `program` is its code, "" for any
    other work.

    Raises:
        TransitionError: somebody has been closing for longer than one waits for a lock.
    """
    for key in (_COUNTY, program) if program else (_COUNTY,):
        _wait(key)


def lock_alone(program: str = _COUNTY) -> None:
    """No roll of the program is applied or taken back until this transaction ends; without one, none of the county.

    Raises:
        TransitionError: one is being applied now, or was confirmed and waits for its turn; or somebody else is closing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_CLASS, program])
        [taken] = cursor.fetchone()
    if not taken:
        raise TransitionError("数据正在入库，或同事正在月结，现在不能月结。请等入库完成后再试。")
    _refuse_confirmed(program)


def _wait(key: str) -> None:
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, hashtext(%s))", [_CLASS, key])
        except OperationalError as refused:
            if is_held(refused):
                raise TransitionError("正在月结，数据暂时不能改动，请稍后再试。") from refused
            raise


def _refuse_confirmed(program: str) -> None:
    """A file whose entry was confirmed belongs to the month that is being closed."""
    batches = apps.get_model("spreadsheets", "Batch")._base_manager.filter(status="applying", template__startswith=_ROLLS + program)
    if (batch := batches.first()) is not None:
        raise TransitionError(f"“{batch}”已经确认、正在入库，现在不能月结。请等入库完成后再试。")
