"""Which household each line of a sheet of people is about, and what is to be done: two tables of the transaction.

`home_line`: a row for each good line, with the register's person and household. `home_group`: one for each 户号 of the file, with the
household it means: the one of that number, else the head's, else the first member's, unless the file names another head for it than it
has. None means a new one, under `new_id`.
"""

from spreadsheets.models import Batch

from .people import run

LINES = """
    CREATE TEMP TABLE home_line ON COMMIT DROP AS
    SELECT s.id AS row_id, s.number, s.cells ->> 'home' AS home, s.cells ->> 'relation' AS relation, s.region_code,
        COALESCE(s.cells ->> 'address', '') AS address, COALESCE(s.cells ->> 'registered_place', '') AS registered_place,
        s.cells ->> 'setting' AS setting, COALESCE((s.cells ->> 'lives_together')::boolean, true) AS lives_together,
        (s.sealed #>> '{phone,d}')::uuid AS phone_digest, CASE WHEN s.sealed ? 'phone' THEN s.cells ->> 'phone' ELSE '' END AS phone_masked,
        s.person_id, s.household_id AS own_home, s.new_id
    FROM spreadsheets_stagedrow s WHERE s.batch_id = %s AND s.number > 0 AND s.outcome <> 'error'
"""
GROUPS = """
    CREATE TEMP TABLE home_group ON COMMIT DROP AS
    SELECT g.home, g.lines, g.heads, gen_random_uuid() AS new_id, head.region_code, head.address, head.setting,
        COALESCE(named.id, g.of_head, CASE WHEN g.heads = 0 OR NOT EXISTS (
            SELECT 1 FROM households_membership m WHERE m.household_id = g.of_member AND m.until IS NULL AND m.relation = '02'
        ) THEN g.of_member END) AS target
    FROM (
        SELECT home, count(*) AS lines, count(*) FILTER (WHERE relation = '02') AS heads,
            (array_agg(own_home ORDER BY number) FILTER (WHERE relation = '02' AND own_home IS NOT NULL))[1] AS of_head,
            (array_agg(own_home ORDER BY number) FILTER (WHERE own_home IS NOT NULL))[1] AS of_member,
            (array_agg(row_id ORDER BY relation <> '02', number))[1] AS head_row
        FROM home_line GROUP BY home
    ) g JOIN home_line head ON head.row_id = g.head_row
    LEFT JOIN households_household named ON named.number = g.home AND named.closed_at IS NULL
"""
# ── what is wrong ────────────────────────────────────────────────────────────────────────────────────────────────────
DEAD = """
    SELECT l.row_id, '此人已登记死亡（' || r.died_on || '），不能加入家庭。请核对证件号码。', ''
    FROM home_line l JOIN households_resident r ON r.id = l.person_id WHERE r.died_on IS NOT NULL AND l.own_home IS NULL
"""
# Found in the incoming row, which opens no second membership.
TWO_HOUSEHOLDS = """
    SELECT l.row_id, '此人已是' || CASE WHEN %s THEN '户编号' || h.number ELSE '另一家庭' END
        || '的成员，不能再登记到这一户。请核对；确需变动的，办理“成员转入他户”。', 'two_households'
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN households_household h ON h.id = l.own_home
    WHERE g.target IS DISTINCT FROM l.own_home
"""
WITHOUT_HEAD = """
    SELECT l.row_id, '这一户（户号' || l.home || '）' || CASE g.heads WHEN 0 THEN '没有户主' ELSE '有' || g.heads || '位户主' END
        || '。一户须有一位户主，且只能有一位。', ''
    FROM home_line l JOIN home_group g ON g.home = l.home WHERE g.target IS NULL AND g.heads <> 1
"""
SECOND_HEAD = """
    SELECT l.row_id, '平台中这一户（户编号' || h.number || '）已有户主，请改填与户主的关系。', ''
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN households_household h ON h.id = g.target
    WHERE l.relation = '02' AND l.own_home IS NULL AND EXISTS (
        SELECT 1 FROM households_membership m WHERE m.household_id = g.target AND m.until IS NULL AND m.relation = '02')
"""
OTHER_PLACE = """
    SELECT l.row_id, '与同户户主的居住地不同。一户填同一个村（社区），另住的请另立户号。', ''
    FROM home_line l JOIN home_group g ON g.home = l.home WHERE g.target IS NULL AND l.region_code <> g.region_code
"""
FAR_HOUSEHOLD = """
    SELECT l.row_id, '户编号' || h.number || '的家庭不在本乡镇（街道）。请由该乡镇（街道）办理，或先办理迁移。', 'elsewhere'
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN households_household h ON h.id = g.target
    WHERE NOT starts_with(h.region_id, %s)
"""
# ── what becomes of the others ───────────────────────────────────────────────────────────────────────────────────────
# Only what the register lacks is filled; what it says otherwise stays, and is counted.
FILLS = """
    SELECT l.row_id, l.person_id, g.target,
        r.registered_place = '' AND l.registered_place <> '' AS place, r.phone_digest IS NULL AND l.phone_digest IS NOT NULL AS phone,
        l.relation = '02' AND h.address = '' AND l.address <> '' AS address,
        (r.registered_place <> '' AND l.registered_place NOT IN ('', r.registered_place))
        OR (r.phone_digest IS NOT NULL AND l.phone_digest IS NOT NULL AND r.phone_digest <> l.phone_digest)
        OR (l.relation = '02' AND h.address <> '' AND l.address NOT IN ('', h.address))
        OR m.relation <> l.relation OR h.region_id <> l.region_code AND left(h.region_id, length(l.region_code)) <> l.region_code AS keeps
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN households_household h ON h.id = g.target
    JOIN households_resident r ON r.id = l.person_id JOIN households_membership m ON m.resident_id = r.id AND m.until IS NULL
    WHERE l.own_home = g.target
"""
TOLD_KNOWN = f"""
    UPDATE spreadsheets_stagedrow s SET outcome = CASE WHEN f.place OR f.phone OR f.address THEN 'changed' ELSE 'same' END,
        before = CASE WHEN f.place THEN '{{"registered_place": ""}}'::jsonb ELSE '{{}}' END
            || CASE WHEN f.phone THEN '{{"phone": ""}}'::jsonb ELSE '{{}}' END
            || CASE WHEN f.address THEN '{{"address": ""}}'::jsonb ELSE '{{}}' END,
        marks = CASE WHEN f.keeps THEN s.marks || 'kept'::varchar ELSE s.marks END
    FROM ({FILLS}) f WHERE s.id = f.row_id
"""  # noqa: S608 - of the declaration above
TOLD_NEW = """
    UPDATE spreadsheets_stagedrow s SET outcome = 'new', subject_id = g.target,
        marks = array_remove(s.marks, 'loose') || (CASE WHEN g.target IS NULL THEN 'opens' ELSE 'joins' END)::varchar
    FROM home_line l JOIN home_group g ON g.home = l.home WHERE s.id = l.row_id AND l.own_home IS NULL
"""


def lay(batch: Batch) -> None:
    """The lines and the households they mean, anew."""
    run("SET LOCAL work_mem = '64MB'; SET LOCAL default_statistics_target = 4; SET LOCAL jit = off")  # as `laying.lay_out`
    run("DROP TABLE IF EXISTS pg_temp.home_line, pg_temp.home_group")
    run(LINES, [batch.pk])
    run(GROUPS)
    run("ANALYZE home_line, home_group")
