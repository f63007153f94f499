"""Ledgers of what was done in a month, a row for each act: 求助登记 (XX-22), 变化报告, 争议裁定 (ZX-34), 督办单 (ZX-48),
书面提醒 (QJ-23).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import F, Value
from django.db.models import TextField as Text

from config import clock
from config.dates import add_months
from deadlines.rules import date_of, end_of, start_of
from deadlines.working_calendar import ONE_DAY
from intake.models import Visit
from organization.models import Post
from referrals.models import ChangeReport, Ruling
from referrals.names import UNNAMED, names
from referrals.permissions import has_rulings, reads_reports
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part
from spreadsheets.ledgers import Asked, Ledger

from ..models import SupervisionOrder, WrittenReminder
from ..permissions import has_orders, has_reminders, opens_matter
from .asking import ID_NUMBER, TOWNSHIP_COLUMN, MonthField, SpanForm, namer, numberer, of_place, township_of
from .permissions import works_on_people

NOTHING = "—"


def _day(at: datetime | None) -> Any:
    return date_of(at) if at else None


def _between(form: Any, field: str) -> dict[str, Any]:
    return {f"{field}__gte": start_of(form.first), f"{field}__lt": end_of(form.last)}


class MonthsForm(forms.Form):
    """Of units, which have no place: a month, or several up to it."""

    month = MonthField(label="月份")
    begin = MonthField(label="起始月份", required=False, help_text="不填则只统计上面的月份。")

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__({"month": f"{clock.today():%Y-%m}"} | {name: value for name, value in data.items() if value})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("begin") and cleaned.get("month") and cleaned["begin"] > cleaned["month"]:
            self.add_error("begin", "起始月份不能晚于月份。")
        return cleaned

    @property
    def first(self) -> Any:
        return self.cleaned_data.get("begin") or self.cleaned_data["month"]

    @property
    def last(self) -> Any:
        return add_months(self.cleaned_data["month"], 1) - ONE_DAY


def _months(given: Mapping[str, str], post: Post) -> MonthsForm:  # noqa: ARG001
    return MonthsForm(given)


def _span(given: Mapping[str, str], post: Post) -> SpanForm:
    return SpanForm(given, post=post)


# ── 求助登记 ────────────────────────────────────────────────────────────────────────────────────────────────────────

VISITS_COLUMNS = (
    Column("登记号", width=22), TOWNSHIP_COLUMN, Column("窗口", width=24), Column("到达时间", Kind.MOMENT, 18),
    Column("服务方式", width=14), Column("求助人", width=12), ID_NUMBER, Column("求助事由", width=36), Column("首问责任人", width=12),
    Column("答复时间", Kind.MOMENT, 18),
    Column("用时（分钟）", Kind.NUMBER, 10), Column("是否答复", width=10),
)  # fmt: skip


def _visits(asked: Asked) -> Sequence[Part]:
    form = _span(asked.given, asked.by)
    form.is_valid()
    rows = of_place(Visit.objects.visible_to(asked.by).filter(**_between(form, "arrived_at")), "unit__region__code", form.place)
    sealed = F("resident__id_number_sealed") if asked.in_clear else Value("", output_field=Text())
    listed = rows.order_by("arrived_at", "pk").values_list(
        "number", "unit__region_id", "unit__short_name", "arrived_at", "mode", "resident_id", "resident__name", sealed,
        "resident__id_number_masked", "matter", "arrived_by_staff__name", "answered_at",
    )  # fmt: skip
    return (Part("求助登记台账", VISITS_COLUMNS, listed, shape=_visit(asked)),)


def _visit(asked: Asked) -> Callable[[Any], Sequence[Any]]:
    name, number, modes = namer(asked), numberer(asked), dict(Visit.Mode.choices)

    def cells(row: Any) -> Sequence[Any]:
        paper, region, unit, arrived, mode, pk, who, sealed, masked, matter, staff, answered = row
        minutes = int((answered - arrived) / timedelta(minutes=1)) if answered and mode == Visit.Mode.SEATED else None
        return (
            paper, township_of(region), unit, arrived, str(modes.get(mode, mode)), name(who or ""), number(pk, sealed or "", masked or ""),
            matter, staff, answered, minutes, "已答复" if answered else "未答复",
        )  # fmt: skip

    return cells


VISITS = Ledger(
    "monitoring.visits",
    "求助登记台账",
    works_on_people,
    _span,
    _visits,
    about="窗口登记的每次来访：谁接待、什么事、用时多久、答复没有。",
    may_in_clear=True,
)


# ── 变化报告 ────────────────────────────────────────────────────────────────────────────────────────────────────────

REPORT_COLUMNS = (
    TOWNSHIP_COLUMN, Column("村（社区）", width=16), Column("户编号", width=18), Column("对象", width=12), Column("变化", width=18),
    Column("发生日期", Kind.DATE, 12), Column("情况说明", width=36), Column("报告单位", width=20), Column("报告日期", Kind.DATE, 12),
    Column("状态", width=14), Column("核实情况", width=36), Column("核实日期", Kind.DATE, 12),
)  # fmt: skip


def _reads_reports(post: Post) -> bool:
    """- whoever reads the reports, villages aside: they have their page."""
    return reads_reports(post) and works_on_people(post)


def _reports(asked: Asked) -> Sequence[Part]:
    form = _span(asked.given, asked.by)
    form.is_valid()
    rows = ChangeReport.objects.visible_to(asked.by).filter(**_between(form, "reported_at"))
    listed = of_place(rows, "household__region__code", form.place).order_by("reported_at", "pk").values_list(
        "household__region_id", "household__region__name", "household__number", "resident__name", "kind", "happened_on", "text",
        "reported_by__unit__short_name", "reported_at", "status", "answer", "answered_at",
    )  # fmt: skip
    return (Part("变化报告台账", REPORT_COLUMNS, listed, shape=_report(asked)),)


def _report(asked: Asked) -> Callable[[Any], Sequence[Any]]:
    name, kinds, states = namer(asked), dict(ChangeReport.Kind.choices), dict(ChangeReport.Status.choices)

    def cells(row: Any) -> Sequence[Any]:
        region, village, family, who, kind, on, text, unit, reported, status, answer, answered = row
        return (
            township_of(region), village, family, name(who or "") or "全家", str(kinds[kind]), on, text, unit, _day(reported),
            str(states[status]), answer, _day(answered),
        )  # fmt: skip

    return cells


REPORTS = Ledger(
    "monitoring.change_reports",
    "变化报告台账",
    _reads_reports,
    _span,
    _reports,
    about="村（社区）和窗口报告的家庭变化，核实后怎样处理。",
)


# ── 争议裁定 ────────────────────────────────────────────────────────────────────────────────────────────────────────

RULING_COLUMNS = (
    Column("裁定编号", width=26), TOWNSHIP_COLUMN, Column("救助项目", width=24), Column("提出单位", width=18), Column("建议单位", width=18),
    Column("裁定承办单位", width=18), Column("裁定日期", Kind.DATE, 12), Column("须会签", width=8), Column("生效日期", Kind.DATE, 12),
    Column("依据", width=40),
)  # fmt: skip


def _reads_rulings(post: Post) -> bool:
    """- whoever has the list of rulings and hands in ledgers."""
    return has_rulings(post) and post.role != "C"


def _rulings(asked: Asked) -> Sequence[Part]:
    form = _months(asked.given, asked.by)
    form.is_valid()
    rows = Ruling.objects.visible_to(asked.by).filter(**_between(form, "ruled_at")).order_by("ruled_at", "pk")
    listed = rows.values_list(
        "number", "dispute__referral__township_code", "dispute__referral__program_id", "dispute__unit__short_name",
        "dispute__proposed_unit__short_name", "named_unit__short_name", "ruled_at", "needs_countersign", "in_force_at", "basis",
    )  # fmt: skip
    return (Part("争议裁定台账", RULING_COLUMNS, listed, shape=_ruling),)


def _ruling(row: Any) -> Sequence[Any]:
    """Of a sensitive program neither its name nor whose it may be."""
    number, township, program, unit, proposed, named, ruled, countersigned, in_force, basis = row
    if program in names().sensitive:
        program, unit, proposed, named, basis = UNNAMED, NOTHING, NOTHING, NOTHING, NOTHING
    return (
        number, township_of(township), names().programs.get(program, program), unit, proposed or "", named, _day(ruled),
        "是" if countersigned else "否", _day(in_force), basis,
    )  # fmt: skip


RULINGS = Ledger(
    "monitoring.rulings",
    "争议裁定台账",
    _reads_rulings,
    _months,
    _rulings,
    about="单位之间职责争议的裁定：谁提出、裁定由谁承办、依据和生效日期。",
)


# ── 督办单、书面提醒 ────────────────────────────────────────────────────────────────────────────────────────────────

ORDER_COLUMNS = (
    Column("文号", width=26), Column("发出单位", width=18), Column("承办单位", width=20), Column("督办事项", width=36),
    Column("督办要求", width=36), Column("签发日期", Kind.DATE, 12), Column("回复时限（工作日）", Kind.NUMBER, 12),
    Column("状态", width=12),    Column("办结日期", Kind.DATE, 12), Column("撤销原因", width=24),
)  # fmt: skip


def _orders(asked: Asked) -> Sequence[Part]:
    form = _months(asked.given, asked.by)
    form.is_valid()
    rows = SupervisionOrder.objects.visible_to(asked.by).filter(**_between(form, "issued_at")).order_by("issued_at", "pk")
    listed = rows.values_list(
        "number", "issuer__short_name", "unit__short_name", "matter", "demand", "issued_at", "reply_days", "status", "accepted_at",
        "withdraw_reason",
    )  # fmt: skip
    return (Part("督办单台账", ORDER_COLUMNS, listed, shape=_order),)


def _order(row: Any) -> Sequence[Any]:
    number, issuer, unit, matter, demand, issued, days, status, accepted, reason = row
    label = str(SupervisionOrder.Status(status).label)
    return number, issuer, unit, matter, demand, _day(issued), days, label, _day(accepted), reason


def _has_orders(post: Post) -> bool:
    """- whoever has orders, villages aside: they have their page."""
    return has_orders(post) and post.role != "V"


ORDERS = Ledger(
    "monitoring.orders",
    "督办单台账",
    _has_orders,
    _months,
    _orders,
    about="签发的督办单：事项、要求、承办单位、办结情况。",
)

REMINDER_COLUMNS = (
    Column("文号", width=26), Column("被提醒单位", width=20), Column("提醒事项", width=36), Column("提醒内容", width=36),
    Column("发出日期", Kind.DATE, 12), Column("办理时限（工作日）", Kind.NUMBER, 12), Column("事项办结日期", Kind.DATE, 14),
    Column("理由", width=30), Column("认定", width=16),
)  # fmt: skip


def _has_reminders(post: Post) -> bool:
    """- whoever has reminders, villages aside: they have their page."""
    return has_reminders(post) and post.role != "V"


def _reminders(asked: Asked) -> Sequence[Part]:
    form = _months(asked.given, asked.by)
    form.is_valid()
    rows = WrittenReminder.objects.visible_to(asked.by).filter(**_between(form, "issued_at")).select_related("unit", "duty")
    found = list(rows.prefetch_related("reasons").order_by("issued_at", "pk"))
    return (Part("书面提醒台账", REMINDER_COLUMNS, found, shape=lambda row: _reminder(row, asked.by)),)


def _reminder(row: WrittenReminder, post: Post) -> Sequence[Any]:
    """With the newest reason that was given, and what was held of it; of a sensitive matter not when it was done, as on its page."""
    reason = max(row.reasons.all(), key=lambda one: one.pk, default=None)
    words = (reason.text, reason.get_answer_display() or "待认定") if reason else ("", "")
    done = _day(row.duty.closed_at)
    if done and not opens_matter(post, row.duty):
        done = row.duty.get_outcome_display()
    return row.number, row.unit.short_name, row.matter, row.demand, _day(row.issued_at), row.working_days, done, *words


REMINDERS = Ledger(
    "monitoring.reminders",
    "书面提醒台账",
    _has_reminders,
    _months,
    _reminders,
    about="县民政局发出的书面提醒：事项、办结没有、理由是否成立。",
)
ALL = (VISITS, REPORTS, RULINGS, ORDERS, REMINDERS)
