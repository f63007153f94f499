"""Data rounds open by themselves: the round, what each unit owes in it, and its clock (ZX-28, XX-26, RULES corrections 4)."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction

from audit.transitions import record
from config import clock
from config.dates import add_months
from deadlines.counting import calendar_since
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, open_duty
from organization.figures import figure
from organization.models import Post, Unit

from .. import round_rules
from ..models import Delivery, DeliveryItem, Round
from ..round_parts import Owed, units_of
from .closing import desk_of

HAND_IN = "hand_in_data"
KIND_NAME = "数据报送"
BASES = {
    Round.Kind.MONTHLY: "忠府办发〔2021〕53号：每月5日以前更新（ZX-28）",
    Round.Kind.TOWNSHIP: "西秀区试点方案：每月15日至20日传送电子信息（XX-26）",
}


def planned(kind: str, month: date) -> round_rules.Days:
    """The days of a month's round by the figures and the calendar of today."""
    if kind == Round.Kind.MONTHLY:
        return round_rules.days_of_departments(
            month,
            due_day=int(figure("data_cycle_due_day")),
            shifts=bool(figure("data_cycle_shift_to_next_workday")),
            lead=int(figure("data_cycle_short_month_lead")),
            calendar=calendar_since(add_months(month, -1)),
        )
    window = figure("e_submit_window")
    return round_rules.days_of_townships(
        month, from_day=int(window["from_day"]), to_day=int(window["to_day"]), paper_day=int(figure("paper_due_day"))
    )


@transaction.atomic
def open_rounds(*, by: Post) -> list[Round]:
    """Every round whose day has come, with its deliveries and their clocks; done again it finds them there.

    A round of townships is laid out on the 1st, so that they can prepare it; a house that was down when a round was due gives its units as
    many days as they would have had. What lies in a month that has passed is not opened any more, nor what had passed when the house began.
    """
    today = clock.today()
    opened = []
    for kind, month in _months(today):
        days = planned(kind, month)
        comes_on = days.opens_on if kind == Round.Kind.MONTHLY else month
        former = Round.objects.filter(kind=kind)
        if today < comes_on or former.filter(month=month).exists() or (today > days.due_on and not former.filter(month__lt=month).exists()):
            continue
        opened.append(_open(kind, month, days.open_on(today), by))
    return opened


def _months(today: date) -> Iterator[tuple[str, date]]:
    this = today.replace(day=1)
    yield Round.Kind.MONTHLY, this
    yield Round.Kind.MONTHLY, add_months(this, 1)
    if figure("township_cycle_enabled"):
        yield Round.Kind.TOWNSHIP, this


def _open(kind: str, month: date, days: round_rules.Days, by: Post) -> Round:
    row = Round.objects.create(
        kind=kind, month=month, opens_on=days.opens_on, due_on=days.due_on, cut_off_on=days.cut_off_on, paper_due_on=days.paper_due_on,
        opened_at=clock.now(), opened_by=by,
    )  # fmt: skip
    of_kind = Unit.Kind.DEPARTMENT if kind == Round.Kind.MONTHLY else Unit.Kind.TOWNSHIP_WINDOW
    units = list(Unit.objects.current(clock.today()).filter(kind=of_kind).select_related("department", "region").order_by("pk"))
    record("round.opened", row, by=by, new=str(row))
    for unit, owed in units_of(kind, units):
        _lay_out(row, unit, owed, by)
    return row


def _lay_out(row: Round, unit: Unit, owed: list[Owed], by: Post) -> None:
    """One unit's delivery: its items, its duty, and word to it."""
    delivery = Delivery.objects.create(round=row, unit=unit, opened_at=clock.now(), opened_by=by)
    DeliveryItem.objects.bulk_create(
        DeliveryItem(delivery=delivery, part=item.part, key=item.key, title=item.title, category=item.category, place=place)
        for place, item in enumerate(owed, 1)
    )
    holder = unit if unit.kind == Unit.Kind.DEPARTMENT else desk_of(unit)
    open_duty(
        subject=delivery, kind=HAND_IN, kind_name=KIND_NAME, unit=holder, title=str(delivery),
        limit=Limit(Rule.FIXED_DATE, until=row.due_on), by=by, url=delivery.get_absolute_url(),
        region_code=str(unit.region_id), basis=BASES[Round.Kind(row.kind)],
    )  # fmt: skip
    record("delivery.opened", delivery, by=by, new=str(delivery), note=f"{row.due_on:%Y-%m-%d}", data={"items": len(owed)})
    announce(
        "delivery.opened", delivery, to=holder, title=f"{delivery}已开放，{row.due_on.month}月{row.due_on.day}日前报送",
        body=f"共{len(owed)}项，数据截止{row.cut_off_on:%Y-%m-%d}；没有变化的声明“本月无变化”。", url=delivery.get_absolute_url(),
    )  # fmt: skip
