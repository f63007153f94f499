"""Ledgers that have pages of their own: declared over the statements of those pages, to be exported, handed in and filled in like any other
(L11 转办反馈台账, L12 数据更新情况, L13 日清月结汇总, 按期率)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from config import clock
from config.dates import add_months
from deadlines.working_calendar import ONE_DAY
from organization.models import Post
from referrals.models import Referral
from spreadsheets.cells import Column, Kind
from spreadsheets.downloads import Part
from spreadsheets.ledgers import Asked, Ledger

from .. import ledger, month_page, on_time, round_board
from ..closing_permissions import reads_overview
from ..ledger_filters import LedgerFilter, OnTimeForm
from ..models import Round
from ..permissions import reads_figures
from ..round_permissions import reads_board
from .asking import MonthField

HALF = ("办结", "按期", "超期", "按期率", "用时中位数", "最长用时", "超期未办")


class MonthOnlyForm(forms.Form):
    """Of which month."""

    month = MonthField(label="月份")

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__({"month": f"{clock.today():%Y-%m}"} | {name: value for name, value in data.items() if value})


class RoundForm(MonthOnlyForm):
    kind = forms.ChoiceField(label="报送类型", choices=Round.Kind.choices, initial=Round.Kind.MONTHLY)

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__({"kind": str(Round.Kind.MONTHLY)} | {name: value for name, value in data.items() if value})


# ── L11 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class MonthFilter(django_filters.Filter):
    field_class = MonthField


class ReferralFilter(LedgerFilter):
    """As the page narrows it, and a month instead of days: what a monthly 上报 sets."""

    month = MonthFilter(label="月份", method="by_month", required=False)

    def by_month(self, rows: QuerySet[Any], _: str, value: date) -> QuerySet[Any]:
        return self.by_until(self.by_since(rows, "", value), "", add_months(value, 1) - ONE_DAY)


def _referrals_filter(given: Mapping[str, str], post: Post) -> ReferralFilter:
    return ReferralFilter(dict(given), queryset=Referral.objects.ledgered_for(post), post=post)


def _referrals_form(given: Mapping[str, str], post: Post) -> forms.BaseForm:
    form: forms.BaseForm = _referrals_filter(given, post).form
    return form


def _referrals(asked: Asked) -> Sequence[Part]:
    post, now = asked.by, clock.now()
    found = _referrals_filter(asked.given, post)
    columns = [field.column for field in ledger.fields_for(post)]
    return (Part("转办反馈台账", columns, ledger.statement(found.qs, post, now), shape=ledger.shaper(post, now)),)


REFERRALS = Ledger(
    "monitoring.referrals",
    "转办反馈台账",
    reads_figures,
    _referrals_form,
    _referrals,
    number="L11",
    about="每张转办单从受理到告知的全过程，是否按期。",
    page="monitoring:ledger_referrals",
)


# ── L12 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _round_form(given: Mapping[str, str], post: Post) -> RoundForm:  # noqa: ARG001
    return RoundForm(given)


def _rounds(asked: Asked) -> Sequence[Part]:
    form = RoundForm(asked.given)
    form.is_valid()
    rounds = Round.objects.visible_to(asked.by).filter(kind=form.cleaned_data["kind"], month=form.cleaned_data["month"])
    row: Round | None = rounds.first()
    lines = round_board.board(row, clock.now()) if row else []
    return (
        Part("数据更新情况", round_board.SHEET, lines, shape=round_board.sheet_row),
        Part("报送项", round_board.ITEM_SHEET, round_board.item_rows(lines)),
    )


ROUNDS = Ledger(
    "monitoring.rounds",
    "数据更新情况",
    reads_board,
    _round_form,
    _rounds,
    number="L12",
    about="每月5日报送：各单位报送时间、超期、行数和增减。",
    page="monitoring:round_board",
)


# ── L13 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _overview_form(given: Mapping[str, str], post: Post) -> MonthOnlyForm:  # noqa: ARG001
    return MonthOnlyForm(given)


def _overview(asked: Asked) -> Sequence[Part]:
    form = MonthOnlyForm(asked.given)
    form.is_valid()
    lines = month_page.overview(form.cleaned_data["month"], clock.today(), clock.now())
    return (Part("日清月结汇总", month_page.SHEET, lines, shape=month_page.sheet_row),)


OVERVIEW = Ledger(
    "monitoring.closes",
    "日清月结汇总",
    reads_overview,
    _overview_form,
    _overview,
    number="L13",
    about="各乡镇（街道）日清、月结和当月办理数量。",
    page="monitoring:close_overview",
)


# ── 按期率 ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class OnTimeMonthForm(OnTimeForm):
    """As the page asks, and a month instead of days: what a monthly 上报 sets."""

    month = MonthField(label="月份", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if month := cleaned.get("month"):
            cleaned |= {"since": month, "until": add_months(month, 1) - ONE_DAY}
        return cleaned


def _on_time_form(given: Mapping[str, str], post: Post) -> OnTimeMonthForm:
    return OnTimeMonthForm(dict(given), post=post)


def _on_time(asked: Asked) -> Sequence[Part]:
    form = _on_time_form(asked.given, asked.by)
    form.is_valid()
    narrowed = {name: form.cleaned_data.get(name, "") or "" for name in ("unit", "program", "township")}
    question = on_time.Question(asked.by, form.cleaned_data["since"], form.cleaned_data["until"], **narrowed)
    now = clock.now()
    return [Part(f"按期率（{way}）", _columns(way), on_time.groups(question, by, now), shape=_group) for by, way in on_time.WAYS.items()]


def _columns(way: str) -> list[Column]:
    columns = [Column(way.removeprefix("按"), width=28)]
    for lead in ("环节", "承诺"):
        columns += [Column(lead + label, Kind.TEXT if label == "按期率" else Kind.NUMBER, 12) for label in HALF]
    return columns


def _group(group: Any) -> list[Any]:
    cells: list[Any] = [group.name]
    for half in (group.stage, group.promise):
        cells += [half.counted, half.in_time, half.late, half.rate, half.median, half.longest, half.open_late]
    return cells


ON_TIME = Ledger(
    "monitoring.on_time",
    "按期率",
    reads_figures,
    _on_time_form,
    _on_time,
    about="各单位、各项目、各乡镇（街道）办理的按期率和用时。",
    page="monitoring:on_time",
)
ALL = (REFERRALS, ROUNDS, OVERVIEW, ON_TIME)
