"""Filters of the lists of supervision."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from config import clock
from config.rendering import LongSelect
from deadlines.models import Duty
from organization.lineage import desks
from referrals.names import UNNAMED, names

from .models import SupervisionOrder

SENSITIVE, NAMED = "sensitive", "named"  # the sensitive programs as one, and all the others
LONGEST = 10_000  # days


def _units() -> list[tuple[int, str]]:
    return list(names().units.items())


def _programs() -> list[tuple[str, str]]:
    """Sensitive ones as one: a choice of one of them would say of which its rows are."""
    return [
        *((code, name) for code, name in names().programs.items() if code not in names().sensitive),
        (SENSITIVE, UNNAMED),
        (NAMED, f"不含{UNNAMED}"),
    ]


def _townships() -> list[tuple[str, str]]:
    return list(names().townships.items())


class LateFilter(django_filters.FilterSet):
    unit = django_filters.ChoiceFilter(
        label="承办单位", choices=_units, field_name="unit_id", empty_label="全部单位", widget=LongSelect(attrs={"data-search-select": ""})
    )
    program = django_filters.ChoiceFilter(
        label="救助项目", choices=_programs, method="by_program", empty_label="全部项目", widget=LongSelect
    )
    township = django_filters.ChoiceFilter(
        label="乡镇（街道）", choices=_townships, method="by_township", empty_label="全部", widget=LongSelect
    )
    days = django_filters.NumberFilter(label="超期至少几日", method="by_days", min_value=0, max_value=LONGEST)
    referrals = django_filters.BooleanFilter(label="只列转办环节", method="by_referral", widget=forms.CheckboxInput)
    promises = django_filters.BooleanFilter(label="含承诺时限", method="by_promise", widget=forms.CheckboxInput)

    class Meta:
        model = Duty
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Promises are watched beside the work, and would say each late case twice: they are shown when asked for."""
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("promises") else rows.filter(is_promise=False)

    def by_program(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        sensitive = names().sensitive
        if value == NAMED:
            return rows.exclude(topic_code__in=sensitive)
        return rows.filter(topic_code__in=sensitive) if value == SENSITIVE else rows.filter(topic_code=value)

    def by_township(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        """Where a sensitive one is, nobody finds out by asking township after township."""
        found = rows.filter(region_code__startswith=value)
        return found.exclude(Q(topic_code__in=names().sensitive) & ~Q(unit_id__in=desks(self.request.post)))

    def by_days(self, rows: QuerySet[Any], _: str, value: Any) -> QuerySet[Any]:
        return rows.filter(due_at__lte=clock.now() - timedelta(days=int(value)))

    def by_referral(self, rows: QuerySet[Any], _: str, value: bool) -> QuerySet[Any]:
        return rows.filter(subject_label="referrals.referral") if value else rows

    def by_promise(self, rows: QuerySet[Any], _: str, __: bool) -> QuerySet[Any]:
        return rows


class OrderFilter(django_filters.FilterSet):
    number = django_filters.CharFilter(label="文号", lookup_expr="icontains")
    unit = django_filters.ChoiceFilter(
        label="承办单位", choices=_units, field_name="unit_id", empty_label="全部单位", widget=LongSelect(attrs={"data-search-select": ""})
    )
    matter = django_filters.CharFilter(label="督办事项", lookup_expr="icontains")
    is_late = django_filters.BooleanFilter(label="回复超期的", method="by_lateness", widget=forms.CheckboxInput)

    class Meta:
        model = SupervisionOrder
        fields: list[str] = []

    def by_lateness(self, rows: QuerySet[Any], _: str, value: bool) -> QuerySet[Any]:
        return rows.late(clock.now()) if value else rows  # type: ignore[attr-defined]
