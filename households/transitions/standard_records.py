"""The set-based writes of a change of standard: its lines, and the records that follow. Inner, of `standards`, under its locks.

A record that began before the month ends on its eve and another goes on from the first, with whom it reaches, who may see the family for
its sake, and the clock of its review. A decision's successor has the source 标准调整, a roll's stays the roll's. What began later is put
right in place. So nothing is ever paid twice: records of one program and holder never overlap (the table refuses it).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection

from audit.transitions import record_from
from config import clock
from deadlines.rules import ONE_DAY
from deadlines.transitions import follow_subject
from organization.figures import figure
from organization.models import Post

from ..models import AssistanceRecord, StandardChange
from ..sheets.people import masked
from ..standards.counting import COLUMNS, TABLE

LINES = f"""
    INSERT INTO households_standardline (change_id, {COLUMNS})
    SELECT %s, n.record_id, n.people, n.grade, n.former_amount, n.amount, n.problem FROM {TABLE} n
    JOIN households_assistancerecord t ON t.id = n.record_id ORDER BY t.program_id, t.region_code, t.id
"""  # noqa: S608 - constants

CUT = """
    CREATE TEMP TABLE standard_cut ON COMMIT DROP AS
    SELECT l.id, l.record_id, l.amount, gen_random_uuid() AS new_id, t.until AS had_until
    FROM households_standardline l JOIN households_assistancerecord t ON t.id = l.record_id
    WHERE l.change_id = %(change)s AND l.problem = '' AND t.since < %(month)s
"""
STEPS = (
    "ANALYZE standard_cut",
    "UPDATE households_assistancerecord t SET until = %(eve)s FROM standard_cut s WHERE s.record_id = t.id",
    """
    INSERT INTO households_assistancerecord (
        id, program_id, version_id, household_id, resident_id, region_code, amount, in_kind, cadence, since, until, source, unit_id,
        granted_at, granted_by_id
    )
    SELECT s.new_id, t.program_id, t.version_id, t.household_id, t.resident_id, COALESCE(h.region_id, p.region_id, t.region_code),
        s.amount, t.in_kind, t.cadence, %(month)s, s.had_until, CASE WHEN t.source = 'roll' THEN 'roll' ELSE 'standard' END, t.unit_id,
        %(now)s, %(by)s
    FROM standard_cut s JOIN households_assistancerecord t ON t.id = s.record_id
    LEFT JOIN households_household h ON h.id = t.household_id LEFT JOIN households_resident p ON p.id = t.resident_id
    """,
    "UPDATE households_standardline l SET successor_id = s.new_id FROM standard_cut s WHERE s.id = l.id",
    """
    INSERT INTO households_coverage (record_id, resident_id, since, until)
    SELECT s.new_id, c.resident_id, GREATEST(c.since, %(month)s), c.until
    FROM standard_cut s JOIN households_coverage c ON c.record_id = s.record_id AND (c.until IS NULL OR c.until >= %(month)s)
    """,
    """
    UPDATE households_coverage c SET until = GREATEST(c.since, %(eve)s)
    FROM standard_cut s WHERE s.record_id = c.record_id AND (c.until IS NULL OR c.until > GREATEST(c.since, %(eve)s))
    """,
    """
    UPDATE households_assistancerecord t SET amount = l.amount
    FROM households_standardline l
    WHERE l.change_id = %(change)s AND l.problem = '' AND l.successor_id IS NULL AND t.id = l.record_id
    """,
    """
    INSERT INTO households_access (
        household_id, unit_id, township_code, reason, program_id, subject_label, subject_id, opened_at, opened_by_id
    )
    SELECT a.household_id, a.unit_id, a.township_code, a.reason, a.program_id, a.subject_label, s.new_id::text, %(now)s, %(by)s
    FROM standard_cut s JOIN households_access a ON a.subject_id = s.record_id::text AND a.subject_label = %(label)s
    WHERE a.closed_at IS NULL
    """,
    """
    UPDATE households_access a SET until = %(access_until)s, closed_at = %(now)s, closed_by_id = %(by)s
    FROM standard_cut s WHERE a.subject_id = s.record_id::text AND a.subject_label = %(label)s AND a.closed_at IS NULL
    """,
)
PARTS = len(STEPS) + 2  # with the counting before and the telling after
# A line for each record that changed, with whose it is, masked.
TOLD = """
    households_standardline l
    JOIN households_assistancerecord t ON t.id = COALESCE(l.successor_id, l.record_id)
    JOIN programs_program g ON g.code = t.program_id
    LEFT JOIN households_household h ON h.id = t.household_id LEFT JOIN households_resident p ON p.id = t.resident_id
    LEFT JOIN households_membership m ON m.resident_id = t.resident_id AND m.until IS NULL
    WHERE l.change_id = %s AND l.problem = ''
"""
NAME = "CASE WHEN g.is_sensitive THEN '敏感项目' ELSE g.seed_name END"


def write_lines(change: StandardChange) -> None:
    """The lines of a change, anew from what was counted."""
    change.lines.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(LINES, [change.pk])


def write_records(change: StandardChange, by: Post, told: Callable[[int, int, str], None]) -> int:
    """The records as the lines say; how many changed."""
    month, now = change.month, clock.now()
    values: dict[str, Any] = {
        "change": change.pk, "month": month, "eve": month - ONE_DAY, "now": now, "by": by.pk,
        "label": AssistanceRecord._meta.label_lower,
        "access_until": clock.today() + timedelta(days=figure("access_after_close")),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS standard_cut")
        cursor.execute(CUT, values)
        for done, step in enumerate(STEPS, 1):
            told(done, PARTS, "结束原记录，写入新记录")
            cursor.execute(step, values)
    told(PARTS - 1, PARTS, "登记每项救助的变动")
    follow_subject(label=AssistanceRecord._meta.label_lower, source="SELECT record_id::text, new_id::text FROM standard_cut")
    return _tell(change, by)


def _tell(change: StandardChange, by: Post) -> int:
    return record_from(
        "assistance_record.standard_changed", AssistanceRecord, TOLD, [change.pk], by=by,
        old="l.former_amount::text || '元'", new="l.amount::text || '元，自' || t.since",
        note="'标准调整'", household_id="COALESCE(t.household_id, m.household_id)",
        subject_text=f"{NAME} || '：' || COALESCE({masked('p.name')}, '户编号 ' || h.number)",
        data=f"jsonb_build_object('name', {NAME}, 'change', '{change.pk}')", is_confidential="g.is_sensitive",
    )  # fmt: skip
