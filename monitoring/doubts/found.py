"""From items to doubts, set by set: what was found today beside what stands, in two temporary tables of one transaction.

A doubt's fingerprint is over the keys of its items and the people they are about. What stands of a kind that was asked and is found no
more, or belongs to another township now, has vanished; what is found and does not stand is new, unless the same facts were dismissed, or
acted upon not long ago. Of 多头 time alone takes grants away: what is left of dismissed ones is nothing new.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg2.sql import SQL, Literal

from config import clock
from deadlines.rules import start_of
from organization.models import Post, Unit

from ..models import Doubt
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
"""
MOVED_ON = """
    UPDATE monitoring_doubt d SET fingerprint = f.fingerprint, evidence = f.evidence, score = f.score, program_id = f.program,
        other_program_id = f.other_program, region_code = f.region_code
    FROM doubt_found f
    WHERE d.status <> 'closed' AND f.kind = d.kind
        AND COALESCE(f.home, f.alone) = COALESCE(d.household_id, d.resident_id)
        AND (d.fingerprint, d.evidence, d.score, d.region_code) IS DISTINCT FROM (f.fingerprint, f.evidence, f.score, f.region_code)
    RETURNING d.id, d.kind, d.status = 'open', old.fingerprint <> new.fingerprint
"""
NEW = """
    INSERT INTO monitoring_doubt (
        id, kind, household_id, resident_id, program_id, other_program_id, unit_id, region_code, township_code, fingerprint, evidence,
        score, status, found_at, found_by_id, outcome, reason, led_to_label, led_to_id
    )
    SELECT gen_random_uuid(), f.kind, f.home, f.alone, f.program, f.other_program, u.unit, f.region_code, f.township_code, f.fingerprint,
        f.evidence, f.score, 'pool', {now}, {by}, '', '', '', ''
    FROM doubt_found f LEFT JOIN (VALUES {units}) u(township, unit) ON u.township = f.township_code
    LEFT JOIN monitoring_doubt s ON s.status <> 'closed' AND s.kind = f.kind
        AND COALESCE(s.household_id, s.resident_id) = COALESCE(f.home, f.alone)
    LEFT JOIN (
        SELECT DISTINCT ON (kind, COALESCE(household_id, resident_id)) kind, COALESCE(household_id, resident_id) AS holder, fingerprint,
            evidence, outcome IN ({dismissed}) OR closed_at > {now} - make_interval(days => {days}) AS silent
        FROM monitoring_doubt WHERE status = 'closed' AND outcome <> 'disproved'
        ORDER BY kind, COALESCE(household_id, resident_id), closed_at DESC
    ) c ON c.kind = f.kind AND c.holder = COALESCE(f.home, f.alone) AND c.silent
        AND (c.fingerprint = f.fingerprint OR f.kind = 'many' AND NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(f.evidence) n WHERE NOT EXISTS (
                SELECT 1 FROM jsonb_array_elements(c.evidence) o WHERE (o -> 'need') = (n -> 'need')
                    AND (o -> 'people') @> (n -> 'people') AND (o -> 'records') @> (n -> 'records'))))
    WHERE s.id IS NULL AND c.kind IS NULL
    RETURNING kind
"""
# A pool whose township has got its window since.
HOUSED = """
    UPDATE monitoring_doubt d SET unit_id = u.unit FROM (VALUES {units}) u(township, unit)
    WHERE d.status = 'pool' AND d.township_code = u.township AND d.unit_id IS DISTINCT FROM u.unit
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
    return {pk: bool(elsewhere) for pk, elsewhere in asked(SQL(VANISHED).format(kinds=_listed(kinds)))}


def bring_up_to_date() -> list[tuple[UUID, str, bool, bool]]:
    """What stands and was found with other facts: id, kind, whether it is open, whether the facts are others than before."""
    return [(pk, kind, is_open, differs) for pk, kind, is_open, differs in asked(MOVED_ON)]


def enter(units: dict[str, int], days: int, by: Post) -> list[str]:
    """New ones into the pool; the kind of each."""
    statement = SQL(NEW).format(
        now=SQL("{}::timestamptz").format(Literal(clock.now())), by=Literal(by.pk), units=_units(units), days=Literal(days),
        dismissed=_listed(sorted(map(str, Doubt.DISMISSED))),
    )  # fmt: skip
    return [kind for (kind,) in asked(statement)]


def next_from_pool(kinds: Sequence[str], capped: Sequence[str], units: dict[str, int], most: int, month: date, by: Post) -> list[UUID]:
    """Whom the townships are given now: all of most kinds, of a capped kind the first."""
    run(SQL(HOUSED).format(units=_units(units)))
    statement = SQL(NEXT).format(
        by=Literal(by.pk), month=SQL("{}::timestamptz").format(Literal(start_of(month))), kinds=_listed(kinds), capped=_listed(capped),
        most=Literal(most),
    )  # fmt: skip
    return [pk for (pk,) in asked(statement)]


def windows(on: date) -> dict[str, int]:
    """The window of each township."""
    rows = Unit.objects.current(on).filter(kind=Unit.Kind.TOWNSHIP_WINDOW).order_by("-pk")
    return dict(rows.values_list("region_id", "pk"))


def _units(units: dict[str, int]) -> Any:
    rows = [SQL("({}, {})").format(Literal(code), Literal(pk)) for code, pk in sorted(units.items())]
    return SQL(", ").join([SQL("(NULL::text, NULL::bigint)"), *rows])


def _listed(values: Sequence[str]) -> Any:
    return SQL(", ").join(map(Literal, values)) if values else SQL("NULL")
