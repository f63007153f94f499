"""Whom aid reaches: one temporary table for all rules about aid, a row for each person, program and record.

A person is reached by aid of his own, by a record whose list names him, and by a household's record without any list; an identity that a
program gives reaches who holds it. Sensitive programs are left out: of these nobody is told but the units on their track (DESIGN 2), who
have duties of their own after a death.
"""

from psycopg2.sql import SQL, Identifier, Literal

from households.rules import TAG_OF_PROGRAM
from referrals.models import Referral

from .rules import Scene, run

TABLE = "doubt_reach"
_OPEN = SQL(", ").join(Literal(str(status)) for status in sorted(Referral.OPEN))
TAGS = SQL(", ").join(SQL("({}, {})").format(Literal(kind), Literal(code)) for code, kind in sorted(TAG_OF_PROGRAM.items()))
# Rows are in force, or were given within the months looked back. `ending`: its stop or change is on its way;
# what is paid back ends nothing.
REACH = """
    CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS
    WITH aid AS MATERIALIZED (
        SELECT a.id, a.program_id, a.household_id, a.resident_id, a.since, a.until, a.cadence, p.department_id, p.category,
            a.cadence <> 'once' AND (a.until IS NULL OR a.until >= {day}) AS stands,
            EXISTS (
                SELECT 1 FROM referrals_referral e JOIN referrals_change c ON c.referral_id = e.id AND c.kind <> 'recover'
                WHERE e.record_id = a.id AND e.purpose IN ('change', 'stop') AND e.status IN ({open})
            ) AS ending
        FROM households_assistancerecord a JOIN programs_program p ON p.code = a.program_id
        WHERE a.since <= {day} AND NOT p.is_sensitive
            AND (a.until IS NULL OR a.until >= {day} OR a.since > {day} - make_interval(months => {months}))
            AND (a.cadence <> 'once' OR a.since > {day} - make_interval(months => {months}))
    )
    SELECT x.person, a.program_id AS program, a.id AS record, a.department_id, a.category, a.since, a.stands AND x.stands AS in_force,
        a.cadence = 'once' AS single, a.ending
    FROM (
        SELECT a.id, a.resident_id AS person, true AS stands FROM aid a WHERE a.resident_id IS NOT NULL
        UNION
        SELECT c.record_id, c.resident_id, c.since <= {day} AND (c.until IS NULL OR c.until >= {day})
        FROM households_coverage c JOIN aid a ON a.id = c.record_id WHERE a.household_id IS NOT NULL
        UNION ALL
        SELECT a.id, m.resident_id, true FROM aid a JOIN households_membership m ON m.household_id = a.household_id AND m.until IS NULL
        WHERE NOT EXISTS (SELECT 1 FROM households_coverage c WHERE c.record_id = a.id)
    ) x JOIN aid a ON a.id = x.id
    UNION ALL
    SELECT COALESCE(t.resident_id, m.resident_id), p.code, NULL::uuid, p.department_id, p.category, t.since, true, false, false
    FROM households_identitytag t JOIN (VALUES {tags}) g(kind, code) ON g.kind = t.kind
    JOIN programs_program p ON p.code = g.code AND NOT p.is_sensitive
    LEFT JOIN households_membership m ON m.household_id = t.household_id AND m.until IS NULL
    WHERE t.since <= {day} AND (t.until IS NULL OR t.until >= {day}) AND COALESCE(t.resident_id, m.resident_id) IS NOT NULL
"""


def build(scene: Scene) -> int:
    """The table of this transaction; how many rows."""
    run(SQL("DROP TABLE IF EXISTS {}").format(Identifier("pg_temp", TABLE)))
    count = run(SQL(REACH).format(table=Identifier(TABLE), day=scene.day, months=Literal(scene.same_need_months), open=_OPEN, tags=TAGS))
    run(SQL("ANALYZE {}").format(Identifier(TABLE)))
    return count
