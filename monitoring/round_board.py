"""The board of a round and L12: who is late and since when, what each unit sent, and the difference from the month before.

Read when it is asked, in a fixed number of statements: lateness is the round's days against the moments of the deliveries.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config import clock
from spreadsheets.cells import Column, Kind

from .models import Delivery, DeliveryItem, Round
from .round_clocks import Again, again_of
from .round_page import KEPT_BACK, OUTCOMES, Difference, difference, is_kept_back, managers_of, part_words, standing_of
from .round_parts import push_word
from .round_rules import Standing, paper_word

S = Delivery.Status
Part, State = DeliveryItem.Part, DeliveryItem.State


@dataclass(frozen=True, slots=True)
class Line:
    """One unit's. `late_since`: from when on it is late, where it is or was. `again`: of one that was sent back."""

    delivery: Delivery
    unit: str
    managers: str
    standing: Standing
    late_since: date | None
    parts: dict[str, str]
    difference: Difference
    paper: tuple[str, str]
    url: str
    again: Again | None

    @property
    def is_sent(self) -> bool:
        return self.delivery.handed_in_at is not None


def board(row: Round, now: datetime) -> list[Line]:
    """Missing ones first, then what was sent back, what is not due yet, and what was handed in, late before in time.

    Three statements, and three more where something was sent back.
    """
    today = clock.local(now).date()
    rows = Delivery.objects.filter(round=row).with_list_data().select_related("submitted_by__staff", "submitted_by__unit")
    deliveries: list[Delivery] = list(rows.order_by("unit__department__number", "unit__region_id", "pk"))
    managers = managers_of([delivery.unit_id for delivery in deliveries])
    found, again = [], again_of(deliveries, now)
    for delivery in deliveries:
        delivery.round = row
        items = list(delivery.items.all())
        stands = standing_of(delivery, items, now)
        found.append(Line(
            delivery, delivery.unit.short_name, managers.get(delivery.unit_id, ""), stands,
            clock.local(row.due_until).date() if stands.late_days else None, part_words(items),
            difference(item.batch for item in items if item.batch and not is_kept_back(item.batch)),
            paper_word(delivery.paper_on, row.paper_due_on, today),
            delivery.get_absolute_url(), again.get(str(delivery.pk)),
        ))  # fmt: skip
    return sorted(found, key=_urgency)


def _urgency(line: Line) -> tuple[int, float]:
    """What is missing on top; the latest first, of what was sent back the one that is longest due to come again, and the order of the units
    within."""
    order = {S.OPEN: 2, S.SUBMITTED: 3, S.ACCEPTED: 4}
    if line.delivery.status == S.RETURNED:
        return 1, line.again.due_at.timestamp() if line.again and line.again.due_at else math.inf
    return 0 if line.standing.is_missing else order[S(line.delivery.status)], -line.standing.late_days


def counts(lines: Sequence[Line]) -> dict[str, int]:
    """应报, 已报, 按时, 超期报送, 缺报, 退回未重报, 已确认."""
    by_status = Counter(line.delivery.status for line in lines)
    sent = sum(line.is_sent for line in lines)
    late = sum(line.is_sent and line.standing.late_days > 0 for line in lines)
    return {
        "owed": len(lines), "sent": sent, "in_time": sent - late, "late": late, "missing": sum(line.standing.is_missing for line in lines),
        "returned": by_status[S.RETURNED], "accepted": by_status[S.ACCEPTED],
    }  # fmt: skip


SHEET = (
    Column("单位", width=24), Column("负责人（数据管理员）", width=18), Column("状态", width=18), Column("首次报送时间", Kind.MOMENT, 18),
    Column("超期天数", Kind.NUMBER, 10), Column("是否代报", width=10), Column("救助政策", width=12), Column("救助信息", width=24),
    Column("共享信息", width=24), *(Column(label, Kind.NUMBER, 8) for label in OUTCOMES.values()),
    Column("上期行数", Kind.NUMBER, 10), Column("本期行数", Kind.NUMBER, 10), Column("增减", width=10),
    Column("退回原因", width=30), Column("重报超期天数", Kind.NUMBER, 12), Column("确认时间", Kind.MOMENT, 18),
    Column("纸质资料", width=14),
)  # fmt: skip


def sheet_row(line: Line) -> list[Any]:
    """A unit's line as cells of SHEET (L12). What was never sent back has nothing to come again: no 0."""
    delivery, found = line.delivery, line.difference
    return [
        line.unit, line.managers or "未指定", line.standing.word, delivery.handed_in_at, line.standing.late_days,
        "代报" if delivery.is_on_behalf else "", line.parts[Part.POLICY], line.parts[Part.AID], line.parts[Part.SHARED],
        *(found.counts[outcome] for outcome in OUTCOMES), found.before, found.after, found.share, delivery.return_reason,
        line.again.late_days if line.again else None, delivery.accepted_at, line.paper[0],
    ]  # fmt: skip


ITEM_SHEET = (
    Column("单位", width=24), Column("部分", width=12), Column("名单", width=32), Column("名单类别", width=16), Column("状态", width=12),
    Column("更新时间", Kind.MOMENT, 18), *(Column(label, Kind.NUMBER, 8) for label in OUTCOMES.values()),
    Column("上期行数", Kind.NUMBER, 10), Column("本期行数", Kind.NUMBER, 10), Column("增减幅度说明", width=30),
)  # fmt: skip


def item_rows(lines: Sequence[Line]) -> list[list[Any]]:
    """A row for each list, with its category: what the early-warning push counts (L12)."""
    rows = []
    for line in lines:
        for item in line.delivery.items.all():
            rows.append([
                line.unit, item.get_part_display(), item.title, push_word(item.category), item.get_state_display(), item.marked_at,
                *_numbers(item),
            ])  # fmt: skip
    return rows


def _numbers(item: DeliveryItem) -> list[Any]:
    if is_kept_back(item.batch):
        return [*(None for _ in OUTCOMES), None, None, KEPT_BACK]
    found = difference([item.batch] if item.batch else [])
    return [*(found.counts[outcome] for outcome in OUTCOMES), found.before, found.after, item.batch.jump_reason if item.batch else ""]


def late_by_unit(first: date, last: date, now: datetime) -> dict[int, int]:
    """For a bulletin (ZX-48): of the rounds that were due on these days, how many deliveries of each unit came late or are missing."""
    rows = Delivery.objects.filter(round__due_on__gte=first, round__due_on__lte=last).select_related("round")
    return dict(Counter(delivery.unit_id for delivery in rows if standing_of(delivery, (), now).late_days))
