"""What a review list is of: where aid of its class stands, and how far its lines are looked at."""

from datetime import date

from django.db import connection

HOLDERS = """
    households_assistancerecord t
    LEFT JOIN households_household h ON h.id = t.household_id LEFT JOIN households_resident p ON p.id = t.resident_id
"""
IN_FORCE = """
    t.program_id = %(program)s AND t.cadence IN ('monthly', 'yearly') AND t.since <= %(on)s AND (t.until IS NULL OR t.until >= %(on)s)
    AND (%(setting)s = '' OR h.setting = %(setting)s)
"""
PLACE = "left(COALESCE(h.region_id, p.region_id, t.region_code), 9)"
PLACES = f"SELECT DISTINCT {PLACE} FROM {HOLDERS} WHERE {IN_FORCE} ORDER BY 1"  # noqa: S608 - constants
COUNTS = """
    SELECT list_id, count(*), count(*) FILTER (WHERE result <> ''), count(*) FILTER (WHERE result IN ('changed', 'missing', 'dead'))
    FROM monitoring_reviewline WHERE list_id = ANY (%s) GROUP BY list_id
"""


def places_of(program: str, setting: str, on: date) -> list[str]:
    """Townships in which something of the class stands."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES, {"program": program, "setting": setting, "on": on})
        return [code for (code,) in cursor.fetchall()]


def progress(ids: list[object]) -> dict[object, tuple[int, int, int]]:
    """Of each list: lines, looked at, found otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [ids])
        return {pk: (total, done, otherwise) for pk, total, done, otherwise in cursor.fetchall()}
