"""The night's count of how long steps took: every month anew, so that what was put right in the past is in it by morning."""

from django.db import connection, transaction
from django.db.models import QuerySet

from config import clock
from config.dates import add_months
from deadlines.models import Duty
from deadlines.rules import start_of
from referrals.models import Referral

from ..models import WorkMonth
from ..summaries.work import KEPT, STEPS, Statement, kept_statement, steps_statement
from .summaries import counted_months

# All, each place, each program; of what was closed, each of both. What has neither is in all alone.
OF_STEPS = "(measure, days), (measure, days, township), (measure, days, program)"
OF_KEPT = f"{OF_STEPS}, (measure, days, township, program)"
# What did not change is not written.
PUT = """
, fresh AS MATERIALIZED (
  SELECT measure, coalesce(township, '') AS township, coalesce(program, '') AS program, days, count(*) AS times,
    count(*) FILTER (WHERE is_late) AS late
  FROM measured GROUP BY GROUPING SETS ({levels})
  HAVING (grouping(township) = 1 OR township <> '') AND (grouping(program) = 1 OR program <> '')
), gone AS (
  DELETE FROM monitoring_workcell t WHERE t.month = %s AND t.measure = ANY (%s) AND NOT EXISTS (
    SELECT FROM fresh f WHERE f.measure = t.measure AND f.township = t.township_code AND f.program = t.program_code AND f.days = t.days)
)
INSERT INTO monitoring_workcell AS t (month, measure, township_code, program_code, days, times, late)
SELECT %s, measure, township, program, days, times, late FROM fresh
ON CONFLICT (month, measure, program_code, township_code, days) DO UPDATE SET (times, late) = (excluded.times, excluded.late)
  WHERE (t.times, t.late) IS DISTINCT FROM (excluded.times, excluded.late)
"""
LOCK = "SELECT pg_advisory_xact_lock(%s)"
KEY = 0x5C312


@transaction.atomic
def count_work() -> int:
    """Up to the last midnight; how many months were counted. Two at once would meet at the same cells: the second waits. Inner: for the
    night's work."""
    today = start_of(clock.today())
    months = counted_months()
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [KEY])
        cursor.execute("SET LOCAL jit = off")
        for month in months:
            since, until = start_of(month), min(start_of(add_months(month, 1)), today)
            closed: QuerySet[Duty] = Duty._base_manager.all()
            closed = closed.filter(closed_at__gte=since, closed_at__lt=until).exclude(outcome="cancelled")
            for statement, measures, levels in (
                (steps_statement(Referral._base_manager.all(), since, until), STEPS, OF_STEPS),
                (kept_statement(closed), (KEPT,), OF_KEPT),
            ):
                _put(cursor, statement, [month, list(measures), month], levels)
            WorkMonth.objects.update_or_create(month=month, defaults={"counted_until": until})
    return len(months)


def _put(cursor: object, statement: Statement, given: list[object], levels: str) -> None:
    sql, params = statement
    cursor.execute(sql + PUT.format(levels=levels), [*params, *given])  # type: ignore[attr-defined]
