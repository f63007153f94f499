"""Who the rows of a sheet are about: by the whole ID number alone, never by name, never the first of several (DESIGN 3, 7).

    f"SELECT ... FROM spreadsheets_stagedrow r {HOLDERS}"     # in a compare: `p` the person, `h` the household of each row
    f"{differs('r.name', 'p.name')}"                          # the register knows another name for the number
    of_another_township("p.id")                               # the sentence of a township's sheet, where somebody lives in another

A merged person is found as the survivor. A number of somebody without papers tells nothing, and finds nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection

from config.protection.masks import COMPOUND_SURNAMES
from organization.kinds import TOWNSHIP
from spreadsheets import staged

if TYPE_CHECKING:
    from spreadsheets.models import Batch

LOOSE, STRANGER, OTHER_NAME, ELSEWHERE = "loose", "stranger", staged.OTHER_NAME, "elsewhere"
WORDS = {LOOSE: "未归户（没有登记家庭）", STRANGER: "新登记人员", OTHER_NAME: "姓名与登记不同", ELSEWHERE: "不在本乡镇"}
# Joined to rows `r` that have a person_digest: `p` the person, `h` the household that the person belongs to today. The survivor is joined
# beside whom the number is of, and not in his place: there are few, and else every resident would be met twice.
HOLDERS = """
    LEFT JOIN households_resident d ON d.id_number_digest = r.person_digest AND d.id_type <> 'none'
    LEFT JOIN (
        SELECT g.id AS merged_id, v.id, v.name, v.region_id, v.died_on, v.registered_place, v.phone_digest FROM households_resident g
        JOIN households_resident v ON v.id = g.survivor_id WHERE g.survivor_id IS NOT NULL
    ) v ON v.merged_id = d.id
    CROSS JOIN LATERAL (
        SELECT COALESCE(v.id, d.id) AS id, COALESCE(v.name, d.name) AS name, COALESCE(v.region_id, d.region_id) AS region_id,
            CASE WHEN v.id IS NULL THEN d.died_on ELSE v.died_on END AS died_on,
            COALESCE(v.registered_place, d.registered_place) AS registered_place,
            CASE WHEN v.id IS NULL THEN d.phone_digest ELSE v.phone_digest END AS phone_digest
    ) p
    LEFT JOIN households_membership m ON m.resident_id = p.id AND m.until IS NULL
    LEFT JOIN households_household h ON h.id = m.household_id
"""
_SURNAMES = ", ".join(f"'{name}'" for name in sorted(COMPOUND_SURNAMES))


def masked(name: str) -> str:
    """`config.protection.masks.mask_name` as an expression over a column: 张*芳, 张*, 欧阳*; of other scripts the first character.

    Nearly every name is two or three characters of three octets each: told so first, it is looked through by no pattern.
    """
    is_plain = f"octet_length({name}) = 3 * length({name}) AND octet_length(left({name}, 1)) = 3 AND octet_length(right({name}, 1)) = 3"
    return f"""(CASE
        WHEN length({name}) = 2 AND {is_plain} THEN left({name}, 1) || '*'
        WHEN length({name}) = 3 AND {is_plain} THEN left({name}, 1)
            || CASE WHEN left({name}, 2) IN ({_SURNAMES}) THEN substr({name}, 2, 1) || '*' ELSE '*' || right({name}, 1) END
        WHEN length({name}) < 2 THEN repeat('*', length({name}))
        WHEN {name} !~ '^[^[:ascii:]]+$' OR strpos({name}, '·') > 0 THEN left({name}, 1) || repeat('*', length({name}) - 1)
        WHEN length({name}) > 2 AND left({name}, 2) IN ({_SURNAMES})
            THEN left({name}, 2) || CASE WHEN length({name}) = 3 THEN '*' ELSE repeat('*', length({name}) - 3) || right({name}, 1) END
        WHEN length({name}) = 2 THEN left({name}, 1) || '*'
        ELSE left({name}, 1) || repeat('*', length({name}) - 2) || right({name}, 1) END)"""


def differs(one: str, other: str) -> str:
    """Two names that are not one: spaces and the ways of writing the dot aside. Most are the same as they stand, which costs a seventh."""
    kept = "upper(translate({}, ' 　·•・．.', ''))"
    return f"({one} <> {other} AND {kept.format(one)} <> {kept.format(other)})"


def run(statement: str, params: Sequence[Any] | dict[str, Any] = ()) -> int:
    """One statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def take_turn(lock: str, key: str) -> None:
    """A lock by name, to the end of the transaction: `lock` calls it, with one place. Waited for as long as another file's entry takes.

    That may be a minute; whoever waits for a row gives up after seconds, and a job that did so thrice would be told as broken.
    """
    run(f"SET LOCAL lock_timeout = 0; SELECT {lock}; SET LOCAL lock_timeout TO DEFAULT", [key])


def literal(text: str) -> str:
    """What the catalogue calls something, as a text of a statement that has params: its editors write it, quotes and per cents too."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


MANY = 200


def run_many(statement: str, params: Sequence[Any] | Mapping[str, Any] = (), *, rows: int) -> int:
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


def of_another_township(person: str) -> str:
    """The sentence, over the division `w`: where somebody is registered, or of a stranger what the row says."""
    return (
        f"CASE WHEN {person} IS NULL THEN '表中填的是' || w.name || '，不是本乡镇（街道）。请核对；属实的，由该乡镇（街道）报送。' "
        "ELSE '此人登记在' || w.name || '，不在本乡镇（街道）。请由该乡镇（街道）办理，或先办理迁移。' END"
    )
