"""What a closed month would say otherwise by now (对上月的更正): aid entered or ended since with effect before its end, and sums put right.

A line is met by its record and person; a record that another has followed since (a late standard's, a roll's, a decision's) is met by
that one, so that it is one line with both sums. A family that has moved since is read where it stood then. Regular aid stands in every
month of its own; what was given once stands in one, so that entered or put right later than the month after it would be told by no
ledger: of that, what the closed months of a year said, with what was told of it since, is compared as well.
"""

from datetime import date
from typing import Any

from config.dates import add_months
from deadlines.working_calendar import ONE_DAY
from households.following import SUCCESSIONS

from .live import IN_PLACE, Narrowed, lines

COLUMNS = (
    "kind", "record_id", "resident_id", "household_number", "name", "number", "region_code", "department_id", "program_code",
    "is_sensitive", "unit_id", "cadence", "former_amount", "amount", "former_in_kind", "in_kind", "former_since", "since", "until",
    "difference",
)  # fmt: skip
ORDER = "region_code, household_number, resident_id, program_code, former_since, record_id"
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
SAME = ("amount", "counted", "in_kind", "since", "cadence")

SHARED = ("record_id", "resident_id", "household_number", "name", "number", "region_code", "department_id", "program_code",
          "is_sensitive", "unit_id", "cadence")  # fmt: skip
SAID = (*SHARED, "amount", "counted", "in_kind", "since")
THEN = ", ".join(SAID)

MONTHS_BACK = 11  # before the former month
# Of what was given once in a month before the former one: its line, and the sum of what was told of it in the ledgers since.
ONCE_BEFORE = f"""
  SELECT {THEN} FROM (
    SELECT DISTINCT ON (line.record_id, line.resident_id) {", ".join(f"line.{name}" for name in SHARED)}, line.amount, line.in_kind,
      line.since, line.kind, sum(line.counted) OVER (PARTITION BY line.record_id, line.resident_id) AS counted
    FROM (
      SELECT {THEN}, 'line' AS kind, month.month AS told_in FROM monitoring_ledgerline
      JOIN monitoring_ledgermonth month ON month.id = ledger_id
      WHERE cadence = 'once' AND month.month >= %(earliest)s AND month.month < %(former_month)s
      UNION ALL
      SELECT {", ".join(SHARED)}, amount, difference, in_kind, coalesce(since, former_since), kind, month.month
      FROM monitoring_ledgercorrection JOIN monitoring_ledgermonth month ON month.id = ledger_id
      WHERE cadence = 'once' AND month.month > %(earliest)s AND month.month <= %(former_month)s
    ) line WHERE line.since >= %(earliest)s{{where}}
    ORDER BY line.record_id, line.resident_id, line.told_in DESC
  ) said WHERE kind <> 'removed' AND NOT EXISTS (
    SELECT FROM monitoring_ledgerline same WHERE same.ledger_id = %(former)s AND same.record_id = said.record_id
      AND ({", ".join(f"same.{name}" for name in SAID)}) IS NOT DISTINCT FROM ({", ".join(f"said.{name}" for name in SAID)})
  )
"""  # noqa: S608 - constants
SQL = f"""
WITH RECURSIVE now AS MATERIALIZED (
  SELECT {", ".join(SHARED)}, amount, counted, in_kind, since, until FROM ({{now}}) line
), followed (record_id, first_id) AS (
  SELECT s.successor_id, s.record_id FROM ({SUCCESSIONS}) s
  WHERE s.record_id IS NOT NULL AND s.successor_id IN (SELECT record_id FROM now) AND NOT EXISTS (
    SELECT FROM monitoring_ledgerline line WHERE line.ledger_id = %(former)s AND line.record_id = s.successor_id
  )
  UNION ALL
  SELECT f.record_id, s.record_id FROM followed f JOIN ({SUCCESSIONS}) s ON s.successor_id = f.first_id AND s.record_id IS NOT NULL
), origin AS (
  SELECT DISTINCT ON (f.record_id) f.record_id, f.first_id FROM followed f
  WHERE f.first_id NOT IN (SELECT record_id FROM now) AND EXISTS (
    SELECT FROM monitoring_ledgerline line WHERE line.ledger_id = %(former)s AND line.record_id = f.first_id
  ) ORDER BY f.record_id, f.first_id
), former AS (
  SELECT {THEN} FROM monitoring_ledgerline line WHERE line.ledger_id = %(former)s{{where}}
  UNION ALL
  {{elsewhere}}
  UNION ALL
  {ONCE_BEFORE}
)
SELECT {", ".join(COLUMNS)} FROM (
  SELECT CASE WHEN former.record_id IS NULL THEN 'added' WHEN now.record_id IS NULL THEN 'removed' ELSE 'changed' END AS kind,
    {", ".join(f"coalesce(former.{name}, now.{name}) AS {name}" for name in SHARED)},
    former.amount AS former_amount, now.amount AS amount, coalesce(former.in_kind, '') AS former_in_kind,
    coalesce(now.in_kind, '') AS in_kind, former.since AS former_since, now.since AS since, now.until AS until,
    coalesce(now.counted, 0) - coalesce(former.counted, 0) AS difference
  FROM former FULL JOIN (
    SELECT now.*, coalesce(origin.first_id, now.record_id) AS met_by FROM now LEFT JOIN origin ON origin.record_id = now.record_id
  ) now ON now.met_by = former.record_id
    AND coalesce(now.resident_id, {NOBODY}) = coalesce(former.resident_id, {NOBODY})
  WHERE (former.record_id IS NULL OR now.record_id IS NULL OR {" OR ".join(f"now.{name} IS DISTINCT FROM former.{name}" for name in SAME)})
    AND (former.record_id IS NOT NULL OR now.cadence <> 'once' OR now.since >= (SELECT min(month) FROM monitoring_ledgermonth))
) line WHERE true{{where}}
"""  # noqa: S608 - constants
# Lines that stood outside of what is asked, of records within it now; no record is both of `now` and of `origin`. A planner takes two lists
# in one for two hundred records and looks each up: right for a place, and 1.5 s for the county, whose lists it is given one by one.
ELSEWHERE = f"""SELECT {THEN} FROM monitoring_ledgerline line
  WHERE line.ledger_id = %(former)s AND (true{{where}}) IS NOT TRUE AND line.record_id IN ({{ids}})"""  # noqa: S608 - constants
NOW, ORIGIN = "SELECT record_id FROM now", "SELECT first_id FROM origin"
# Whatever stood in the place then is asked for wherever it stands now.
STOOD_THERE = f"""r.id IN (
  WITH RECURSIVE stood (record_id) AS (
    SELECT line.record_id FROM monitoring_ledgerline line WHERE line.ledger_id = %(former)s{{where}}
    UNION
    SELECT s.successor_id FROM stood JOIN ({SUCCESSIONS}) s ON s.record_id = stood.record_id WHERE s.successor_id IS NOT NULL
  ) SELECT record_id FROM stood
)"""  # noqa: S608 - constants


def corrections(former: Any, month: date, narrowed: Narrowed) -> tuple[str, dict[str, Any]]:
    """Of the closed month `month`, whose ledger has the id `former`, in no order."""
    where = "".join(f" AND {condition}" for condition in narrowed.line)
    stood = STOOD_THERE.format(where=where)
    aid = tuple(f"({condition} OR {stood})" if condition.startswith(IN_PLACE) else condition for condition in narrowed.aid)
    ids = (f"{NOW} UNION ALL {ORIGIN}",) if aid != narrowed.aid else (NOW, ORIGIN)
    elsewhere = " UNION ALL ".join(ELSEWHERE.format(where=where, ids=each) for each in ids)
    earliest = add_months(month, -MONTHS_BACK)
    now, params = lines(add_months(month, 1) - ONE_DAY, Narrowed(aid, (), narrowed.params), once_since=earliest)
    fixed = {"former": str(former), "former_month": month, "earliest": earliest}
    return SQL.format(now=now, where=where, elsewhere=elsewhere), params | fixed
