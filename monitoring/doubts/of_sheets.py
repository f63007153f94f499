"""What the files of the units say against the register: rows of applied files that were marked when they were compared (DESIGN 7).

Of a whole list the last file counts. Of others each person's last row does: what a later row says otherwise is disproved. A sheet that is
sensitive raises none: its name alone would tell a township what somebody is (DESIGN 2).
"""

from psycopg2.sql import SQL, Composable, Literal

from spreadsheets.declaration import template_of
from spreadsheets.models import Batch

from .rules import Kind, Scene, rule, run

MARKS = ("name_differs", "two_households", "loose", "amount_differs")
STAGED = SQL("SELECT * FROM doubt_staged")
BUILD = """
    CREATE TEMPORARY TABLE doubt_staged ON COMMIT DROP AS
    SELECT * FROM (
        SELECT DISTINCT ON (b.template, b.unit_id, COALESCE(s.person_digest, s.new_id), s.subject_id)
            b.template, s.batch_id AS batch, s.number AS row, s.person_id AS person, s.subject_id AS subject, s.name, s.cells, s.marks,
            s.household_id AS home, b.as_of
        FROM spreadsheets_stagedrow s JOIN spreadsheets_batch b ON b.id = s.batch_id
        WHERE s.batch_id = ANY ({batches}::uuid[]) AND s.number > 0
        ORDER BY b.template, b.unit_id, COALESCE(s.person_digest, s.new_id), s.subject_id, b.as_of DESC, b.applied_at DESC
    ) last WHERE marks && {marks}::varchar[] AND person IS NOT NULL
"""
# Of a doubt `d`: it names a file whose rows have had their time (`spreadsheets.transitions.tidy`) and that no later file answers. It can be
# found no more, and nothing says otherwise.
FORGOTTEN = """
    EXISTS (
        SELECT 1 FROM jsonb_array_elements(d.evidence) e JOIN spreadsheets_batch b ON b.id::text = e ->> 'batch'
        WHERE b.id = ANY ({batches}::uuid[]) AND NOT EXISTS (SELECT 1 FROM spreadsheets_stagedrow s WHERE s.batch_id = b.id)
            AND NOT EXISTS (
                SELECT 1 FROM spreadsheets_stagedrow s JOIN spreadsheets_batch n ON n.id = s.batch_id
                WHERE n.id = ANY ({batches}::uuid[]) AND n.template = b.template AND n.unit_id = b.unit_id AND n.as_of >= b.as_of
                    AND e -> 'people' @> to_jsonb(s.person_id))
    )
"""


def forgotten() -> Composable:
    return SQL(FORGOTTEN).format(batches=_counting())


def build() -> None:
    """The marked rows of the files that count, as a temporary table of this transaction."""
    run(SQL("DROP TABLE IF EXISTS pg_temp.doubt_staged"))
    run(SQL(BUILD).format(batches=_counting(), marks=Literal(list(MARKS))))


def _counting() -> Composable:
    return Literal([str(pk) for pk in _batches_that_count()])


def _batches_that_count() -> list[object]:
    rows = list(Batch.objects.standing().order_by("-as_of", "-applied_at").values_list("pk", "template", "unit_id"))
    templates = {key: template_of(key) for key in {key for _, key, _ in rows}}
    seen: set[tuple[str, int]] = set()
    found = []
    for pk, key, unit_id in rows:
        template = templates[key]
        if template is None or template.sensitive or (template.is_whole and (key, unit_id) in seen):
            continue
        seen.add((key, unit_id))
        found.append(pk)
    return found


@rule(Kind.IDENTITY, disproved="新数据表明：姓名与证件号码已经一致，或者新的文件中不再出现。")
def identity(scene: Scene) -> Composable:  # noqa: ARG001
    """A file names somebody otherwise than the register does under the same number."""
    return SQL("""
        SELECT s.person, NULL::uuid, s.template || '|' || md5(s.name), NULL::text, NULL::text, 80,
            jsonb_build_object('template', s.template, 'batch', s.batch, 'row', s.row, 'as_of', s.as_of)
        FROM ({staged}) s JOIN households_resident r ON r.id = s.person
        WHERE 'name_differs' = ANY (s.marks) AND r.survivor_id IS NULL
            AND regexp_replace(s.name, '[[:space:]·]', '', 'g') <> regexp_replace(r.name, '[[:space:]·]', '', 'g')
    """).format(staged=STAGED)


@rule(Kind.TWO_HOMES, disproved="新数据表明：此人已转到其他家庭，或者新的文件中不再出现。")
def two_homes(scene: Scene) -> Composable:  # noqa: ARG001
    """A file puts somebody into another household than the one he belongs to, and belongs to still. The row opened no second membership."""
    return SQL("""
        SELECT s.person, NULL::uuid, concat_ws('|', s.template, s.person, s.subject), NULL::text, NULL::text, 90,
            jsonb_build_object('template', s.template, 'batch', s.batch, 'row', s.row, 'as_of', s.as_of)
        FROM ({staged}) s WHERE 'two_households' = ANY (s.marks) AND (s.home IS NULL OR EXISTS (
            SELECT 1 FROM households_membership m WHERE m.resident_id = s.person AND m.household_id = s.home AND m.until IS NULL))
    """).format(staged=STAGED)


@rule(Kind.AMOUNT, disproved="新数据表明：名册金额与决定已经一致，或者该项救助已终止。")
def amount(scene: Scene) -> Composable:
    """A roll pays another amount than was decided; the decision's stands."""
    return SQL("""
        SELECT CASE WHEN a.household_id IS NULL THEN a.resident_id END, a.household_id,
            a.id || '|' || COALESCE(s.cells ->> 'amount', ''), a.program_id, NULL::text, 120,
            jsonb_build_object('program', a.program_id, 'record', a.id, 'batch', s.batch, 'row', s.row, 'as_of', s.as_of)
        FROM ({staged}) s JOIN households_assistancerecord a ON a.id = s.subject
        JOIN programs_program p ON p.code = a.program_id AND NOT p.is_sensitive
        WHERE 'amount_differs' = ANY (s.marks) AND a.since <= {day} AND (a.until IS NULL OR a.until >= {day})
            AND a.amount::text IS DISTINCT FROM s.cells ->> 'amount'
    """).format(staged=STAGED, day=scene.day)


@rule(Kind.UNPAID, disproved="新数据表明：已列入名册，或者该项救助已终止。")
def unpaid(scene: Scene) -> Composable:
    """Aid that was decided and that so many of the last whole rolls of its unit do not hold (批而未发)."""
    return SQL("""
        WITH days AS (
            SELECT template, unit_id, as_of, row_number() OVER (PARTITION BY template, unit_id ORDER BY as_of DESC) AS place
            FROM (SELECT DISTINCT template, unit_id, as_of FROM spreadsheets_batch WHERE status = 'applied') b
        )
        SELECT a.resident_id, a.household_id, a.id::text, a.program_id, NULL::text, 350,
            jsonb_build_object('program', a.program_id, 'record', a.id, 'since', a.since, 'rolls', jsonb_agg(DISTINCT n.as_of))
        FROM households_rollabsence n
        JOIN spreadsheets_batch b ON b.id = n.batch_id AND b.status = 'applied'
        JOIN days d ON d.template = b.template AND d.unit_id = b.unit_id AND d.as_of = n.as_of AND d.place <= {absences}
        JOIN households_assistancerecord a ON a.id = n.record_id
        JOIN programs_program p ON p.code = a.program_id AND NOT p.is_sensitive
        WHERE a.since <= {day} AND (a.until IS NULL OR a.until >= {day})
        GROUP BY a.id HAVING count(DISTINCT n.as_of) >= {absences}
    """).format(day=scene.day, absences=Literal(scene.absences))
