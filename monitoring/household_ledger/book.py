"""The ledger of one month for one post: its lines, its households, its corrections and what they come to.

A closed month is read from the lines that were kept, any other from the tables as they stand. Page, file and sums ask here alone.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection

from config.dates import add_months
from deadlines.working_calendar import ONE_DAY
from organization.models import Post
from spreadsheets.downloads import Statement

from ..models import LedgerMonth
from . import corrections, live
from .live import EVERYTHING, Narrowed
from .names import Names, of_month

KEPT = "SELECT {columns}, place, ledger_id FROM monitoring_ledgerline line WHERE line.ledger_id = %(ledger)s{where}"
# With what was given once in the closed months before it.
KEPT_SINCE = """SELECT {columns}, 0 AS place, ledger_id FROM monitoring_ledgerline line
WHERE line.ledger_id = ANY(%(ledgers)s::uuid[]) AND (line.ledger_id = %(ledger)s OR line.cadence = 'once'){where}"""
KEPT_CORRECTIONS = "SELECT {columns}, place, ledger_id FROM monitoring_ledgercorrection line WHERE line.ledger_id = %(ledger)s{where}"
# A line keeps the masked number. The number itself is that of the person's file, or what the file held when the month was closed.
EARLIER = """earlier AS MATERIALIZED (
  SELECT DISTINCT ON (ledger.id, former.resident_id) ledger.id AS ledger_id, former.resident_id, former.id, former.id_number_sealed
  FROM monitoring_ledgermonth ledger JOIN households_formernumber former ON former.replaced_at > ledger.closed_at
  WHERE ledger.id = ANY(%(ledgers)s::uuid[]) ORDER BY ledger.id, former.resident_id, former.replaced_at
)"""
# The row that holds the number, where it is not the person's file, and its token.
NUMBER = "{row}.id, CASE WHEN {row}.id IS NULL THEN coalesce({one}.id_number_sealed, '') ELSE {row}.id_number_sealed END"
IN_CLEAR = f"""WITH {EARLIER}
SELECT line.*, {NUMBER.format(row="own", one="one")}, {NUMBER.format(row="heads", one="chief")}
FROM ({{lines}}) line
LEFT JOIN households_resident one ON one.id = line.resident_id LEFT JOIN households_resident chief ON chief.id = {{head}}
LEFT JOIN earlier own ON own.resident_id = line.resident_id AND own.ledger_id = {{ledger}}
LEFT JOIN earlier heads ON heads.resident_id = {{head}} AND heads.ledger_id = {{ledger}}
ORDER BY {{order}}"""  # noqa: S608 - constants
HEADS_IN_CLEAR = f", home.head_id, {NUMBER.format(row='heads', one='chief')}"
CHIEF = """ LEFT JOIN households_resident chief ON chief.id = home.head_id::uuid
LEFT JOIN earlier heads ON heads.resident_id = home.head_id::uuid AND heads.ledger_id = %(ledger)s::uuid"""

IDS = frozenset({"record_id", "resident_id", "household_id", "head_id"})
DAYS_AND_SUMS = frozenset({"since", "until", "updated_on", "amount", "counted"})
LISTS = frozenset({"household_tags", "tags", "doubts"})
HOMES = """
WITH {earlier}line AS MATERIALIZED ({lines}), home AS (
  SELECT coalesce(household_id, resident_id) AS whose, bool_and(household_id IS NULL) AS is_loose,
    min(household_number) AS household_number,
    min(CASE WHEN household_id IS NULL THEN name ELSE head_name END) AS head_name,
    min(CASE WHEN household_id IS NULL THEN number ELSE head_number END) AS head_number,
    min(coalesce(head_id, resident_id)::text) AS head_id, min(region_code) AS region_code, min(setting) AS setting, max(size) AS size,
    min(household_tags) AS household_tags, count(DISTINCT resident_id) AS people, count(DISTINCT record_id) AS records,
    coalesce(sum(counted) FILTER (WHERE cadence = 'monthly'), 0) AS monthly,
    coalesce(sum(counted) FILTER (WHERE cadence = 'yearly'), 0) AS yearly,
    coalesce(sum(counted) FILTER (WHERE cadence = 'once'), 0) AS once, min(doubts) AS doubts
  FROM line GROUP BY coalesce(household_id, resident_id)
), aid AS (
  SELECT whose, jsonb_agg(jsonb_build_array(department_id, program_code, cadence, sum::text, people) ORDER BY program_code, cadence) AS aid
  FROM (
    SELECT coalesce(household_id, resident_id) AS whose, department_id, program_code, cadence, sum(counted) AS sum,
      count(DISTINCT resident_id) AS people
    FROM line GROUP BY coalesce(household_id, resident_id), department_id, program_code, cadence
  ) each_program GROUP BY whose
)
SELECT home.household_number, home.head_name, home.head_number, home.region_code, home.setting, home.size, home.household_tags, home.people,
  home.records, aid.aid, home.monthly, home.yearly, home.once, home.doubts, home.is_loose{token}
FROM home JOIN aid USING (whose){chief} ORDER BY home.is_loose, home.region_code, home.household_number, home.whose
"""

TOTALS = """
SELECT count(*), count(DISTINCT household_id), count(DISTINCT resident_id) FILTER (WHERE household_id IS NULL),
  count(DISTINCT resident_id), count(DISTINCT record_id),
  coalesce(sum(counted) FILTER (WHERE cadence = 'monthly'), 0), coalesce(sum(counted) FILTER (WHERE cadence = 'yearly'), 0),
  coalesce(sum(counted) FILTER (WHERE cadence = 'once'), 0)
FROM ({lines}) line
"""


class Totals(NamedTuple):
    """`loose`: those of the people who belong to no household; they are no household."""

    lines: int
    households: int
    loose: int
    people: int
    records: int
    monthly: Decimal
    yearly: Decimal
    once: Decimal


@dataclass(frozen=True)
class Book:
    """`narrowed`: what the lines were filtered by; `narrowed_aid`: those of the filters that a correction has, too."""

    post: Post
    month: date
    narrowed: Narrowed = EVERYTHING
    narrowed_aid: Narrowed = EVERYTHING
    once_since: date | None = None

    @cached_property
    def closed(self) -> LedgerMonth | None:
        return LedgerMonth.objects.visible_to(self.post).filter(month=self.month).first()

    @cached_property
    def former(self) -> LedgerMonth | None:
        return LedgerMonth.objects.visible_to(self.post).filter(month=add_months(self.month, -1)).first()

    @property
    def last(self) -> date:
        return add_months(self.month, 1) - ONE_DAY

    @cached_property
    def names(self) -> Names:
        return of_month(self.closed)

    def lines(self, *, also: Narrowed = EVERYTHING, in_clear: bool = False, for_file: bool = False) -> Statement:
        """In the order of the ledger, by the columns of `live.COLUMNS`. In clear come last, of person and head, where the sealed
        number lies and the number.

        `for_file`: without ids, of which it shows none, and with lists, days and sums as texts, which `sheets.line_turn` reads: the driver
        takes twice as long over these as over the rest of a row.
        """
        sql, params = self._lines(also)
        is_placed = self.closed is not None and self.once_since is None
        order = "place" if is_placed else live.ORDER
        if in_clear:
            told = IN_CLEAR.format(
                lines=sql, head="line.head_id", ledger=self._ledger, order=order if is_placed else live.order_by("line.")
            )
            return live.statement(told, params)
        columns = ", ".join(_for_file(name) if for_file else name for name in live.COLUMNS)
        # Sorted before anything is written out, with what it is sorted by in front, where it is quickly found.
        placed = f"SELECT {order.partition(', ')[0]} AS placed, line.* FROM ({sql}) line ORDER BY {order}"  # noqa: S608 - our own columns
        return live.statement(f"SELECT {columns} FROM ({placed}) line", params)  # noqa: S608 - our own columns

    def homes(self, *, in_clear: bool = False) -> Statement:
        """A row for each household, and after them one for each person without one."""
        sql, params = self._lines(EVERYTHING)
        earlier, token, chief = (f"{EARLIER}, ", HEADS_IN_CLEAR, CHIEF) if in_clear else ("", "", "")
        return live.statement(HOMES.format(earlier=earlier, lines=sql, token=token, chief=chief), params)

    def corrections(self, *, in_clear: bool = False) -> Statement | None:
        """What the month before would say otherwise; None where it was never closed."""
        columns = ", ".join(corrections.COLUMNS)
        narrowed = live.gate(self.post) & self.narrowed_aid
        if self.closed is not None:
            sql, params = KEPT_CORRECTIONS.format(columns=columns, where=_where(narrowed)), {**narrowed.params, **self._kept()}
            order = "place"
        elif self.former is not None:
            sql, params = corrections.corrections(self.former.pk, self.former.month, narrowed)
            order, params = corrections.ORDER, params | self._kept()
        else:
            return None
        if in_clear:
            told = IN_CLEAR.format(lines=sql, head="NULL::uuid", ledger=self._ledger, order=_of_line(order))
            return live.statement(told, params)
        return live.statement(f"SELECT {columns} FROM ({sql}) line ORDER BY {order}", params)  # noqa: S608 - our own columns

    def totals(self) -> Totals:
        sql, params = self._lines(EVERYTHING)
        with connection.cursor() as cursor:
            cursor.execute(TOTALS.format(lines=sql), params)
            return Totals(*cursor.fetchone())

    def _lines(self, also: Narrowed) -> tuple[str, dict[str, Any]]:
        narrowed = live.gate(self.post) & self.narrowed & also
        if self.closed is None:
            sql, params = live.lines(self.last, narrowed, once_since=self.once_since)
            return sql, params | self._kept()
        sql = KEPT_SINCE if self.once_since else KEPT
        return sql.format(columns=", ".join(live.COLUMNS), where=_where(narrowed)), {**narrowed.params, **self._kept()}

    @property
    def _ledger(self) -> str:
        """The ledger of a line that was kept."""
        return "NULL::uuid" if self.closed is None else "line.ledger_id"

    def _kept(self) -> dict[str, Any]:
        own = [] if self.closed is None else [str(self.closed.pk)]
        return {"ledger": own[0] if own else None, "ledgers": self.ledgers() if own and self.once_since else own}

    def ledgers(self) -> list[str]:
        """The closed ones from `once_since` to the month, of which the lines given once are shown."""
        rows = LedgerMonth.objects.visible_to(self.post).filter(month__gte=self.once_since, month__lte=self.month)
        return [str(pk) for pk in rows.values_list("pk", flat=True)]


def _for_file(name: str) -> str:
    if name in IDS:
        return f"NULL AS {name}"
    if name in LISTS:
        return f"array_to_string({name}, ',') AS {name}"
    return f"{name}::text AS {name}" if name in DAYS_AND_SUMS else name


def _where(narrowed: Narrowed) -> str:
    return "".join(f" AND {condition}" for condition in narrowed.line)


def _of_line(order: str) -> str:
    """The same order where other tables have columns of these names."""
    return ", ".join(part if part.startswith("(") else f"line.{part}" for part in order.split(", "))
