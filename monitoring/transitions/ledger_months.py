"""The 按户 ledger of a month is closed: its lines are copied as they stand, and what the month before would say otherwise (ZX-25)."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from audit.transitions import record
from config import clock
from config.dates import add_months
from config.verbs import AlreadyHandled, TransitionError, save
from deadlines.working_calendar import ONE_DAY
from households.month_lock import lock_alone
from organization.models import Post

from ..household_ledger import corrections, live
from ..household_ledger.names import of_today
from ..household_ledger.permissions import can_close_ledger
from ..models import LedgerMonth

LINES = """
INSERT INTO monitoring_ledgerline (ledger_id, place, {columns})
SELECT %(ledger)s, row_number() OVER (ORDER BY {order}), {columns} FROM ({rows}) line
"""
CORRECTIONS = """
INSERT INTO monitoring_ledgercorrection (ledger_id, place, {columns})
SELECT %(ledger)s, row_number() OVER (ORDER BY {order}), {columns} FROM ({rows}) line
"""
# Told to everybody, so without what is sensitive.
COUNTS = """
SELECT count(*), count(DISTINCT household_id), count(DISTINCT resident_id),
  (SELECT count(*) FROM monitoring_ledgercorrection WHERE ledger_id = %(ledger)s AND NOT is_sensitive)
FROM monitoring_ledgerline WHERE ledger_id = %(ledger)s AND NOT is_sensitive
"""


@transaction.atomic
def close_ledger_month(*, month: date, by: Post) -> LedgerMonth:
    """Freeze a month that is over, once, one after the other; the county's lines are written by one statement.

    Raises:
        PermissionDenied: not the county platform, nor a job.
        TransitionError: the month is not over, one before it is open, or a file is being entered at this moment.
        AlreadyHandled: it is closed.
    """
    if not can_close_ledger(by):
        raise PermissionDenied("按户统计台账由县级平台月结。")
    month = month.replace(day=1)
    if add_months(month, 1) > clock.today():
        raise TransitionError(f"{month.year}年{month.month}月还没有结束，不能月结。")
    lock_alone()
    _refuse_order(month)
    former = LedgerMonth.objects.filter(month=add_months(month, -1)).first()
    row = LedgerMonth(id=uuid4(), month=month, names=of_today().as_json(), closed_at=clock.now(), closed_by=by)
    sql, params = live.lines(add_months(month, 1) - ONE_DAY)
    _run(LINES, live.COLUMNS, live.ORDER, sql, params, row)
    if former is not None:
        sql, params = corrections.corrections(former.pk, former.month, live.EVERYTHING)
        _run(CORRECTIONS, corrections.COLUMNS, corrections.ORDER, sql, params, row)
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"ledger": str(row.pk)})
        row.lines, row.households, row.people, row.corrections = cursor.fetchone()
    save(row)
    data = {"lines": row.lines, "households": row.households, "people": row.people, "corrections": row.corrections}
    record("ledger_month.closed", row, by=by, new=row.label, note=f"{row.lines}行，更正{row.corrections}行", data=data)
    return row


def _refuse_order(month: date) -> None:
    last = LedgerMonth.objects.order_by("-month").first()
    if last is None:
        return
    if LedgerMonth.objects.filter(month=month).exists():
        raise AlreadyHandled(f"{month.year}年{month.month}月的按户统计台账已经月结，不再改动。后来的变化列在下个月的“对上月的更正”里。")
    due = add_months(last.month, 1)
    if month != due:
        raise TransitionError(f"台账按月依次月结，下一个是{due.year}年{due.month}月。")


def _run(insert: str, columns: tuple[str, ...], order: str, sql: str, params: dict[str, Any], row: LedgerMonth) -> None:
    with connection.cursor() as cursor:
        cursor.execute(insert.format(columns=", ".join(columns), order=order, rows=sql), {**params, "ledger": str(row.pk)})
