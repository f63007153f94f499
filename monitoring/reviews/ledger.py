"""复核认证台账: one row for each line of the lists, masked throughout (XX-25, XX-33)."""

from collections.abc import Sequence
from typing import Any

from config import clock
from config.protection.masks import mask_name
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part, Statement
from spreadsheets.held import statement_of
from spreadsheets.ledgers import Asked, Ledger

from ..forms.reviews import ReviewFilter
from ..models import ReviewLine, ReviewList
from . import permissions

COLUMNS = (
    Column("种类", width=10), Column("期间", width=14), Column("类别", width=26), Column("乡镇（街道）", width=14),
    Column("村（社区）", width=16), Column("户编号", width=20), Column("户主或本人", width=10), Column("证件号码", width=21),
    Column("救助起始日期", Kind.DATE, 14), Column("金额（元）", Kind.NUMBER, 12), Column("结果", width=12), Column("方式", width=20),
    Column("情况", width=30), Column("复核日期", Kind.DATE, 12), Column("完成期限", Kind.DATE, 12),
)  # fmt: skip
SQL = """
    WITH seen (id) AS ({seen})
    SELECT l.kind, l.month, l.months, l.name, town.name, village.name, COALESCE(h.number, ''),
        COALESCE(r.name, p.name, head.name, ''), COALESCE(r.id_number_masked, p.id_number_masked, head.id_number_masked, ''),
        t.since, t.amount, n.result, n.way, n.note, n.checked_at, l.due_on
    FROM seen JOIN monitoring_reviewline n ON n.id = seen.id JOIN monitoring_reviewlist l ON l.id = n.list_id
    JOIN households_assistancerecord t ON t.id = n.record_id
    LEFT JOIN households_household h ON h.id = t.household_id LEFT JOIN households_resident p ON p.id = t.resident_id
    LEFT JOIN households_resident r ON r.id = n.resident_id
    LEFT JOIN organization_region town ON town.code = l.region_id
    LEFT JOIN organization_region village ON village.code = COALESCE(h.region_id, p.region_id)
    LEFT JOIN LATERAL (
        SELECT e.name, e.id_number_masked FROM households_membership m JOIN households_resident e ON e.id = m.resident_id
        WHERE m.household_id = t.household_id AND m.until IS NULL ORDER BY m.relation, m.id LIMIT 1
    ) head ON n.resident_id IS NULL AND t.resident_id IS NULL
    ORDER BY l.month DESC, l.region_id, l.kind, l.class_key, n.id
"""
RESULTS = {"": "待复核", **{str(value): str(label) for value, label in ReviewLine.Result.choices}}
WAYS = {"": "", **{str(value): str(label) for value, label in ReviewLine.Way.choices}}
KINDS = {str(value): str(label) for value, label in ReviewList.Kind.choices}


def rows_of(asked: Asked) -> Any:
    """The lines before the post, of the lists that the form leaves."""
    form = ReviewFilter(asked.given, post=asked.by)
    lists = form.narrowed(ReviewList.objects.visible_to(asked.by)) if form.is_valid() else ReviewList.objects.none()
    return ReviewLine.objects.visible_to(asked.by).filter(list__in=lists.order_by())


def parts(asked: Asked) -> list[Part]:
    seen, params = statement_of(rows_of(asked).order_by().values("pk"))
    return [Part("复核认证台账", COLUMNS, Statement(SQL.format(seen=seen), params), shape=cells)]


def cells(row: Sequence[Any]) -> tuple[Any, ...]:
    kind, month, months, name, town, village, number, who, id_number, since, amount, result, way, note, checked_at, due_on = row
    period = ReviewList(month=month, months=months).period
    return (
        KINDS[kind], period, name, town or "", village or "", number, mask_name(who), id_number, since, amount, RESULTS[result], WAYS[way],
        note, clock.local(checked_at).date() if checked_at else None, due_on,
    )  # fmt: skip


LEDGER = Ledger(
    key="monitoring.reviews", title="复核认证台账", may=permissions.reads_reviews,
    form=lambda given, post: ReviewFilter(given, post=post), parts=parts,
    about="动态复核和生存认证清单的每一行：谁、结果、方式、何时。",
)  # fmt: skip
