"""The register against itself: who belongs to no household, and whose kin among the staff is not on file."""

from psycopg2.sql import SQL, Composable

from .of_sheets import STAGED
from .rules import Kind, Scene, rule


@rule(Kind.LOOSE, disproved="新数据表明：此人已归户，或者不再享受救助、不在名册。", is_capped=True)
def loose(scene: Scene) -> Composable:
    """Alive, of no household, and aided or on a list that was handed in (DESIGN 7)."""
    return SQL("""
        WITH aided AS (
            SELECT person, record::text AS key, program, jsonb_build_object('program', program, 'record', record, 'since', since) AS item
            FROM doubt_reach WHERE record IS NOT NULL AND in_force
            UNION ALL
            SELECT s.person, s.template, NULL, jsonb_build_object('template', s.template, 'batch', s.batch, 'row', s.row)
            FROM ({staged}) s WHERE 'loose' = ANY (s.marks)
        )
        SELECT a.person, NULL::uuid, a.key, a.program, NULL::text, 20, a.item
        FROM aided a JOIN households_resident r ON r.id = a.person
        WHERE r.survivor_id IS NULL AND (r.died_on IS NULL OR r.died_on > {day})
            AND NOT EXISTS (SELECT 1 FROM households_membership m WHERE m.resident_id = r.id AND m.until IS NULL)
    """).format(day=scene.day, staged=STAGED)


@rule(Kind.KIN, disproved="新数据表明：近亲属关系已备案或已撤销申报，或者不再享受救助。")
def kin(scene: Scene) -> Composable:  # noqa: ARG001
    """低保 or 特困 for a household of which somebody is declared kin of staff, by the staff or by the household, and nothing is on file
    (XX-16). Matched by number, never by surname; of the member of staff nothing is said."""
    return SQL("""
        WITH declared AS (
            SELECT r.id AS person, m.household_id AS home, 'staff' AS by FROM households_staffkin k
            JOIN households_resident d ON d.id_number_digest = k.id_number_digest AND d.id_type <> 'none'
            JOIN households_resident r ON r.id = COALESCE(d.survivor_id, d.id)
            JOIN households_membership m ON m.resident_id = r.id AND m.until IS NULL WHERE k.withdrawn_at IS NULL
            UNION ALL
            SELECT resident_id, household_id, 'household' FROM households_kindeclaration
            WHERE has_kin AND filed_at IS NULL AND replaced_at IS NULL
        ), aided AS (
            SELECT DISTINCT m.household_id AS home, r.program, r.record
            FROM doubt_reach r JOIN households_membership m ON m.resident_id = r.person AND m.until IS NULL
            WHERE r.program IN ('MZ01', 'MZ07') AND r.in_force AND r.record IS NOT NULL
        )
        SELECT d.person, d.home, concat_ws('|', d.by, d.person, a.record), a.program, NULL::text, 300,
            jsonb_build_object('program', a.program, 'record', a.record, 'by', d.by)
        FROM declared d JOIN aided a ON a.home = d.home
        WHERE NOT EXISTS (
            SELECT 1 FROM households_kindeclaration f
            WHERE f.household_id = d.home AND f.has_kin AND f.filed_at IS NOT NULL AND f.replaced_at IS NULL
        )
    """)
