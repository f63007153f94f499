"""Aid that should perhaps not be: after death, twice, beside what excludes it, the same need from several departments."""

from psycopg2.sql import SQL, Composable, Literal

from .exclusions import exclusive_pairs
from .rules import Kind, Scene, rule

# Which categories of the catalogue meet one need; what several departments give for it is looked at together (多头).
NEEDS = {
    "medical": "medical",
    "education": "education",
    "housing": "housing",
    "employment": "employment",
    "temporary": "temporary",
    "social_forces": "temporary",
    "disaster": "disaster",
}
_NEEDS = SQL(", ").join(SQL("({}, {})").format(Literal(category), Literal(need)) for category, need in NEEDS.items())


@rule(Kind.AFTER_DEATH, disproved="新数据表明：救助已经停止、调整或正在办理停止，或者死亡信息已更正。")
def after_death(scene: Scene) -> Composable:
    """On the roll though dead, by the register, the cancelled registration, certificate or cremation (XX-34). Not what is being stopped."""
    return SQL("""
        WITH dead AS MATERIALIZED (
            SELECT person, min(died) AS died, (array_agg(by ORDER BY died, by))[1] AS by FROM (
                SELECT id AS person, died_on AS died, 'register' AS by FROM households_resident WHERE died_on IS NOT NULL
                UNION ALL
                SELECT f.resident_id, (f.value #>> '{{}}')::date, f.kind_id FROM households_fact f
                WHERE f.kind_id IN ('death_date', 'cremation_date', 'death_certificate', 'register_cancelled')
                    AND f.superseded_at IS NULL AND f.resident_id IS NOT NULL AND f.found_on <= {day} AND f.how <> 'declaration'
                    AND (f.kind_id <> 'register_cancelled' OR EXISTS (
                        SELECT 1 FROM households_fact c WHERE c.resident_id = f.resident_id AND c.kind_id = 'register_cancel_reason'
                            AND c.superseded_at IS NULL AND c.value = '"death"'))
            ) d WHERE died <= {day} GROUP BY person
        )
        SELECT r.person, NULL::uuid, r.record || '|' || d.died, r.program, NULL::text, 1000 + LEAST(600, ({day} - d.died)),
            jsonb_build_object('program', r.program, 'record', r.record, 'died_on', d.died, 'by', d.by, 'since', r.since)
        FROM dead d JOIN doubt_reach r ON r.person = d.person
        WHERE r.in_force AND NOT r.ending AND r.record IS NOT NULL
    """).format(day=scene.day)


@rule(Kind.TWICE, disproved="新数据表明：重复的救助已经停止、更正或正在办理停止，现只有一项。")
def twice(scene: Scene) -> Composable:  # noqa: ARG001
    """One person reached by two records of one program: regular aid at once, single grants of one day."""
    return SQL("""
        SELECT person, NULL::uuid, program || '|' || string_agg(record::text, ',' ORDER BY record), program, NULL::text, 500,
            jsonb_build_object('program', program, 'records', jsonb_agg(record ORDER BY record), 'since', max(since))
        FROM doubt_reach WHERE record IS NOT NULL AND NOT ending AND (in_force OR single)
        GROUP BY person, program, in_force, CASE WHEN in_force THEN NULL ELSE since END HAVING count(DISTINCT record) > 1
    """)


@rule(Kind.EXCLUSIVE, disproved="新数据表明：互斥的救助已停止或正在办理停止其中一项。")
def exclusive(scene: Scene) -> Composable | None:
    """Two programs in force for one person of which the rules say that one excludes the other."""
    pairs = exclusive_pairs(scene.on)
    if not pairs:
        return None
    return SQL("""
        SELECT a.person, NULL::uuid, concat_ws('|', a.program, b.program, a.record, b.record), a.program, b.program, 400,
            jsonb_build_object('program', a.program, 'other_program', b.program, 'since', GREATEST(a.since, b.since),
                'records', to_jsonb(array_remove(ARRAY[a.record, b.record], NULL)))
        FROM (VALUES {pairs}) x(one, other)
        JOIN doubt_reach a ON a.program = x.one AND a.in_force AND NOT a.ending
        JOIN doubt_reach b ON b.program = x.other AND b.person = a.person AND b.in_force AND NOT b.ending
    """).format(pairs=SQL(", ").join(SQL("({}, {})").format(*map(Literal, pair)) for pair in pairs))


@rule(Kind.MANY, disproved="新数据表明：所比对的期间内已不再有多个部门救助同一需要。")
def many(scene: Scene) -> Composable:  # noqa: ARG001
    """The same need of one person met by two departments or more within the months looked back (TZ-02)."""
    return SQL("""
        SELECT person, NULL::uuid, need || '|' || string_agg(DISTINCT record::text, ',' ORDER BY record::text), min(program), max(program),
            100 + 50 * (count(DISTINCT department_id) - 2)::int,
            jsonb_build_object('need', need, 'programs', jsonb_agg(DISTINCT program), 'records', jsonb_agg(DISTINCT record),
                'since', min(since), 'last', max(since))
        FROM doubt_reach r JOIN (VALUES {needs}) n(category, need) ON n.category = r.category
        WHERE record IS NOT NULL GROUP BY person, need HAVING count(DISTINCT department_id) > 1
    """).format(needs=_NEEDS)
