"""Filters of the lists of duties."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from config import clock

from .lamps import NAMES
from .models import Duty, OutboxMessage

LAMPS = [(colour, NAMES[colour]) for colour in ("red", "amber", "green", "grey")]


class DutyFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="编号或事项", field_name="title", lookup_expr="icontains")
    kind_name = django_filters.CharFilter(label="环节", lookup_expr="icontains")
    lamp = django_filters.ChoiceFilter(label="时限", choices=LAMPS, method="by_lamp", empty_label="全部")
    mine = django_filters.BooleanFilter(label="我领办的", method="by_taker", widget=forms.CheckboxInput)

    class Meta:
        model = Duty
        fields: list[str] = []

    def by_lamp(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.with_lamp(clock.now()).filter(lamp_colour=value)  # type: ignore[attr-defined]

    def by_taker(self, rows: QuerySet[Any], _: str, value: bool) -> QuerySet[Any]:
        return rows.filter(taken_by__staff=self.request.user) if value and self.request else rows


class OutboxFilter(django_filters.FilterSet):
    channel = django_filters.ChoiceFilter(label="渠道", choices=OutboxMessage.Channel.choices, empty_label="全部")
    kind = django_filters.CharFilter(label="事件代码", lookup_expr="icontains")

    class Meta:
        model = OutboxMessage
        fields: list[str] = []
