"""How a month's figures are counted from records and whom they reach: one statement for cells, for their check, and for a village.

Place and month are those of the aid: `region_code` as it was granted, in force when it stands on the month's last day. What stood on the
eve of the month and no longer does has stopped; what stands and did not then is new: so an adjusted sum is neither. A household is the
record's, or the one its person belonged to that day; a person of no household counts as one.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from psycopg2.sql import SQL, Composable, Literal

from config.dates import add_months

from ..doubts.rules import asked

PLACE, PROGRAM, DEPARTMENT = "township", "program", "department"
# The columns of a level, from the finest up: each is told once, for every value of its columns.
Level = tuple[str, ...]
OF_TOWNSHIPS: tuple[Level, ...] = ((PLACE, DEPARTMENT, PROGRAM), (PLACE, DEPARTMENT), (PLACE,))
OF_THE_COUNTY: tuple[Level, ...] = ((DEPARTMENT, PROGRAM), (DEPARTMENT,), ())
KEYS = ("township_code", "department_id", "program_id")
FIGURES = (
    "records", "amount", "paid", "once_records", "once_households", "once_people", "once_amount", "households", "new_households",
    "stopped_households", "people", "new_people", "stopped_people",
)  # fmt: skip

# `now`: in force at the month's end; `past`: at its eve; `is_paid`: something is due for it in this month.
STANDING = """
standing AS MATERIALIZED (
    SELECT a.id, {place} AS township, p.department_id AS department, a.program_id AS program, a.household_id, a.resident_id, a.amount,
        a.cadence, a.until IS NULL OR a.until >= {last} AS now, a.since <= {eve} AS past,
        (a.until IS NULL OR a.until >= {first}) AND CASE a.cadence
            WHEN 'monthly' THEN NOT EXISTS (
                SELECT FROM households_recordchange h
                WHERE h.record_id = a.id AND h.kind = 'hold' AND h.since <= {first} AND (h.until IS NULL OR h.until >= {last}))
            WHEN 'yearly' THEN extract(month FROM a.since) = extract(month FROM {first})
            ELSE a.since >= {first} END AS is_paid
    FROM households_assistancerecord a JOIN programs_program p ON p.code = a.program_id
    WHERE a.cadence <> 'once' AND a.since <= {last} AND (a.until IS NULL OR a.until >= {eve}){where}
), once AS MATERIALIZED (
    SELECT a.id, {place} AS township, p.department_id AS department, a.program_id AS program, a.household_id, a.resident_id, a.amount,
        a.since
    FROM households_assistancerecord a JOIN programs_program p ON p.code = a.program_id
    WHERE a.cadence = 'once' AND a.since BETWEEN {first} AND {last}{where}
), homes AS MATERIALIZED (
    SELECT township, department, program, holder, bool_or(now) AS now, bool_or(past) AS past FROM (
        SELECT township, department, program, household_id AS holder, now, past FROM standing WHERE household_id IS NOT NULL
        UNION ALL
        SELECT s.township, s.department, s.program, COALESCE(m.household_id, s.resident_id), true, false
        FROM standing s LEFT JOIN households_membership m
            ON m.resident_id = s.resident_id AND m.since <= {last} AND (m.until IS NULL OR m.until > {last})
        WHERE s.household_id IS NULL AND s.now
        UNION ALL
        SELECT s.township, s.department, s.program, COALESCE(m.household_id, s.resident_id), false, true
        FROM standing s LEFT JOIN households_membership m
            ON m.resident_id = s.resident_id AND m.since <= {eve} AND (m.until IS NULL OR m.until > {eve})
        WHERE s.household_id IS NULL AND s.past
    ) each GROUP BY township, department, program, holder
), people AS MATERIALIZED (
    SELECT s.township, s.department, s.program, c.resident_id AS holder,
        bool_or(s.now AND c.since <= {last} AND (c.until IS NULL OR c.until >= {last})) AS now,
        bool_or(s.past AND c.since <= {eve}) AS past
    FROM standing s JOIN households_coverage c
        ON c.record_id = s.id AND c.since <= {last} AND (c.until IS NULL OR c.until >= {eve})
    GROUP BY s.township, s.department, s.program, c.resident_id
)"""
ADDED = """
SELECT {told}, count(*) FILTER (WHERE now) AS records, sum(amount) FILTER (WHERE now AND cadence = 'monthly') AS amount,
    sum(amount) FILTER (WHERE is_paid) AS paid FROM standing{group}
"""
GIVEN_ONCE = """
SELECT {told}, count(*) AS once_records, sum(amount) AS once_amount, sum(amount) AS paid,
    count(DISTINCT COALESCE(o.household_id, m.household_id, o.resident_id)) AS once_households
FROM once o LEFT JOIN households_membership m ON o.household_id IS NULL
    AND m.resident_id = o.resident_id AND m.since <= o.since AND (m.until IS NULL OR m.until > o.since){group}
"""
REACHED_ONCE = """
SELECT {told}, count(DISTINCT c.resident_id) AS once_people
FROM once JOIN households_coverage c ON c.record_id = once.id{group}
"""
HELD = """
SELECT {told}, count(*) FILTER (WHERE now) AS {what}, count(*) FILTER (WHERE now AND NOT past) AS new_{what},
    count(*) FILTER (WHERE past AND NOT now) AS stopped_{what}
FROM (SELECT {columns}bool_or(now) AS now, bool_or(past) AS past FROM {source} GROUP BY {columns}holder) each{group}
"""


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
    without: list[str] | None = None,
    digits: int = 9,
) -> Composable:
    """SELECT of (township_code, department_id, program_id, *FIGURES), empty where a level does not tell it; nothing where nothing stands.

    `townships`: of these alone; `prefix`: of what lies in that place alone, a village too; `without`: programs left out;
    `digits` of a place's code: twelve count each village for itself.
    """
    days = Month(month)
    given = {name: SQL("{}::date").format(Literal(getattr(days, name))) for name in ("first", "last", "eve")}
    where = SQL("")
    if townships is not None:
        where = SQL(" AND left(a.region_code, 9) = ANY ({}::text[])").format(Literal(townships))
    if prefix:
        where += SQL(" AND a.region_code LIKE {}").format(Literal(prefix + "%"))
    if without:
        where += SQL(" AND a.program_id <> ALL ({}::text[])").format(Literal(without))
    standing = SQL(STANDING).format(place=SQL(f"left(a.region_code, {digits})"), where=where, **given)
    parts = [part for level in levels for part in _parts(level)]
    sums = SQL(", ").join(SQL(f"COALESCE(sum({name}), 0) AS {name}") for name in FIGURES)
    return SQL(
        "WITH {standing} SELECT township AS township_code, department AS department_id, program AS program_id, {sums} FROM ({parts}) parts "
        "GROUP BY township, department, program"
    ).format(standing=standing, sums=sums, parts=SQL(" UNION ALL ").join(parts))


def _parts(level: Level) -> list[Composable]:
    every = ", ".join(level)
    told = ", ".join(
        f"{column if column in level else empty} AS {column}"
        for column, empty in ((PLACE, "''"), (DEPARTMENT, "NULL::bigint"), (PROGRAM, "NULL::text"))
    )
    group = SQL(f" GROUP BY {every}" if level else "")
    columns = SQL(f"{every}, " if level else "")
    shared = {"told": SQL(told), "group": group, "columns": columns}
    return [
        _wide(SQL(ADDED).format(**shared), ("records", "amount", "paid")),
        _wide(SQL(GIVEN_ONCE).format(**shared), ("once_records", "once_amount", "paid", "once_households")),
        _wide(SQL(REACHED_ONCE).format(**shared), ("once_people",)),
        *(
            _wide(SQL(HELD).format(what=SQL(what), source=SQL(source), **shared), (what, f"new_{what}", f"stopped_{what}"))
            for what, source in (("households", "homes"), ("people", "people"))
        ),
    ]


def _wide(statement: Composable, told: tuple[str, ...]) -> Composable:
    """The same with all figures, those it does not tell empty."""
    figures = ", ".join(name if name in told else f"NULL::numeric AS {name}" for name in FIGURES)
    return SQL("SELECT township, department, program, {figures} FROM ({statement}) told").format(figures=SQL(figures), statement=statement)


def counted(month: date, levels: tuple[Level, ...], **narrowed: Any) -> list[dict[str, Any]]:
    """The same, asked now."""
    names = (*KEYS, *FIGURES)
    return [dict(zip(names, row, strict=True)) for row in asked(cells_of(month, levels, **narrowed))]
