"""What a new standard makes of each record: one statement for each program, the rule of which is data (`StandardRule`).

Sums follow the old standard and go to the new one; a sum that the old standard does not explain is not guessed but told. 低保 tops up what
a family counts as its own: its income stands, so that each person covered gets the difference of the two standards.
"""

import json
from typing import Any

from django.db import connection

from organization.models import Parameter

from ..models import StandardChange
from .rules import How, StandardRule, rules_of

TABLE = "standard_now"
COLUMNS = "record_id, people, grade, former_amount, amount, problem"

# `now` of the statement: each record in force from the month on that no applied change of this standard and month has taken up.
STATEMENT = """
    INSERT INTO standard_now ({columns})
    SELECT id, people, grade, amount, CASE WHEN problem = '' THEN round(fresh, 2) END, problem FROM (
        SELECT w.*, CASE
            WHEN w.amount IS NULL THEN 'no_amount'
            WHEN w.cadence <> 'monthly' THEN 'other_rhythm'
            WHEN w.is_held THEN 'held'
            WHEN w.people = 0 THEN 'nobody'
            {problems}
            WHEN w.fresh <= 0 THEN 'not_positive'
            ELSE '' END AS problem
        FROM (
            SELECT t.id, t.amount, t.cadence, t.source, t.since, p.people, g.grade, {former} AS former, {fresh} AS fresh,
                g.is_unclear, t.since >= %(month)s AND t.granted_at >= %(known_at)s AS is_after,
                EXISTS (SELECT FROM households_recordchange c WHERE c.record_id = t.id AND c.kind = 'hold' AND c.until IS NULL) AS is_held
            FROM households_assistancerecord t
            LEFT JOIN households_household h ON h.id = t.household_id
            CROSS JOIN LATERAL (
                SELECT CASE WHEN t.resident_id IS NOT NULL THEN 1 ELSE (
                    SELECT count(DISTINCT c.resident_id) FROM households_coverage c
                    WHERE c.record_id = t.id AND c.since <= GREATEST(t.since, %(month)s)
                        AND (c.until IS NULL OR c.until >= GREATEST(t.since, %(month)s))
                ) END AS people
            ) p
            CROSS JOIN LATERAL ({grade}) g
            WHERE t.program_id = %(program)s AND t.cadence <> 'once' AND (t.until IS NULL OR t.until >= %(month)s)
                AND NOT EXISTS (
                    SELECT FROM households_standardline l JOIN households_standardchange d ON d.id = l.change_id
                    WHERE d.key = %(key)s AND d.month = %(month)s AND d.status = 'applied' AND l.problem = ''
                        AND (l.record_id = t.id OR l.successor_id = t.id)
                )
        ) w WHERE w.amount IS NULL OR NOT ({same})
    ) found
"""
SETTING = "SELECT COALESCE(h.setting, 'rural') AS grade, false AS is_unclear"
NO_GRADE = "SELECT '' AS grade, false AS is_unclear"
# By what is known of the person; where nothing is, by the one entry of the old standard that the sum equals.
GRADE = """
    SELECT COALESCE(k.grade, CASE WHEN b.entries = 1 THEN b.grade END, '') AS grade, k.grade IS NULL AND b.entries > 1 AS is_unclear
    FROM (
        SELECT min(e.key) AS grade, count(*) AS entries FROM jsonb_each_text(%(old)s::jsonb) e WHERE e.value::numeric = t.amount
    ) b LEFT JOIN LATERAL (
        SELECT %(grades)s::jsonb ->> (f.value #>> '{{}}') AS grade FROM households_fact f
        WHERE f.kind_id = %(fact)s AND f.resident_id = t.resident_id AND f.superseded_at IS NULL
            AND f.found_on <= %(month)s AND (f.valid_until IS NULL OR f.valid_until >= %(month)s)
        ORDER BY f.found_on DESC LIMIT 1
    ) k ON true
"""
OTHER_SUM = "WHEN w.former IS DISTINCT FROM w.amount THEN 'other_sum'"
NO_KNOWN_GRADE = "WHEN w.is_unclear THEN 'unclear_grade' WHEN w.grade = '' THEN 'no_grade'"
# Whoever granted it could know the new standard already, and the sum does not tell by which of the two it was found.
GRANTED_AFTER = "WHEN w.is_after THEN 'granted_after'"
BY_ROLL = "WHEN w.source = 'roll' AND w.since >= %(month)s THEN 'by_roll'"

COME_ALREADY = "w.grade = '' AND w.amount IN (SELECT e.value::numeric FROM jsonb_each_text(%(new)s::jsonb) e)"

# Per way: the old sum, the new one, what hinders beyond what hinders every way, whether it has come to the new sum already, the grade.
WAYS: dict[str, tuple[str, str, str, str, str]] = {
    How.FLAT: ("%(old)s::numeric", "%(new)s::numeric", OTHER_SUM, "w.amount = w.fresh", NO_GRADE),
    How.PER_PERSON: (
        "%(old)s::numeric * p.people", "%(new)s::numeric * p.people", OTHER_SUM, "w.amount = w.fresh AND w.people > 0", NO_GRADE,
    ),
    How.GRADED: (
        "(%(old)s::jsonb ->> g.grade)::numeric", "(%(new)s::jsonb ->> g.grade)::numeric", f"{NO_KNOWN_GRADE} {OTHER_SUM}",
        f"w.amount = w.fresh OR {COME_ALREADY}", GRADE,
    ),
    How.TOPPING_UP: (
        "t.amount",
        "t.amount + ((%(new)s::jsonb ->> g.grade)::numeric - (%(old)s::jsonb ->> g.grade)::numeric) * p.people",
        f"{BY_ROLL} {GRANTED_AFTER}", "w.amount = w.fresh AND w.people > 0", SETTING,
    ),
}  # fmt: skip


def count(change: StandardChange) -> None:
    """Lay what the change makes of each record out in the temporary table `standard_now`."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            f"CREATE TEMP TABLE {TABLE} (record_id uuid, people int, grade varchar, former_amount numeric, amount numeric, "
            "problem varchar) ON COMMIT DROP"
        )
        known = Parameter.objects.filter(key=change.key, region=None, department=None, valid_from=change.month).first()
        for rule in rules_of(change.key):
            cursor.execute(statement(rule), {**_values(change, rule), "known_at": known.set_at if known else None})
        cursor.execute(f"ANALYZE {TABLE}")


def statement(rule: StandardRule) -> str:
    former, fresh, problems, same, grade = WAYS[rule.how]
    return STATEMENT.format(
        columns=COLUMNS, former=former, fresh=fresh, problems=problems, same=f"COALESCE({same}, false)",
        grade=grade.replace("{{}}", "{}"),
    )  # fmt: skip


def _values(change: StandardChange, rule: StandardRule) -> dict[str, Any]:
    old, new = change.former_value, change.value
    return {
        "program": rule.program, "key": change.key, "month": change.month, "fact": rule.fact, "grades": json.dumps(rule.grades),
        "old": json.dumps(old), "new": json.dumps(new),
    }  # fmt: skip


def differs(change: StandardChange) -> bool:
    """Whether the records have changed since the lines were counted."""
    told = f"SELECT {COLUMNS} FROM households_standardline WHERE change_id = %s"  # noqa: S608 - constants
    now = f"SELECT {COLUMNS} FROM {TABLE}"  # noqa: S608 - constants
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (({told} EXCEPT {now}) UNION ALL ({now} EXCEPT {told}))", [change.pk, change.pk])  # noqa: S608
        return bool(cursor.fetchone()[0])
