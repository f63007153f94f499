"""How a month's figures are counted from records and whom they reach: one statement for cells, for their check, and for a village.

Place and month are those of the aid: `region_code` as it was granted, in force when it stands on the month's last day. What stood on the
eve of the month and no longer does has stopped; what stands and did not then is new: so an adjusted sum is neither. A household is the
record's, or the one its person belonged to that day, or first came to after it; a person of no household counts as one.

What is of a sensitive program stands in no sum of several (DESIGN 2): others read the rows without it, and would find it as the rest.
It is counted for itself, and of its department once more with it, for whoever is of that department.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from psycopg2.sql import SQL, Composable, Literal

from config.dates import add_months
from households.holds import covers

from ..doubts.rules import asked

PLACE, PROGRAM, DEPARTMENT = "township", "program", "department"


@dataclass(frozen=True, slots=True)
class Level:
    """Told once for every value of its columns. `with_sensitive`: of departments that have sensitive programs, with them; else without.
    By program each is told, the sensitive ones marked."""

    columns: tuple[str, ...]
    with_sensitive: bool = False


# From the finest up.
BY_PROGRAM, BY_DEPARTMENT, WHOLE_DEPARTMENTS, OF_PLACES = (
    Level((PLACE, DEPARTMENT, PROGRAM)), Level((PLACE, DEPARTMENT)), Level((PLACE, DEPARTMENT), with_sensitive=True), Level((PLACE,)),
)  # fmt: skip
OF_TOWNSHIPS = (BY_PROGRAM, BY_DEPARTMENT, WHOLE_DEPARTMENTS, OF_PLACES)
OF_THE_COUNTY = (Level((DEPARTMENT, PROGRAM)), Level((DEPARTMENT,)), Level((DEPARTMENT,), with_sensitive=True), Level(()))
KEYS = ("township_code", "department_id", "program_id", "with_sensitive")
SUMS = ("amount", "paid", "once_amount")
FIGURES = (
    "records", "amount", "paid", "once_records", "once_households", "once_people", "once_amount", "households", "new_households",
    "stopped_households", "people", "new_people", "stopped_people",
)  # fmt: skip

# The household of a person on a day; of one who came to none until later, the first: a roll may be older than the register.
HOME = """(SELECT m.household_id FROM households_membership m
    WHERE m.resident_id = s.resident_id AND (m.until IS NULL OR m.until > {day}) ORDER BY m.since, m.id LIMIT 1)"""
# `now`: in force at the month's end; `past`: at its eve; `is_paid`: something is due for it in this month. Nearly everybody left no
# household since: they are met by one pass over the memberships (`alone`), the others one by one for each day.
STANDING = """
sensitive AS MATERIALIZED (SELECT code, department_id FROM programs_program WHERE is_sensitive), standing AS MATERIALIZED (
    SELECT a.id, {place} AS township, p.department_id AS department, a.program_id AS program, a.household_id, a.resident_id,
        a.amount, a.cadence, a.until IS NULL OR a.until >= {last} AS now, a.since <= {eve} AS past,
        (a.until IS NULL OR a.until >= {first}) AND CASE a.cadence
            WHEN 'monthly' THEN NOT EXISTS (
                SELECT FROM households_recordchange h
                WHERE h.record_id = a.id AND {held})
            WHEN 'yearly' THEN extract(month FROM a.since) = extract(month FROM {first})
            ELSE a.since >= {first} END AS is_paid
    FROM households_assistancerecord a JOIN programs_program p ON p.code = a.program_id
    WHERE a.cadence <> 'once' AND a.since <= {last} AND (a.until IS NULL OR a.until >= {eve}){where}
), once AS MATERIALIZED (
    SELECT a.id, {place} AS township, p.department_id AS department, a.program_id AS program, a.household_id, a.resident_id,
        a.amount, a.since
    FROM households_assistancerecord a JOIN programs_program p ON p.code = a.program_id
    WHERE a.cadence = 'once' AND a.since BETWEEN {first} AND {last}{where}
), alone AS MATERIALIZED (
    SELECT s.township, s.department, s.program, s.resident_id, s.now, s.past, m.household_id AS home
    FROM standing s LEFT JOIN households_membership m ON m.resident_id = s.resident_id AND m.until IS NULL
        AND NOT EXISTS (SELECT FROM households_membership o WHERE o.resident_id = m.resident_id AND o.until > {eve})
    WHERE s.household_id IS NULL
), homes AS MATERIALIZED (
    SELECT township, department, program, holder, bool_or(now) AS now, bool_or(past) AS past FROM (
        SELECT township, department, program, household_id AS holder, now, past FROM standing WHERE household_id IS NOT NULL
        UNION ALL SELECT township, department, program, home, now, past FROM alone WHERE home IS NOT NULL
        UNION ALL
        SELECT township, department, program, COALESCE({at_last}, resident_id), true, false FROM alone s WHERE home IS NULL AND now
        UNION ALL
        SELECT township, department, program, COALESCE({at_eve}, resident_id), false, true FROM alone s WHERE home IS NULL AND past
    ) each GROUP BY township, department, program, holder
), people AS MATERIALIZED (
    SELECT s.township, s.department, s.program, c.resident_id AS holder,
        bool_or(s.now AND c.since <= {last} AND (c.until IS NULL OR c.until >= {last})) AS now,
        bool_or(s.past AND c.since <= {eve}) AS past
    FROM standing s JOIN households_coverage c
        ON c.record_id = s.id AND c.since <= {last} AND (c.until IS NULL OR c.until >= {eve})
    GROUP BY s.township, s.department, s.program, c.resident_id
), once_homes AS MATERIALIZED (
    SELECT DISTINCT township, department, program, COALESCE(household_id, {at_grant}, resident_id) AS holder FROM once s
), once_people AS MATERIALIZED (
    SELECT DISTINCT o.township, o.department, o.program, c.resident_id AS holder
    FROM once o JOIN households_coverage c ON c.record_id = o.id
), sums AS MATERIALIZED (
    SELECT township, department, program, count(*) FILTER (WHERE now) AS records,
        sum(amount) FILTER (WHERE now AND cadence = 'monthly') AS amount, sum(amount) FILTER (WHERE is_paid) AS paid,
        0 AS once_records, 0 AS once_amount
    FROM standing GROUP BY township, department, program
    UNION ALL
    SELECT township, department, program, 0, 0, sum(amount), count(*), sum(amount) FROM once GROUP BY township, department, program
)""".replace("{held}", covers("h", "{first}", "{last}"))
# Who is aided, each level from the next finer one: a household or person stands once in each.
FINER = {
    BY_DEPARTMENT: BY_PROGRAM,
    WHOLE_DEPARTMENTS: BY_PROGRAM,
    OF_PLACES: BY_DEPARTMENT,
    **dict(zip(OF_THE_COUNTY, OF_TOWNSHIPS, strict=True)),
}
COARSER = "{name} AS (SELECT {columns}holder, bool_or(now) AS now, bool_or(past) AS past FROM {finer}{where} GROUP BY {columns}holder)"
OPEN = " WHERE program NOT IN (SELECT code FROM sensitive)"
OF_THEIR_DEPARTMENTS = " WHERE department IN (SELECT department_id FROM sensitive)"
ADDED = """
SELECT {told}, sum(records) AS records, sum(amount) AS amount, sum(paid) AS paid, sum(once_records) AS once_records,
    sum(once_amount) AS once_amount FROM sums{where}{group}
"""
HELD = """
SELECT {told}, count(*) FILTER (WHERE now) AS {what}, count(*) FILTER (WHERE now AND NOT past) AS new_{what},
    count(*) FILTER (WHERE past AND NOT now) AS stopped_{what} FROM {source}{group}
"""
REACHED_ONCE = "SELECT {told}, count(DISTINCT holder) AS once_{what} FROM {source}{where}{group}"
SETS = {"households": "homes", "people": "people"}


@dataclass(frozen=True, slots=True)
class Month:
    """By its first day."""

    first: date

    @property
    def last(self) -> date:
        return add_months(self.first, 1) - timedelta(days=1)

    @property
    def eve(self) -> date:
        return self.first - timedelta(days=1)


def cells_of(
    month: date,
    levels: tuple[Level, ...],
    *,
    townships: list[str] | None = None,
    prefix: str = "",
    digits: int = 9,
    only_sums: bool = False,
) -> Composable:
    """SELECT of (*KEYS, *FIGURES), empty where a level does not tell it; nothing where nothing stands.

    `townships`: of these alone; `prefix`: of what lies in that place alone, a village too; `digits` of a place's code: twelve count each
    village for itself. `only_sums`: without whom it reaches, the dear part.
    """
    days = Month(month)
    given = {name: SQL("{}::date").format(Literal(getattr(days, name))) for name in ("first", "last", "eve")}
    where: Composable = SQL("")
    if townships is not None:
        where = SQL(" AND left(a.region_code, 9) = ANY ({}::text[])").format(Literal(townships))
    if prefix:
        where += SQL(" AND a.region_code LIKE {}").format(Literal(prefix + "%"))
    moments = {"at_last": given["last"], "at_eve": given["eve"], "at_grant": SQL("s.since")}
    homes = {name: SQL(HOME).format(day=day) for name, day in moments.items()}
    place = SQL(f"left(a.region_code, {digits})")
    tables = SQL(STANDING).format(place=place, where=where, **homes, **given) + SQL("".join(f", {one}" for one in _coarser()))
    parts = [part for level in levels for part in (_parts(level)[:1] if only_sums else _parts(level))]
    sums = SQL(", ").join(SQL(f"COALESCE(sum({name}), 0) AS {name}") for name in FIGURES)
    return SQL(
        "WITH {tables} SELECT township AS township_code, department AS department_id, program AS program_id, with_sensitive, {sums} "
        "FROM ({parts}) parts GROUP BY township, department, program, with_sensitive"
    ).format(tables=tables, sums=sums, parts=SQL(" UNION ALL ").join(parts))


def _coarser() -> list[str]:
    return [
        COARSER.format(
            name=_table(source, level), finer=_table(source, finer), columns="".join(f"{column}, " for column in level.columns),
            where=_where(level) if finer == BY_PROGRAM else "",
        )
        for source in SETS.values()
        for level, finer in FINER.items()
    ]  # fmt: skip


def _table(source: str, level: Level) -> str:
    """The finest level is the set itself; of the county, there is no column at all."""
    if level == BY_PROGRAM:
        return source
    return "_".join((source, *(["whole"] if level.with_sensitive else []), "by", *(level.columns or ("county",))))


def _where(level: Level) -> str:
    """Of the finest sets, which know each program."""
    if PROGRAM in level.columns:
        return ""
    return OF_THEIR_DEPARTMENTS if level.with_sensitive else OPEN


def _parts(level: Level) -> list[Composable]:
    every = ", ".join(level.columns)
    told = ", ".join(
        f"{column if column in level.columns else empty} AS {column}"
        for column, empty in ((PLACE, "''"), (DEPARTMENT, "NULL::bigint"), (PROGRAM, "NULL::text"))
    )
    marked = "program IN (SELECT code FROM sensitive)" if PROGRAM in level.columns else str(level.with_sensitive).lower()
    said = {"told": f"{told}, {marked} AS with_sensitive", "group": f" GROUP BY {every}" if level.columns else ""}
    of_rows = {**said, "where": _where(level)}
    return [
        _wide(ADDED.format(**of_rows), ("records", "amount", "paid", "once_records", "once_amount")),
        *(
            _wide(HELD.format(what=what, source=_table(source, level), **said), (what, f"new_{what}", f"stopped_{what}"))
            for what, source in SETS.items()
        ),
        *(_wide(REACHED_ONCE.format(what=what, source=f"once_{source}", **of_rows), (f"once_{what}",)) for what, source in SETS.items()),
    ]


def _wide(statement: str, told: tuple[str, ...]) -> Composable:
    """The same with all figures, those it does not tell empty."""
    figures = ", ".join(name if name in told else f"NULL::numeric AS {name}" for name in FIGURES)
    return SQL(f"SELECT {PLACE}, {DEPARTMENT}, {PROGRAM}, with_sensitive, {figures} FROM ({statement}) told")  # noqa: S608 - constants


def counted(month: date, levels: tuple[Level, ...], **narrowed: Any) -> list[dict[str, Any]]:
    """The same, asked now."""
    names = (*KEYS, *FIGURES)
    return [dict(zip(names, row, strict=True)) for row in asked(cells_of(month, levels, **narrowed))]
