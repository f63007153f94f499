"""What a closed month would say otherwise by now (对上月的更正): aid entered or ended since with effect before its end, and sums put right.

A line is met by its record and person. A family that has moved since is read where it stood then.
"""

from datetime import date
from typing import Any

from config.dates import add_months
from deadlines.working_calendar import ONE_DAY

from .live import OF_PLACE, Narrowed, lines

COLUMNS = (
    "kind", "record_id", "resident_id", "household_number", "name", "number", "region_code", "department_id", "program_code",
    "is_sensitive", "unit_id", "cadence", "former_amount", "amount", "former_in_kind", "in_kind", "former_since", "since", "until",
    "difference",
)  # fmt: skip
ORDER = "region_code, household_number, record_id, resident_id"
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
SAME = ("amount", "counted", "in_kind", "since", "cadence")

SQL = f"""
SELECT {", ".join(COLUMNS)} FROM (
  SELECT CASE WHEN former.record_id IS NULL THEN 'added' WHEN line.record_id IS NULL THEN 'removed' ELSE 'changed' END AS kind,
    {{shared}},
    former.amount AS former_amount, line.amount AS amount, coalesce(former.in_kind, '') AS former_in_kind,
    coalesce(line.in_kind, '') AS in_kind, former.since AS former_since, line.since AS since, line.until AS until,
    coalesce(line.counted, 0) - coalesce(former.counted, 0) AS difference
  FROM (SELECT * FROM monitoring_ledgerline WHERE ledger_id = %(former)s) former
  FULL JOIN ({{now}}) line ON line.record_id = former.record_id
    AND coalesce(line.resident_id, {NOBODY}) = coalesce(former.resident_id, {NOBODY})
  WHERE former.record_id IS NULL OR line.record_id IS NULL OR {" OR ".join(f"line.{name} IS DISTINCT FROM former.{name}" for name in SAME)}
) line
"""  # noqa: S608 - constants
SHARED = ("record_id", "resident_id", "household_number", "name", "number", "region_code", "department_id", "program_code",
          "is_sensitive", "unit_id", "cadence")  # fmt: skip


def corrections(former: Any, month: date, narrowed: Narrowed) -> tuple[str, dict[str, Any]]:
    """Of the closed month `month`, whose ledger has the id `former`, in no order."""
    of_then = "r.id IN (SELECT record_id FROM monitoring_ledgerline WHERE ledger_id = %(former)s)"
    aid = tuple(f"({condition} OR {of_then})" if OF_PLACE[:12] in condition else condition for condition in narrowed.aid)
    now, params = lines(add_months(month, 1) - ONE_DAY, Narrowed(aid, (), narrowed.params))
    shared = ", ".join(f"coalesce(former.{name}, line.{name}) AS {name}" for name in SHARED)
    sql = SQL.format(shared=shared, now=now)
    if narrowed.line:
        sql += f"WHERE {' AND '.join(narrowed.line)}"
    return sql, params | {"former": str(former)}
