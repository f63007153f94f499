"""The rows of a roll laid out beside whom they are about, for the statements of one comparison: a table of this transaction alone.

`roll_row`: every row that was read, with the program's columns (NULL where the template has none), person, household, where they live, and
`holder_household`: the household that holds the aid, NULL where the person alone does. `wrong`: field, sentence, mark of a row that may not
come in. `roll_outcome` is made of it by `records` and `statuses` and written back in one statement: a row is written once, however many
questions were asked of it.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from spreadsheets.apart import tell
from spreadsheets.declaration import Type
from spreadsheets.staged import COLUMN, typed

from .people import ELSEWHERE, HOLDERS, LOOSE, OTHER_NAME, STRANGER, asked, differs, masked, of_another_township, run, township_of

if TYPE_CHECKING:
    from spreadsheets.models import Batch

    from .roll_templates import Roll

TWICE, DEAD, EARLY = "twice", "dead", "early"
OPTIONAL = {
    "persons": Type.WHOLE,
    "amount": Type.MONEY,
    "in_kind": Type.TEXT,
    "employer": Type.TEXT,
    "since": Type.DATE,
    "granted_on": Type.DATE,
}
HIRED = "用人单位："
LAY = """
    CREATE TEMP TABLE roll_row ON COMMIT DROP AS
    SELECT r.id, r.number, r.new_id, r.person_digest, r.name, r.region_code, {columns},
        p.id AS person_id, p.name AS known_name, p.died_on, h.id AS household_id,
        COALESCE(h.region_id, p.region_id, r.region_code) AS home, {holder} AS holder_household, NULL::text[] AS wrong
    FROM ({rows}) r {holders} {alone}
"""
IN_FORCE = "t.cadence <> 'once' AND t.since <= %s AND (t.until IS NULL OR t.until >= %s)"
# Aid of a household that a member has alone (XX-12): the row is of the member then.
ALONE = f"""
    LEFT JOIN (
        SELECT DISTINCT t.resident_id, NULL::date AS day FROM households_assistancerecord t
        WHERE t.program_id = %s AND t.resident_id IS NOT NULL AND {IN_FORCE}
    ) own ON own.resident_id = p.id
"""  # noqa: S608 - constants
ALONE_THAT_DAY = """
    LEFT JOIN (
        SELECT DISTINCT t.resident_id, COALESCE(t.rolled_on, t.since) AS day FROM households_assistancerecord t
        WHERE t.program_id = %s AND t.resident_id IS NOT NULL AND t.cadence = 'once'
    ) own ON own.resident_id = p.id AND own.day = r.granted_on
"""


def lay_out(batch: "Batch", roll: "Roll") -> int:
    """Make `roll_row`; how many rows. Laid out before in this transaction: anew."""
    run("DROP TABLE IF EXISTS roll_row, roll_found, roll_left, roll_outcome, roll_gone")
    run("SET LOCAL work_mem = '64MB'")  # a file's rows and what comes of them are hashed and sorted in memory
    run("SET LOCAL jit = off")  # where the server has it, to compile such statements costs more than it saves
    run("SET LOCAL default_statistics_target = 4")  # some hundred rows of each table: what ANALYZE tells is how many there are
    columns = [f"r.{key}" if key in roll.has else f"NULL::{COLUMN.get(kind, 'text')} AS {key}" for key, kind in OPTIONAL.items()]
    holder, alone = "NULL::uuid", ""
    params: list[Any] = [batch.pk]
    if roll.of_household:
        holder = "CASE WHEN own.resident_id IS NULL THEN h.id END"
        alone = ALONE if roll.template.is_whole else ALONE_THAT_DAY
        params += [roll.code, batch.as_of, batch.as_of] if roll.template.is_whole else [roll.code]
    rows = typed(roll.template)
    laid = run(LAY.format(columns=", ".join(columns), holder=holder, rows=rows, holders=HOLDERS, alone=alone), params)
    run("ANALYZE roll_row (id, number, person_digest, person_id, household_id, holder_household, wrong)")
    return laid


@dataclass(frozen=True, slots=True)
class Wrong:
    """Rows of `roll_row` as `r` that may not come in: where `condition` holds. `sentence` is an expression, as `condition` is."""

    field: str
    sentence: str
    mark: str
    condition: str
    params: tuple[Any, ...] = ()


def refuse_rows(*wrongs: Wrong, source: str = "") -> None:
    """The first of them that a row meets, unless something else was wrong with it before: all are asked as the rows are gone through once.

    `source`: what the conditions join besides, each row once.
    """
    cases = " ".join(f"WHEN {each.condition} THEN ARRAY[%s, {each.sentence}, %s]" for each in wrongs)
    any_ = " OR ".join(f"({each.condition})" for each in wrongs)
    run(
        f"UPDATE roll_row r SET wrong = CASE {cases} END {source} WHERE r.wrong IS NULL AND ({any_})",  # noqa: S608 - constants
        [
            *(param for each in wrongs for param in (*each.params, each.field, each.mark)),
            *(param for each in wrongs for param in each.params),
        ],
    )


def other_people(batch: "Batch") -> list[Wrong]:
    """Another name for the number, another township's people."""
    found = [
        Wrong(
            "name", f"'证件号码登记的姓名与表中不同（登记为' || {masked('r.known_name')} || '）。请核对姓名和证件号码。'", OTHER_NAME,
            f"r.known_name IS NOT NULL AND {differs('r.name', 'r.known_name')}",
        )
    ]  # fmt: skip
    township = township_of(batch)
    if township:
        division = "FROM organization_region w WHERE w.code = left(r.home, 9)"
        found.append(
            Wrong(
                "", f"(SELECT {of_another_township('r.person_id')} {division})", ELSEWHERE,
                f"NOT starts_with(r.home, %s) AND EXISTS (SELECT {division})", params=(township,),
            )
        )  # fmt: skip
    return found


def refuse_twice(roll: "Roll") -> None:
    """A household's second row, by whichever member (of one person, the reader has said so already)."""
    day, that_day = ("", "") if roll.template.is_whole else (", granted_on", " AND r.granted_on = first.granted_on")
    sentence = "CASE WHEN r.holder_household IS NULL THEN '此人' ELSE '这一户' END || '已在第' || first.number || '行，请勿重复。'"
    is_later = f"COALESCE(r.holder_household, r.person_id, r.person_digest) = first.whose{that_day} AND r.number > first.number"
    refuse_rows(
        Wrong("id_number", sentence, TWICE, is_later),
        source="FROM (SELECT COALESCE(holder_household, person_id, person_digest) AS whose, min(number) AS number"  # noqa: S608
        f"{day} FROM roll_row WHERE wrong IS NULL GROUP BY whose{day} HAVING count(*) > 1) first",
    )


def after(field: str, word: str, as_of: date) -> Wrong:
    return Wrong(field, f"'{word}' || r.{field} || '晚于数据截止日{as_of}。请核对日期。'", "", f"r.{field} > %s", params=(as_of,))


SAID = """
    SELECT o.id, o.outcome, o.subject_id, o.person_id, o.household_id, o.before, o.marks,
        CASE WHEN o.wrong IS NULL THEN '[]' ELSE jsonb_build_array(jsonb_build_array(o.wrong[1], o.wrong[2])) END AS problems
    FROM roll_outcome o
"""
WRITE_GONE = """
    INSERT INTO spreadsheets_stagedrow (
        batch_id, number, outcome, cells, sealed, name, region_code, new_id, subject_id, person_id, household_id, before, problems, marks
    )
    SELECT %s, 0, 'gone', g.cells, '{}', g.name, g.home, gen_random_uuid(), g.id, g.person_id, g.household_id, '{}', '[]', g.marks
    FROM roll_gone g ORDER BY g.home, g.name, g.id
"""
# Of what is gone: who stands for it, as the file would name them.
NAMED = """
    LEFT JOIN households_membership hm ON hm.household_id = t.household_id AND hm.until IS NULL AND hm.relation = '02'
    LEFT JOIN households_household gh ON gh.id = t.household_id
    LEFT JOIN households_resident gp ON gp.id = COALESCE(t.resident_id, hm.resident_id)
"""
WHO_GONE = "gp.id AS person_id, t.household_id, COALESCE(gh.region_id, gp.region_id) AS home, COALESCE(gp.name, '') AS name"
CELLS_GONE = "'id_number', gp.id_number_masked, 'name', gp.name, 'township', left(COALESCE(gh.region_id, gp.region_id), 9)"
# Of the rows that were not read whole: whom they name is on the list all the same.
UNREAD_PEOPLE = f"""
    SELECT p.id AS person_id, h.id AS household_id FROM spreadsheets_stagedrow r {HOLDERS}
    WHERE r.batch_id = %s AND r.outcome = 'error' AND r.number > 0 AND p.id IS NOT NULL
"""  # noqa: S608 - of the declarations above
# Marks of the people behind a row.
PEOPLE_MARKS = f"""
    array_remove(ARRAY[
        CASE WHEN r.household_id IS NULL THEN '{LOOSE}' END, CASE WHEN r.person_id IS NULL THEN '{STRANGER}' END,
        CASE WHEN r.died_on IS NOT NULL AND r.died_on <= %s THEN '{DEAD}' END, NULLIF(r.wrong[3], '')
    ]::varchar[], NULL)
"""


def write_back(batch: "Batch") -> None:
    """The comparison, onto the staged rows: one statement, and one for what is gone."""
    tell(SAID)
    run(WRITE_GONE, [batch.pk])


MOVED = """
    SELECT count(*) FROM roll_outcome o
    FULL JOIN (SELECT * FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome <> 'error' AND number > 0) s ON s.id = o.id
    WHERE o.outcome IS DISTINCT FROM s.outcome OR o.subject_id IS DISTINCT FROM s.subject_id OR o.before IS DISTINCT FROM s.before
        OR o.person_id IS DISTINCT FROM s.person_id
"""
GONE_MOVED = """
    SELECT count(*) FROM roll_gone g
    FULL JOIN (SELECT * FROM spreadsheets_stagedrow WHERE batch_id = %s AND outcome = 'gone') s ON s.subject_id = g.id
    WHERE g.id IS NULL OR s.id IS NULL OR g.marks <> s.marks
"""


def moved_since(batch: "Batch") -> int:
    """How many rows would be compared otherwise now than what people confirmed."""
    return sum(int(asked(statement, [batch.pk])[0][0]) for statement in (MOVED, GONE_MOVED))


MARKS = """
    SELECT mark, sum(rows) FROM (
        SELECT marks, count(*) AS rows FROM roll_outcome WHERE outcome <> 'error' GROUP BY marks
        UNION ALL SELECT marks, count(*) FROM roll_gone GROUP BY marks
    ) m CROSS JOIN LATERAL unnest(marks) AS mark GROUP BY 1
"""


def marks_counted() -> dict[str, int]:
    """How often each mark stands on the rows that may come in, and on those that are gone."""
    return {mark: int(count) for mark, count in asked(MARKS)}
