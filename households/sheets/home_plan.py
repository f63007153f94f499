"""Whose each line of a sheet of people is, which household it is about, and what is to be done: two tables of the transaction.

`home_line`: every line that was read, beside the register's person and household, with what the register holds of them, and `wrong`: field,
sentence, mark of a line that may not come in. `home_group`: one for each 户号 of the good lines, with the household it means: the one of
that number, else the head's, else the first member's, unless the file names another head for it than it has. None means a new one, under
`new_id`. What came of a line is written back in one statement (`spreadsheets.apart.tell`).
"""

from collections.abc import Sequence
from typing import Any

from organization.kinds import COUNTY_WIDE, TOWNSHIP
from spreadsheets.apart import tell
from spreadsheets.models import Batch

from .people import ELSEWHERE, HOLDERS, LOOSE, OTHER_NAME, STRANGER, differs, masked, of_another_township, run, township_of

LINES = f"""
    CREATE TEMP TABLE home_line ON COMMIT DROP AS
    SELECT r.id AS row_id, r.number, r.outcome, r.name, r.new_id, r.before, r.problems, r.marks, r.person_digest,
        r.person_id AS was_person, r.household_id AS was_home, r.subject_id AS was_subject,
        r.cells ->> 'home' AS home, r.cells ->> 'relation' AS relation, r.region_code,
        COALESCE(r.cells ->> 'address', '') AS address, COALESCE(r.cells ->> 'registered_place', '') AS registered_place,
        r.cells ->> 'setting' AS setting, COALESCE((r.cells ->> 'lives_together')::boolean, true) AS lives_together,
        (r.sealed #>> '{{phone,d}}')::uuid AS phone_digest,
        CASE WHEN r.sealed ? 'phone' THEN r.cells ->> 'phone' ELSE '' END AS phone_masked,
        p.id AS person_id, p.name AS known_name, p.died_on, p.registered_place AS known_place, p.phone_digest AS known_phone,
        h.id AS own_home, h.number AS own_number, h.address AS own_address, h.region_id AS own_region, m.relation AS own_relation,
        COALESCE(h.region_id, p.region_id, r.region_code) AS lives_in, NULL::text[] AS wrong
    FROM spreadsheets_stagedrow r {HOLDERS}
    WHERE r.batch_id = %s AND r.number > 0
"""  # noqa: S608 - of the declarations of people
GOOD = "(l.outcome <> 'error' AND l.wrong IS NULL)"
GROUPS = f"""
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
        FROM home_line l WHERE {GOOD} GROUP BY home
    ) g JOIN home_line head ON head.row_id = g.head_row
    LEFT JOIN households_household named ON named.number = g.home AND named.closed_at IS NULL
"""  # noqa: S608 - of the declarations above
# ── what is wrong: line, sentence, mark ─────────────────────────────────────────────────────────────────────────────────
REFUSED = (
    "UPDATE home_line l SET wrong = ARRAY[%s, w.sentence, w.mark] FROM ({source}) AS w (row_id, sentence, mark) WHERE l.row_id = w.row_id"
)
OTHER_NAMES = f"""
    SELECT l.row_id, '证件号码登记的姓名与表中不同（登记为' || {masked("l.known_name")} || '）。请核对姓名和证件号码。', '{OTHER_NAME}'
    FROM home_line l WHERE {GOOD} AND l.known_name IS NOT NULL AND l.name <> '' AND {differs("l.name", "l.known_name")}
"""  # noqa: S608 - of the declarations above
ELSEWHERE_LINES = f"""
    SELECT l.row_id, {of_another_township("l.person_id")}, '{ELSEWHERE}'
    FROM home_line l JOIN organization_region w ON w.code = left(l.lives_in, 9) WHERE {GOOD} AND NOT starts_with(l.lives_in, %s)
"""  # noqa: S608 - of the declarations above
DEAD = f"""
    SELECT l.row_id, '此人已登记死亡（' || l.died_on || '），不能加入家庭。请核对证件号码。', ''
    FROM home_line l WHERE {GOOD} AND l.died_on IS NOT NULL AND l.own_home IS NULL
"""  # noqa: S608 - of the declarations above
# Found in the incoming row, which opens no second membership.
TWO_HOUSEHOLDS = f"""
    SELECT l.row_id, '此人已是' || CASE WHEN %s THEN '户编号' || l.own_number ELSE '另一家庭' END
        || '的成员，不能再登记到这一户。请核对；确需变动的，办理“成员转入他户”。', 'two_households'
    FROM home_line l JOIN home_group g ON g.home = l.home
    WHERE {GOOD} AND l.own_home IS NOT NULL AND g.target IS DISTINCT FROM l.own_home
"""  # noqa: S608 - of the declarations above
WITHOUT_HEAD = f"""
    SELECT l.row_id, '这一户（户号' || l.home || '）' || CASE g.heads WHEN 0 THEN '没有户主' ELSE '有' || g.heads || '位户主' END
        || '。一户须有一位户主，且只能有一位。', ''
    FROM home_line l JOIN home_group g ON g.home = l.home WHERE {GOOD} AND g.target IS NULL AND g.heads <> 1
"""  # noqa: S608 - of the declarations above
SECOND_HEAD = f"""
    SELECT l.row_id, '平台中这一户（户编号' || h.number || '）已有户主，请改填与户主的关系。', ''
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN households_household h ON h.id = g.target
    WHERE {GOOD} AND l.relation = '02' AND l.own_home IS NULL AND EXISTS (
        SELECT 1 FROM households_membership m WHERE m.household_id = g.target AND m.until IS NULL AND m.relation = '02')
"""  # noqa: S608 - of the declarations above
OTHER_PLACE = f"""
    SELECT l.row_id, '与同户户主的居住地不同。一户填同一个村（社区），另住的请另立户号。', ''
    FROM home_line l JOIN home_group g ON g.home = l.home WHERE {GOOD} AND g.target IS NULL AND l.region_code <> g.region_code
"""  # noqa: S608 - of the declarations above
FAR_HOUSEHOLD = f"""
    SELECT l.row_id, '户编号' || h.number || '的家庭不在本乡镇（街道）。请由该乡镇（街道）办理，或先办理迁移。', 'elsewhere'
    FROM home_line l JOIN home_group g ON g.home = l.home JOIN households_household h ON h.id = g.target
    WHERE {GOOD} AND NOT starts_with(h.region_id, %s)
"""  # noqa: S608 - of the declarations above
# ── what becomes of the others ──────────────────────────────────────────────────────────────────────────────────────────
# Of whoever stands in the household of the line. Only what the register lacks is filled; what it says otherwise stays, and is counted.
IS_MEMBER = "l.own_home = g.target"
PLACE = "(l.known_place = '' AND l.registered_place <> '')"
PHONE = "(l.known_phone IS NULL AND l.phone_digest IS NOT NULL)"
ADDRESS = "(l.relation = '02' AND l.own_address = '' AND l.address <> '')"
KEPT = """(
    l.known_place <> '' AND l.registered_place NOT IN ('', l.known_place)
    OR l.known_phone IS NOT NULL AND l.phone_digest IS NOT NULL AND l.known_phone <> l.phone_digest
    OR l.relation = '02' AND l.own_address <> '' AND l.address NOT IN ('', l.own_address)
    OR l.own_relation <> l.relation OR l.own_region <> l.region_code AND left(l.own_region, length(l.region_code)) <> l.region_code
)"""
TOLD = f"""
    SELECT l.row_id AS id, l.person_id, l.own_home AS household_id, CASE WHEN {GOOD} AND l.own_home IS NULL THEN g.target END AS subject_id,
        CASE WHEN NOT {GOOD} THEN 'error' WHEN l.own_home IS NULL THEN 'new' WHEN {PLACE} OR {PHONE} OR {ADDRESS} THEN 'changed'
            ELSE 'same' END AS outcome,
        CASE WHEN {GOOD} AND l.own_home IS NOT NULL THEN
            CASE WHEN {PLACE} THEN '{{"registered_place": ""}}'::jsonb ELSE '{{}}' END
            || CASE WHEN {PHONE} THEN '{{"phone": ""}}'::jsonb ELSE '{{}}' END
            || CASE WHEN {ADDRESS} THEN '{{"address": ""}}'::jsonb ELSE '{{}}' END
            ELSE '{{}}' END AS before,
        CASE WHEN l.wrong IS NULL THEN l.problems ELSE l.problems || jsonb_build_array(jsonb_build_array(l.wrong[1], l.wrong[2])) END
            AS problems,
        l.marks || array_remove(ARRAY[
            CASE WHEN l.person_digest IS NOT NULL AND l.own_home IS NULL AND NOT {GOOD} THEN '{LOOSE}' END,
            CASE WHEN l.person_digest IS NOT NULL AND l.person_id IS NULL THEN '{STRANGER}' END,
            NULLIF(l.wrong[3], ''),
            CASE WHEN NOT {GOOD} THEN NULL WHEN l.own_home IS NOT NULL THEN CASE WHEN {KEPT} THEN 'kept' END
                WHEN g.target IS NULL THEN 'opens' ELSE 'joins' END
        ]::varchar[], NULL) AS marks
    FROM home_line l LEFT JOIN home_group g ON g.home = l.home AND {GOOD}
"""  # noqa: S608 - of the declarations above
COUNTED = f"""
    SELECT (SELECT count(*) FROM home_group WHERE target IS NULL), count(*) FILTER (WHERE l.own_home IS NULL AND g.target IS NOT NULL),
        count(*) FILTER (WHERE l.own_home IS NOT NULL AND {KEPT})
    FROM home_line l JOIN home_group g ON g.home = l.home WHERE {GOOD}
"""  # noqa: S608 - of the declarations above
# Between comparison and entry somebody was entered, housed, moved or merged.
MOVED = """
    SELECT count(*) FROM home_line l LEFT JOIN households_household h ON h.id = l.was_subject
    WHERE l.outcome IN ('new', 'changed', 'same')
        AND (l.person_id IS DISTINCT FROM l.was_person OR l.own_home IS DISTINCT FROM l.was_home OR h.closed_at IS NOT NULL)
"""


def lay(batch: Batch) -> None:
    """The lines beside whom they are about."""
    run("SET LOCAL work_mem = '64MB'; SET LOCAL default_statistics_target = 4; SET LOCAL jit = off")  # as `laying.lay_out`
    run("DROP TABLE IF EXISTS pg_temp.home_line, pg_temp.home_group")
    run(LINES, [batch.pk])
    run("ANALYZE home_line (row_id, number, outcome, home, relation, person_id, own_home, new_id)")


def group() -> None:
    """The households that the good lines mean, anew."""
    run("DROP TABLE IF EXISTS pg_temp.home_group")
    run(GROUPS)
    run("ANALYZE home_group")


def refuse(field: str, source: str, params: Sequence[Any] = ()) -> int:
    return run(REFUSED.format(source=source), [field, *params])


def refuse_others_people(batch: Batch) -> None:
    """The register knows another name for the number; a township hands in its own people alone (ZX-29)."""
    refuse("name", OTHER_NAMES)
    if township := township_of(batch):
        refuse("", ELSEWHERE_LINES, [township])


def refuse_wrong(batch: Batch) -> None:
    """One after the other: whom a household loses to one fault may leave it without its head."""
    refuse_others_people(batch)
    group()
    township = township_of(batch)
    if refuse("id_number", TWO_HOUSEHOLDS, [batch.unit.kind in TOWNSHIP | COUNTY_WIDE]):
        group()
    if township and refuse("home", FAR_HOUSEHOLD, [township]):
        group()
    for refusal in (DEAD, WITHOUT_HEAD, SECOND_HEAD, OTHER_PLACE):
        if refuse("", refusal):
            group()


def write_back() -> None:
    tell(TOLD)
