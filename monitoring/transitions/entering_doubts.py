"""The set-based writes of a run of doubts: what was found is entered, what stands follows its facts. Inner, of `doubts.find_doubts`.

What is found and does not stand is new, unless the same facts were dismissed, or acted upon not long ago. Of 多头 time alone takes grants
away: what is left of dismissed ones is nothing new.
"""

from typing import Any
from uuid import UUID

from psycopg2.sql import SQL, Literal

from config import clock
from organization.models import Post

from ..doubts.found import listed
from ..doubts.rules import asked, run
from ..models import Doubt

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


def bring_up_to_date() -> list[tuple[UUID, str, bool, bool]]:
    """What stands and was found with other facts: id, kind, whether it is open, whether the facts are others than before."""
    return [(pk, kind, is_open, differs) for pk, kind, is_open, differs in asked(MOVED_ON)]


def enter(units: dict[str, int], days: int, by: Post) -> list[str]:
    """New ones into the pool; the kind of each."""
    statement = SQL(NEW).format(
        now=SQL("{}::timestamptz").format(Literal(clock.now())), by=Literal(by.pk), units=_units(units), days=Literal(days),
        dismissed=listed(sorted(map(str, Doubt.DISMISSED))),
    )  # fmt: skip
    return [kind for (kind,) in asked(statement)]


def house(units: dict[str, int]) -> None:
    """What waits in the pool of a township without a window is its window's, once there is one."""
    run(SQL(HOUSED).format(units=_units(units)))


def _units(units: dict[str, int]) -> Any:
    rows = [SQL("({}, {})").format(Literal(code), Literal(pk)) for code, pk in sorted(units.items())]
    return SQL(", ").join([SQL("(NULL::text, NULL::bigint)"), *rows])
