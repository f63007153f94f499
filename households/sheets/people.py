"""Who the rows of a sheet are about: by the whole ID number alone, never by name, never the first of several (DESIGN 3, 7).

    known(batch)                      # in a compare: person and household of each row, by two joins
    refuse_other_names(batch)         # the register knows another name for the number: an error, and the mark of a doubt
    refuse_elsewhere(batch)           # a township's sheet, and a household that lives in another
    enter_strangers(batch, template, by)  # in an apply: whom the register lacks becomes a resident without household (未归户)

A merged person is found as the survivor. A number of somebody without papers tells nothing, and finds nobody.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record_from
from config import clock
from config.protection.identity import IdCheck, Sex, check_id_number, guess_id_type
from config.protection.masks import COMPOUND_SURNAMES
from config.protection.names import name_keys, tidy_name
from config.protection.sealing import unseal
from config.verbs import TransitionError
from organization.kinds import TOWNSHIP
from spreadsheets import effects
from spreadsheets.staged import refuse

from ..models import Resident

if TYPE_CHECKING:
    from organization.models import Post
    from spreadsheets.declaration import Template
    from spreadsheets.models import Batch

LOOSE, STRANGER, OTHER_NAME, ELSEWHERE = "loose", "stranger", "name_differs", "elsewhere"
WORDS = {LOOSE: "未归户（没有登记家庭）", STRANGER: "新登记人员", OTHER_NAME: "姓名与登记不同", ELSEWHERE: "不在本乡镇"}
# Joined to rows `r` that have a person_digest: `p` the person, `h` the household that the person belongs to today. The survivor is joined
# beside whom the number is of, and not in his place: there are few, and else every resident would be met twice.
HOLDERS = """
    LEFT JOIN households_resident d ON d.id_number_digest = r.person_digest AND d.id_type <> 'none'
    LEFT JOIN (
        SELECT g.id AS merged_id, v.id, v.name, v.region_id, v.died_on FROM households_resident g
        JOIN households_resident v ON v.id = g.survivor_id WHERE g.survivor_id IS NOT NULL
    ) v ON v.merged_id = d.id
    CROSS JOIN LATERAL (
        SELECT COALESCE(v.id, d.id) AS id, COALESCE(v.name, d.name) AS name, COALESCE(v.region_id, d.region_id) AS region_id,
            CASE WHEN v.id IS NULL THEN d.died_on ELSE v.died_on END AS died_on
    ) p
    LEFT JOIN households_membership m ON m.resident_id = p.id AND m.until IS NULL
    LEFT JOIN households_household h ON h.id = m.household_id
"""
_SURNAMES = ", ".join(f"'{name}'" for name in sorted(COMPOUND_SURNAMES))


def masked(name: str) -> str:
    """`config.protection.masks.mask_name` as an expression over a column: 张*芳, 张*, 欧阳*; of other scripts the first character."""
    return f"""(CASE
        WHEN length({name}) < 2 THEN repeat('*', length({name}))
        WHEN {name} !~ '^[^[:ascii:]]+$' OR strpos({name}, '·') > 0 THEN left({name}, 1) || repeat('*', length({name}) - 1)
        WHEN length({name}) > 2 AND left({name}, 2) IN ({_SURNAMES})
            THEN left({name}, 2) || CASE WHEN length({name}) = 3 THEN '*' ELSE repeat('*', length({name}) - 3) || right({name}, 1) END
        WHEN length({name}) = 2 THEN left({name}, 1) || '*'
        ELSE left({name}, 1) || repeat('*', length({name}) - 2) || right({name}, 1) END)"""


def differs(one: str, other: str) -> str:
    """Two names that are not one: spaces and the ways of writing the dot aside."""
    kept = "upper(translate({}, ' 　·•・．.', ''))"
    return f"{kept.format(one)} <> {kept.format(other)}"


def run(statement: str, params: Sequence[Any] | dict[str, Any] = ()) -> int:
    """One statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def literal(text: str) -> str:
    """What the catalogue calls something, as a text of a statement that has params: its editors write it, quotes and per cents too."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


MANY = 200


def run_many(statement: str, params: Sequence[Any] = (), *, rows: int) -> int:
    """A statement that joins the `rows` of a large sheet to a table whose statistics may be of the day before.

    A planner that takes the records of a program for a handful walks the sheet once for each of them, which took minutes for 20,000: from
    some hundred rows on the joins are by hash or merge.
    """
    with connection.cursor() as cursor:
        if rows < MANY:
            cursor.execute(statement, params)
            return int(cursor.rowcount)
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(statement, params)
        touched = int(cursor.rowcount)
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
        return touched


@contextmanager
def by_hash(rows: int) -> Iterator[None]:
    """The same for every statement of a block. One that fails takes the setting back with its transaction."""
    if rows >= MANY:
        run("SET LOCAL enable_nestloop = off")
    yield
    if rows >= MANY:
        run("SET LOCAL enable_nestloop TO DEFAULT")


def asked(statement: str, params: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def township_of(batch: "Batch") -> str:
    """The code of the township whose rows alone a batch may touch; "" for a county-wide one."""
    return str(batch.unit.region_id) if batch.unit.kind in TOWNSHIP else ""


KNOWN = f"""
    UPDATE spreadsheets_stagedrow s SET person_id = f.person_id, household_id = f.household_id, marks = s.marks || f.marks
    FROM (
        SELECT r.id, p.id AS person_id, h.id AS household_id,
            CASE WHEN p.id IS NULL THEN '{{{LOOSE},{STRANGER}}}' WHEN h.id IS NULL THEN '{{{LOOSE}}}' ELSE '{{}}' END::varchar[] AS marks
        FROM spreadsheets_stagedrow r {HOLDERS}
        WHERE r.batch_id = %s AND r.number > 0 AND r.person_digest IS NOT NULL
    ) f WHERE s.id = f.id
"""  # noqa: S608 - of the declarations above


def known(batch: "Batch") -> None:
    """Person and household of every row that names a person, wrong ones too; who is without household is marked."""
    run(KNOWN, [batch.pk])


OTHER_NAMES = f"""
    SELECT s.id, '证件号码登记的姓名与表中不同（登记为' || {masked("p.name")} || '）。请核对姓名和证件号码。', '{OTHER_NAME}'
    FROM spreadsheets_stagedrow s JOIN households_resident p ON p.id = s.person_id
    WHERE s.batch_id = %s AND s.outcome <> 'error' AND s.number > 0 AND s.name <> '' AND {differs("s.name", "p.name")}
"""  # noqa: S608 - of the declarations above


def refuse_other_names(batch: "Batch") -> int:
    return refuse(batch, "name", OTHER_NAMES, [batch.pk])


ELSEWHERE_ROWS = f"""
    SELECT s.id, '此人登记在' || w.name || '，不在本乡镇（街道）。请由该乡镇（街道）办理，或先办理迁移。', '{ELSEWHERE}'
    FROM spreadsheets_stagedrow s
    LEFT JOIN households_resident p ON p.id = s.person_id
    LEFT JOIN households_household h ON h.id = s.household_id
    JOIN organization_region w ON w.code = left(COALESCE(h.region_id, p.region_id, s.region_code), 9)
    WHERE s.batch_id = %s AND s.outcome <> 'error' AND s.number > 0
        AND NOT starts_with(COALESCE(h.region_id, p.region_id, s.region_code), %s)
"""  # noqa: S608 - of the declarations above


def refuse_elsewhere(batch: "Batch") -> int:
    """A township hands in its own people alone (ZX-29)."""
    township = township_of(batch)
    return refuse(batch, "", ELSEWHERE_ROWS, [batch.pk, township]) if township else 0


# ── apply ───────────────────────────────────────────────────────────────────────────────────────────────────────────


STRANGERS = """
    SELECT DISTINCT ON (s.person_digest) s.id, s.new_id, s.name, s.sealed #>> ARRAY[%s, 's']
    FROM spreadsheets_stagedrow s
    WHERE s.batch_id = %s AND s.outcome IN ('new', 'changed', 'same') AND s.number > 0
        AND s.person_id IS NULL AND s.person_digest IS NOT NULL
    ORDER BY s.person_digest, s.number, s.id
"""
ENTER = """
    INSERT INTO households_resident (
        id, name, name_pinyin, name_initials, name_order, id_type, id_number_sealed, id_number_digest, id_number_masked,
        sex, birth_on, region_id, registered_place, phone_sealed, phone_masked, bank_account_sealed, bank_account_masked, bank_name,
        is_synthetic, entered_at, entered_by_id
    )
    SELECT s.new_id, k.name, k.pinyin, k.initials, k.ordered, k.id_type, s.sealed #>> ARRAY[%s, 's'], s.person_digest, s.cells ->> %s,
        k.sex, k.birth_on, s.region_code, '', '', '', '', '', '', k.is_synthetic, %s, %s
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::boolean[])
        AS k (id, name, pinyin, initials, ordered, id_type, sex, birth_on, is_synthetic)
    JOIN spreadsheets_stagedrow s ON s.id = k.id
"""
NOW_KNOWN = """
    UPDATE spreadsheets_stagedrow s SET person_id = p.id
    FROM households_resident p
    WHERE s.batch_id = %s AND s.person_id IS NULL AND s.person_digest = p.id_number_digest AND s.outcome IN ('new', 'changed', 'same')
"""


@sensitive_variables()
def enter_strangers(batch: "Batch", template: "Template", by: "Post", *, note: str = "由导入的名册登记，未归户") -> int:
    """Residents without household for the rows that are applied and that the register lacks, each once; their rows then name them.

    Birth and sex are told by the number, which is opened for that alone. The ciphertext moves as it is: it was sealed for `new_id`.

    Raises:
        TransitionError: of whom the register kept the number when the file was read, it keeps another now.
    """
    rows = asked(STRANGERS, [template.person, batch.pk])
    if not rows:
        return 0
    if lost := sum(token is None for *_, token in rows):
        raise TransitionError(f"比对之后有{lost}行的人员更正了证件号码。请重新比对，核对后再确认。")
    people = [(pk, tidy_name(name), _paper(new_id, token)) for pk, new_id, name, token in rows]
    keys = [name_keys(name) for _, name, _ in people]
    papers = [paper for _, _, paper in people]
    columns: list[list[Any]] = [
        [pk for pk, _, _ in people], [name for _, name, _ in people], [key.pinyin for key in keys], [key.initials for key in keys],
        [key.order for key in keys], [str(paper.id_type) for paper in papers], [str(paper.sex or Sex.UNKNOWN) for paper in papers],
        [paper.birth_on for paper in papers], [paper.is_synthetic for paper in papers],
    ]  # fmt: skip
    made = effects.insert(batch, Resident, ENTER, [template.person, template.person, clock.now(), by.pk, *columns])
    run(NOW_KNOWN, [batch.pk])
    record_from(
        "resident.entered", Resident, "households_resident t WHERE t.id = ANY(%s::uuid[])", [[str(row[1]) for row in rows]], by=by,
        new="CASE t.id_type WHEN 'resident' THEN '居民身份证' ELSE '其他证件' END", subject_text=masked("t.name"),
        note=f"'{note}'", data=f"jsonb_build_object('batch', '{batch.pk}')",
    )  # fmt: skip
    return made


@sensitive_variables()
def _paper(pk: Any, token: str) -> IdCheck:
    number = unseal(Resident, "id_number", pk, token)
    return check_id_number(number, guess_id_type(number), on=clock.today(), allow_synthetic=True)
