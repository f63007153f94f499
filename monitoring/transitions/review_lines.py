"""The set-based writes of review lists: inner, of `reviews`."""

from datetime import date, datetime
from typing import Any

from django.db import connection

from households.following import SUCCESSIONS

from ..models import ReviewList
from ..reviews.lines import HOLDERS, IN_FORCE, PLACE, STEPS

INSERT = "INSERT INTO monitoring_reviewline (list_id, record_id, resident_id, result, way, note)"
RECORDS = f"""
    {INSERT} SELECT l.id, t.id, NULL, '', '', '' FROM {HOLDERS} JOIN monitoring_reviewlist l ON l.id = ANY (%(lists)s) AND l.region_id = {PLACE}
    WHERE {IN_FORCE} ORDER BY COALESCE(h.region_id, p.region_id), t.id
"""  # noqa: S608, E501 - constants
PEOPLE = f"""
    {INSERT} SELECT DISTINCT ON (COALESCE(h.region_id, p.region_id), t.id, c.resident_id) l.id, t.id, c.resident_id, '', '', ''
    FROM {HOLDERS} JOIN monitoring_reviewlist l ON l.id = ANY (%(lists)s) AND l.region_id = {PLACE}
    JOIN households_coverage c ON c.record_id = t.id AND c.since <= %(on)s AND (c.until IS NULL OR c.until >= %(on)s)
    JOIN households_resident r ON r.id = c.resident_id AND r.died_on IS NULL
    WHERE {IN_FORCE} ORDER BY COALESCE(h.region_id, p.region_id), t.id, c.resident_id
"""  # noqa: S608 - constants

# What goes on under another record is looked at there; a record that two steps have followed, in two rounds.
FOLLOW = f"""
    UPDATE monitoring_reviewline l SET record_id = s.successor_id FROM ({SUCCESSIONS}) s
    WHERE s.record_id = l.record_id AND s.successor_id IS NOT NULL AND l.result = '' AND l.list_id IN ({{lists}})
        AND EXISTS (SELECT FROM households_assistancerecord t WHERE t.id = l.record_id AND t.until < %(on)s)
"""  # noqa: S608 - constants
# The record that a roll had put in another's place is taken back with it.
LEAD_BACK = """
    UPDATE monitoring_reviewline l SET record_id = t.former_id FROM households_assistancerecord t
    WHERE t.id = ANY (%s) AND l.record_id = t.id AND l.result = ''
"""
OPEN_LISTS = "SELECT id FROM monitoring_reviewlist WHERE closed_at IS NULL"
OVER = """
    UPDATE monitoring_reviewline l
    SET result = CASE WHEN r.died_on IS NULL THEN 'over' ELSE 'dead' END, way = 'data', checked_at = %(now)s, checked_by_id = %(by)s,
        note = CASE WHEN r.died_on IS NULL THEN '' ELSE '已登记死亡' END
    FROM households_assistancerecord t, monitoring_reviewline o LEFT JOIN households_resident r ON r.id = o.resident_id
    WHERE o.id = l.id AND t.id = l.record_id AND l.result = ''
        AND l.list_id IN (SELECT id FROM monitoring_reviewlist WHERE closed_at IS NULL)
        AND (t.until < %(on)s OR r.died_on IS NOT NULL)
"""


def lay_out(lists: list[ReviewList], setting: str, on: date) -> int:
    """The lines of new lists of one class; how many."""
    statement = PEOPLE if lists[0].kind == ReviewList.Kind.CERTIFICATION else RECORDS
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {"program": lists[0].program_id, "setting": setting, "on": on, "lists": [row.pk for row in lists]},
        )  # fmt: skip
        return int(cursor.rowcount)


def follow(on: date, now: datetime, by: int) -> int:
    """What has ended since needs no look any more; how many lines."""
    values: dict[str, Any] = {"on": on, "now": now, "by": by}
    with connection.cursor() as cursor:
        _follow(cursor, FOLLOW.format(lists=OPEN_LISTS), values)
        cursor.execute(OVER, values)
        return int(cursor.rowcount)


def follow_in(review_list: ReviewList, on: date) -> None:
    """As the night does it, of one list that is about to be ticked: a standard of this morning has put other records in their place."""
    with connection.cursor() as cursor:
        _follow(cursor, FOLLOW.format(lists="%(list)s"), {"on": on, "list": review_list.pk})


def lead_back(records: list[object]) -> None:
    """What waits to be looked at under these is looked at under those that they had followed."""
    with connection.cursor() as cursor:
        cursor.execute(LEAD_BACK, [records])


def _follow(cursor: Any, statement: str, values: dict[str, Any]) -> None:
    for _ in range(STEPS):
        cursor.execute(statement, values)
        if not cursor.rowcount:
            return
