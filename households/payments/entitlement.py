"""What the records say is due for a month, and what closed lists counted for it (XX-13).

A record of every month is due from its first month on, one that began within a month by the program's own rule (起发时间), until the
month of its last day; aid of every year in the month in which it began; what is given once in the month of its day. Aid on hold is due with
nothing. What was handed out on the spot (先行救助) was paid then, and is due no more.
One holder has one sum of a program in a month: that of the record that stood on the 1st, else of the one that began then.

`pay_due` month, holder, key, record, sum, why it is held   `pay_listed` what closed lists counted, their corrections among it
`pay_fix` where the two differ                              `pay_former` the lines of the month before   `pay_again` what failed

`key` tells grants of one holder apart: of what is given once the record, else nought.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from config.dates import add_months
from organization.figures import figure
from programs.models import Program, ProgramVersion

from ..holds import covers, last_day
from ..models import AssistanceRecord, PaymentList
from .querysets import CLOSED

NOUGHT = "'00000000-0000-0000-0000-000000000000'::uuid"
HOLDER = "COALESCE(t.household_id, t.resident_id)"
KEY = f"CASE WHEN t.cadence = 'once' THEN t.id ELSE {NOUGHT} END"
FIRST = """(date_trunc('month', t.since)
    + CASE WHEN %(next)s AND extract(day FROM t.since) > 1 THEN interval '1 month' ELSE interval '0' END)::date"""
RUNS = "k.first <= m.month AND (t.until IS NULL OR t.until >= m.month)"
DUE_ROWS = f"""
    SELECT DISTINCT ON (m.month, k.holder, k.key) m.month, k.holder, k.key, t.id AS record_id, k.first, c.reason AS held_for,
        CASE WHEN c.id IS NULL THEN t.amount ELSE 0 END AS amount
    FROM unnest(%(months)s::date[]) AS m (month)
    JOIN households_assistancerecord t ON t.program_id = %(program)s AND t.amount > 0 {{which}}
    CROSS JOIN LATERAL (SELECT {HOLDER} AS holder, {KEY} AS key, {FIRST} AS first) k
    LEFT JOIN households_recordchange c ON c.record_id = t.id AND {covers("c", "m.month", last_day("m.month"))}
    WHERE CASE t.cadence
        WHEN 'monthly' THEN {RUNS}
        WHEN 'yearly' THEN {RUNS} AND extract(month FROM k.first) = extract(month FROM m.month)
        WHEN 'once' THEN date_trunc('month', t.since)::date = m.month AND NOT ({{handed_out}})
        ELSE false END
    ORDER BY m.month, k.holder, k.key, t.since, t.id
"""  # noqa: S608 - constants
DUE = f"CREATE TEMP TABLE pay_due ON COMMIT DROP AS {DUE_ROWS}"
DUE_OF_HOLDER = "AND t.cadence <> 'once' AND (t.household_id = %(household)s OR t.resident_id = %(resident)s)"
# What was handed out as it was granted no list pays again; what a closed list has counted stays counted.
HANDED_OUT = """(EXISTS (SELECT FROM {table} g WHERE g.record_id = t.id) AND NOT EXISTS (
                SELECT FROM households_paymentline l JOIN households_paymentlist p ON p.id = l.list_id
                WHERE l.record_id = t.id AND p.status <> 'draft'))"""
OF_CLOSED = "p.program_id = %(program)s AND p.status = ANY (%(closed)s)"
LISTED = f"""
    CREATE TEMP TABLE pay_listed ON COMMIT DROP AS
    SELECT x.month, {HOLDER} AS holder, {KEY} AS key, sum(x.amount) AS amount, (array_agg(t.id ORDER BY t.since DESC, t.id))[1] AS record_id
    FROM (
        SELECT p.month, l.record_id, l.amount FROM households_paymentline l JOIN households_paymentlist p ON p.id = l.list_id
        WHERE {OF_CLOSED} AND p.kind = 'regular' AND p.month = ANY (%(past)s::date[])
        UNION ALL
        SELECT c.month, l.record_id, c.rightful - c.listed FROM households_paymentcorrection c
        JOIN households_paymentline l ON l.id = c.line_id JOIN households_paymentlist p ON p.id = l.list_id
        WHERE {OF_CLOSED} AND c.month = ANY (%(past)s::date[])
    ) x JOIN households_assistancerecord t ON t.id = x.record_id
    GROUP BY 1, 2, 3
"""  # noqa: S608 - constants
FIX = """
    CREATE TEMP TABLE pay_fix ON COMMIT DROP AS
    SELECT month, holder, key, COALESCE(d.record_id, l.record_id) AS record_id, COALESCE(l.amount, 0) AS listed,
        COALESCE(d.amount, 0) AS rightful
    FROM (SELECT * FROM pay_due WHERE month < %(month)s) d FULL JOIN pay_listed l USING (month, holder, key)
    WHERE COALESCE(l.amount, 0) <> COALESCE(d.amount, 0)
"""
# Aid of every month alone is missed when it ceases: what is given once, or once a year, is over by itself.
FORMER = f"""
    CREATE TEMP TABLE pay_former ON COMMIT DROP AS
    SELECT DISTINCT ON (1, 2) {HOLDER} AS holder, {KEY} AS key, l.id AS line_id, l.record_id, l.amount, l.change
    FROM households_paymentline l JOIN households_paymentlist p ON p.id = l.list_id JOIN households_assistancerecord t ON t.id = l.record_id
    WHERE {OF_CLOSED} AND p.kind = 'regular' AND p.month = %(before)s AND t.cadence = 'monthly' AND (l.amount > 0 OR l.change = 'held')
    ORDER BY 1, 2, t.since DESC, l.number
"""  # noqa: S608 - constants
LOST = "l.state = 'failed' AND l.resent_in_id IS NULL AND l.mended_at IS NULL"
AGAIN = f"""
    CREATE TEMP TABLE pay_again ON COMMIT DROP AS
    SELECT {HOLDER} AS holder, {KEY} AS key, (array_agg(t.id ORDER BY t.since DESC, t.id))[1] AS record_id, sum(l.payable) AS amount,
        array_agg(l.id) AS lines
    FROM households_paymentline l JOIN households_paymentlist p ON p.id = l.list_id JOIN households_assistancerecord t ON t.id = l.record_id
    WHERE {OF_CLOSED} AND l.state = 'failed' AND l.resent_in_id IS NULL AND l.mended_at IS NOT NULL
    GROUP BY 1, 2
"""  # noqa: S608 - constants
# What was paid too much, by the records of each month or by a decision (追回). Of one holder's regular aid the two are one debt, whichever
# of the records that follow one another each names: the larger counts. A decision that says of which months it is (`until`: after a death
# those that a stop could not reach back to) is one debt with the corrections of these alone (`named`); what was paid in others is owed
# besides. And once a debt was paid off, a decision taken afterwards is of other money: what corrections had brought by then beyond what
# decisions had stands as if it had been decided (`before`). Not the other way round: a correction that comes late is of money that was
# decided on and kept back already.
# Paid off is who in a regular list owed nothing and waited for no money that had failed; where that is in doubt, the debt stands as one.
# What the bank could not pay and nobody has mended is money that never came: a debt is kept back from it, before any other.
NAMED = "EXISTS (SELECT FROM recovered n WHERE n.holder = {x}.holder AND n.key = {x}.key AND {x}.month BETWEEN n.since AND n.until)"
OWED = f"""
    CREATE TEMP TABLE pay_owed ON COMMIT DROP AS
    WITH recovered AS MATERIALIZED (
        SELECT {HOLDER} AS holder, {KEY} AS key, c.amount AS much, c.since, c.until, c.made_at
        FROM households_recordchange c JOIN households_assistancerecord t ON t.id = c.record_id
        WHERE c.kind = 'recover' AND c.since <= %(month)s AND t.program_id = %(program)s
    ), corrected AS MATERIALIZED (
        SELECT {HOLDER} AS holder, {KEY} AS key, p.month AS listed_in, c.month, c.listed - c.rightful AS much
        FROM households_paymentcorrection c
        JOIN households_paymentline l ON l.id = c.line_id JOIN households_paymentlist p ON p.id = l.list_id
        JOIN households_assistancerecord t ON t.id = l.record_id WHERE {OF_CLOSED} AND c.rightful < c.listed
    ), less AS (
        SELECT holder, key, {NAMED.format(x="x")} AS named, sum(much) AS much FROM (
            SELECT holder, key, month, much FROM corrected
            UNION ALL SELECT holder, key, month, listed - rightful FROM pay_fix WHERE rightful < listed
        ) x GROUP BY 1, 2, 3
    ), decided AS (
        SELECT holder, key, until IS NOT NULL AS named, sum(much) AS much FROM recovered GROUP BY 1, 2, 3
    ), theirs AS MATERIALIZED (
        SELECT {HOLDER} AS holder, p.month, p.kind, p.closed_at, l.owed, l.state, l.mended_at
        FROM households_assistancerecord t
        JOIN households_paymentline l ON l.record_id = t.id JOIN households_paymentlist p ON p.id = l.list_id
        WHERE {OF_CLOSED} AND t.program_id = %(program)s
            AND {HOLDER} IN (SELECT holder FROM recovered) AND {HOLDER} IN (SELECT holder FROM corrected)
    ), paid_off AS (
        SELECT holder, month, closed_at FROM theirs o WHERE kind = 'regular' AND NOT EXISTS (
            SELECT FROM theirs f WHERE f.holder = o.holder AND f.state = 'failed' AND f.month < o.month
                AND (f.mended_at IS NULL OR f.mended_at > o.closed_at)
        ) GROUP BY 1, 2, 3 HAVING max(owed) = 0
    ), before AS (
        SELECT holder, key, false AS named, max(much) AS much FROM (
            SELECT o.holder, c.key, o.month, sum(c.much) - COALESCE((
                SELECT sum(r.much) FROM recovered r
                WHERE r.holder = o.holder AND r.key = c.key AND r.until IS NULL AND r.since <= o.month AND r.made_at <= o.closed_at
            ), 0) AS much
            FROM paid_off o JOIN corrected c ON c.holder = o.holder AND c.listed_in <= o.month AND NOT {NAMED.format(x="c")}
            GROUP BY o.holder, c.key, o.month, o.closed_at
        ) x GROUP BY 1, 2 HAVING max(much) > 0
    ), debts AS (
        SELECT holder, GREATEST(COALESCE(less.much, 0), COALESCE(decided.much, 0) + COALESCE(before.much, 0)) AS much
        FROM less FULL JOIN decided USING (holder, key, named) LEFT JOIN before USING (holder, key, named)
        UNION ALL
        SELECT {HOLDER}, -l.deduction - CASE WHEN {LOST} THEN l.payable ELSE 0 END
        FROM households_paymentline l JOIN households_paymentlist p ON p.id = l.list_id
        JOIN households_assistancerecord t ON t.id = l.record_id WHERE {OF_CLOSED} AND (l.deduction > 0 OR {LOST})
    )
    SELECT holder, sum(much) AS much FROM debts GROUP BY 1 HAVING sum(much) > 0
"""  # noqa: S608 - constants
TABLES = "pay_due, pay_listed, pay_fix, pay_former, pay_again, pay_owed"


_handed_out: list[str] = []


def register_handed_out(table: str) -> None:
    """A room above names its table whose `record_id` is aid that was handed out as it was granted: `referrals` of urgent aid."""
    _handed_out.append(table)


def handed_out() -> str:
    """Whether the record `t` was handed out and stands in no closed list, as SQL."""
    return " OR ".join(HANDED_OUT.format(table=table) for table in _handed_out) or "false"


@dataclass(frozen=True, slots=True)
class Scene:
    """The months of one list: its own, the closed ones before it that may still be corrected, and whether there is one right before."""

    program: Program
    month: date
    past: tuple[date, ...]
    begins_next_month: bool

    @property
    def has_former(self) -> bool:
        return add_months(self.month, -1) in self.past

    @property
    def values(self) -> dict[str, Any]:
        return {
            "program": self.program.pk, "month": self.month, "past": list(self.past), "before": add_months(self.month, -1),
            "months": [*self.past, self.month], "next": self.begins_next_month, "closed": list(CLOSED),
        }  # fmt: skip


def scene_of(payment_list: PaymentList) -> Scene:
    """Of a list that only sends again, the month's own list is one of those before it."""
    month, program = payment_list.month, payment_list.program
    back = add_months(month, -int(figure("payment_correction_months")))
    before = {"month__lte": month} if payment_list.kind == PaymentList.Kind.EXTRA else {"month__lt": month}
    rows = PaymentList._base_manager.filter(program=program, kind="regular", status__in=CLOSED, month__gte=back, **before)
    past = tuple(rows.order_by("month").values_list("month", flat=True))
    return Scene(program, month, past, _begins_next_month(program, month))


def _begins_next_month(program: Program, month: date) -> bool:
    version = ProgramVersion.objects.filter(program=program).in_force(add_months(month, 1)).first()
    return version is not None and version.pay_start == ProgramVersion.PayStart.NEXT_MONTH


def due_of(record: AssistanceRecord, first: date, last: date) -> dict[date, Decimal]:
    """What is due of a record's program to its holder for each month from `first` to `last`, by whichever of the holder's regular records
    stood in it. A month for which nothing is due is left out."""
    months = [first]
    while months[-1] < last:
        months.append(add_months(months[-1], 1))
    values: dict[str, Any] = {
        "program": record.program_id, "months": months, "next": _begins_next_month(record.program, last), "household": record.household_id,
        "resident": record.resident_id,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(DUE_ROWS.format(handed_out="false", which=DUE_OF_HOLDER), values)
        return {row[0]: row[-1] for row in cursor.fetchall() if row[-1]}


def lay_out(scene: Scene, *, is_extra: bool) -> None:
    """Make the tables of this transaction: of a list that only sends again, what failed alone, less what is owed."""
    values = dict(scene.values)
    if is_extra:
        values |= {"months": list(scene.past), "month": add_months(scene.month, 1), "before": None}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLES}")
        for statement in (DUE.format(handed_out=handed_out(), which=""), LISTED, FIX, FORMER, AGAIN, OWED):
            cursor.execute(statement, values)
        if is_extra:
            cursor.execute("TRUNCATE pay_due, pay_fix")
        cursor.execute(f"ANALYZE {TABLES}")
