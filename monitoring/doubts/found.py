"""From items to doubts, set by set: what was found today beside what stands, in two temporary tables of one transaction.

A doubt's fingerprint is over the keys of its items and the people they are about. What stands of a kind that was asked and is found no
more, or belongs to another township now, has vanished; not so what a file said whose rows are forgotten since. What is made of it is
written in `transitions.entering_doubts`.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg2.sql import SQL, Literal

from deadlines.rules import start_of
from organization.models import Post, Unit

from . import of_sheets, reach
from .rules import DoubtRule, Scene, asked, insert, run

# Wide sorts and sums over the county, each statement run once.
SETTINGS = "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"
ITEMS = """
    CREATE TEMPORARY TABLE doubt_item (
        kind text, person uuid, home uuid, key text, program text, other_program text, weight int, item jsonb
    ) ON COMMIT DROP
"""
FOUND = """
    CREATE TEMPORARY TABLE doubt_found ON COMMIT DROP AS
    WITH placed AS (
        SELECT i.kind, COALESCE(i.home, m.household_id) AS home, CASE WHEN i.home IS NULL AND m.id IS NULL THEN i.person END AS alone,
            i.person, i.key, i.program, i.other_program, i.weight, i.item
        FROM doubt_item i LEFT JOIN households_membership m ON i.home IS NULL AND m.resident_id = i.person AND m.until IS NULL
    ), items AS (
        SELECT kind, home, alone, key, min(program) AS program, min(other_program) AS other_program, max(weight) AS weight,
            COALESCE(string_agg(DISTINCT person::text, ',' ORDER BY person::text), '') AS people,
            (array_agg(item ORDER BY person))[1] || CASE WHEN count(person) = 0 THEN '{}'::jsonb
                ELSE jsonb_build_object('people', jsonb_agg(DISTINCT person) FILTER (WHERE person IS NOT NULL)) END AS item
        FROM placed GROUP BY kind, home, alone, key
    ), doubts AS (
        SELECT kind, home, alone, md5(string_agg(key || '|' || people, ';' ORDER BY key))::uuid AS fingerprint,
            jsonb_agg(item ORDER BY weight DESC, key) AS evidence, LEAST(sum(weight), 1000000)::int AS score,
            (array_agg(program ORDER BY weight DESC, key) FILTER (WHERE program IS NOT NULL))[1] AS program,
            (array_agg(other_program ORDER BY weight DESC, key) FILTER (WHERE other_program IS NOT NULL))[1] AS other_program
        FROM items GROUP BY kind, home, alone
    )
    SELECT d.*, COALESCE(h.region_id, r.region_id) AS region_code, left(COALESCE(h.region_id, r.region_id), 9) AS township_code
    FROM doubts d LEFT JOIN households_household h ON h.id = d.home LEFT JOIN households_resident r ON r.id = d.alone
"""
VANISHED = """
    SELECT d.id, f.kind IS NOT NULL FROM monitoring_doubt d
    LEFT JOIN doubt_found f ON f.kind = d.kind AND COALESCE(f.home, f.alone) = COALESCE(d.household_id, d.resident_id)
    WHERE d.status <> 'closed' AND d.kind IN ({kinds}) AND f.township_code IS DISTINCT FROM d.township_code
        AND NOT (f.kind IS NULL AND {forgotten})
"""
# The highest scores first; a capped kind only as many as the township may still be given this month.
NEXT = """
    SELECT id FROM (
        SELECT d.id, d.kind, row_number() OVER (PARTITION BY d.kind, d.township_code ORDER BY d.score DESC, d.id) AS place,
            COALESCE(g.given, 0) AS given
        FROM monitoring_doubt d LEFT JOIN (
            SELECT kind, township_code, count(*) AS given FROM monitoring_doubt
            WHERE opened_by_id = {by} AND opened_at >= {month} GROUP BY kind, township_code
        ) g ON g.kind = d.kind AND g.township_code = d.township_code
        WHERE d.status = 'pool' AND d.unit_id IS NOT NULL AND d.kind IN ({kinds})
    ) n WHERE kind NOT IN ({capped}) OR place + given <= {most}
"""


def look(scene: Scene, rules: Sequence[DoubtRule], said: Callable[[int, DoubtRule], None]) -> dict[str, int]:
    """Ask every rule; how many doubts there are of each kind that was asked. `said` is told before each.

    A rule that has nothing to compare with was not asked: what stands of its kind is neither found nor disproved.
    """
    run(SETTINGS)
    run("DROP TABLE IF EXISTS pg_temp.doubt_item, pg_temp.doubt_found")
    run(ITEMS)
    reach.build(scene)
    of_sheets.build()
    numbers: dict[str, int] = {}
    for place, each in enumerate(rules):
        said(place, each)
        select = each.select(scene)
        if select is not None:
            insert(each, select)
            numbers[each.kind] = 0
    run("ANALYZE doubt_item")
    run(FOUND)
    run("ANALYZE doubt_found")
    return numbers | dict(asked("SELECT kind, count(*) FROM doubt_found GROUP BY kind"))


def vanished(kinds: Sequence[str]) -> dict[UUID, bool]:
    """Standing doubts that the data tells no more; whether they are found elsewhere (another township)."""
    statement = SQL(VANISHED).format(kinds=listed(kinds), forgotten=of_sheets.forgotten())
    return {pk: bool(elsewhere) for pk, elsewhere in asked(statement)}


def next_from_pool(kinds: Sequence[str], capped: Sequence[str], most: int, month: date, by: Post) -> list[UUID]:
    """Whom the townships are given now: all of most kinds, of a capped kind the first."""
    statement = SQL(NEXT).format(
        by=Literal(by.pk), month=SQL("{}::timestamptz").format(Literal(start_of(month))), kinds=listed(kinds), capped=listed(capped),
        most=Literal(most),
    )  # fmt: skip
    return [pk for (pk,) in asked(statement)]


def windows(on: date) -> dict[str, int]:
    """The window of each township."""
    rows = Unit.objects.current(on).filter(kind=Unit.Kind.TOWNSHIP_WINDOW).order_by("-pk")
    return dict(rows.values_list("region_id", "pk"))


def listed(values: Sequence[str]) -> Any:
    return SQL(", ").join(map(Literal, values)) if values else SQL("NULL")
