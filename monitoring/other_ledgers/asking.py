"""What narrows a ledger of people, and how its people are shown: masked, unless the rows are the post's own place or the asking is an
approved 上报. No form of these holds a name or a number."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from config import clock
from config.dates import add_months
from config.protection.masks import mask_name
from config.protection.sealing import unseal
from config.rendering import LongSelect
from deadlines.working_calendar import ONE_DAY
from households.models import Household, Resident
from organization.kinds import LOCAL, TOWNSHIP
from organization.models import Post, Region
from referrals.names import names
from spreadsheets.cells import Column, Kind
from spreadsheets.ledgers import Asked

TOWNSHIP_COLUMN, VILLAGE_COLUMN = Column("乡镇（街道）", width=14), Column("村（社区）", width=16)
NUMBER, NAME, ID_NUMBER = Column("户编号", width=18), Column("姓名", width=12), Column("证件号码", width=21)
COUNTY_COUNT = Column("户数", Kind.NUMBER, 10)
TOGETHER = "合计"
EARLIEST = date(2000, 1, 1)


class MonthField(forms.CharField):
    """2026-11, cleaned to the month's first day."""

    widget = forms.TextInput(attrs={"type": "month"})

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
            raise forms.ValidationError("月份请按“2026-11”的样子填写。")
        if not f"{EARLIEST:%Y-%m}" <= text <= f"{clock.today():%Y-%m}":
            raise forms.ValidationError(f"只有{EARLIEST.year}年至本月的台账。")
        return date.fromisoformat(f"{text}-01")


class PlaceForm(forms.Form):
    """Where: a township of the county; a village of one's own township."""

    township = forms.ChoiceField(label="乡镇（街道）", required=False, widget=LongSelect)
    village = forms.ChoiceField(label="村（社区）", required=False, widget=LongSelect)

    def __init__(self, data: Mapping[str, str], *, post: Post) -> None:
        super().__init__(self.usual() | {name: value for name, value in data.items() if value})
        self.post = post
        if post.unit.kind in LOCAL:
            del self.fields["township"]
            villages = Region.objects.villages().filter(code__startswith=post.region_code).order_by("code")
            self.fields["village"].choices = [("", "全部"), *villages.values_list("code", "name")]  # type: ignore[attr-defined]
        else:
            del self.fields["village"]
            self.fields["township"].choices = [("", "全部"), *names().townships.items()]  # type: ignore[attr-defined]

    def usual(self) -> dict[str, str]:
        """What stands in it unless asked otherwise."""
        return {}

    @property
    def place(self) -> str:
        """The beginning of the codes asked for; "" for all that the gate shows."""
        return str(self.cleaned_data.get("village") or self.cleaned_data.get("township") or "")


class MonthForm(PlaceForm):
    """As of a month's end; of the running month, as of today."""

    month = MonthField(label="月份")
    field_order = ["month"]

    def usual(self) -> dict[str, str]:
        return {"month": f"{clock.today():%Y-%m}"}

    @property
    def first(self) -> date:
        month: date = self.cleaned_data["month"]
        return month

    @property
    def last(self) -> date:
        return min(add_months(self.cleaned_data["month"], 1) - ONE_DAY, clock.today())


class SpanForm(MonthForm):
    """A month, or several up to it."""

    begin = MonthField(label="起始月份", required=False, help_text="不填则只统计上面的月份。")
    field_order = ["month", "begin"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("begin") and cleaned.get("month") and cleaned["begin"] > cleaned["month"]:
            self.add_error("begin", "起始月份不能晚于月份。")
        return cleaned

    @property
    def first(self) -> date:
        begin: date = self.cleaned_data.get("begin") or self.cleaned_data["month"]
        return begin


def of_place(rows: QuerySet[Any], field: str, place: str) -> Any:
    return rows.filter(**{f"{field}__startswith": place}) if place else rows


def homes(asked: Asked, place: str) -> Any:
    """The households of which the post reads more than the card, in that place."""
    return of_place(Household.objects.beyond_the_card(asked.by), "region__code", place).order_by()


def namer(asked: Asked) -> Callable[[str], str]:
    """How a name stands in the rows: in full on one's own place's, masked elsewhere (SECURITY D12)."""
    if asked.in_clear or asked.by.unit.kind in LOCAL:
        return lambda name: name or ""
    return lambda name: mask_name(name) if name else ""


def numberer(asked: Asked) -> Callable[[Any, str, str], str]:
    """How an ID number stands: its mask; in clear for an approved 上报 alone, opened row by row."""
    if not asked.in_clear:
        return lambda pk, sealed, masked: masked or ""
    return lambda pk, sealed, masked: unseal(Resident, "id_number", pk, sealed) if sealed else masked or ""


def sealed_of(asked: Asked, table: str) -> str:
    """The column of the sealed number, not even read where it stays closed."""
    return f"{table}.id_number_sealed" if asked.in_clear else "''"


def is_of_township(post: Post) -> bool:
    return post.unit.kind in TOWNSHIP


def township_of(code: str) -> str:
    return names().townships.get(str(code)[:9], "")
