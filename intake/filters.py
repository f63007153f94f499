"""Filters of the window's lists."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from .models import Application, Visit

_DAY = forms.DateInput(attrs={"type": "date"})


class ApplicationFilter(django_filters.FilterSet):
    """`name` is personal: it is posted, and never stands in an address."""

    name = django_filters.CharFilter(label="申请人姓名或首字母", method="by_name", max_length=30)
    number = django_filters.CharFilter(label="申请编号", lookup_expr="icontains", max_length=40)
    status = django_filters.ChoiceFilter(label="状态", choices=Application.Status.choices, empty_label="全部")
    since = django_filters.DateFilter(label="起草日期自", field_name="drafted_at", lookup_expr="date__gte", widget=_DAY)
    until = django_filters.DateFilter(label="至", field_name="drafted_at", lookup_expr="date__lte", widget=_DAY)
    mine = django_filters.BooleanFilter(label="首问责任人是我", method="by_responder", widget=forms.CheckboxInput)

    class Meta:
        model = Application
        fields: list[str] = []

    def by_name(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.of_applicants_like(value)  # type: ignore[attr-defined]

    def by_responder(self, rows: QuerySet[Any], _: str, value: bool) -> QuerySet[Any]:
        return rows.filter(first_responder__staff=self.request.user) if value and self.request else rows


class VisitFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="答复", choices=[("open", "待答复"), ("answered", "已答复")], method="by_state", empty_label="全部"
    )
    mode = django_filters.ChoiceFilter(label="服务方式", choices=Visit.Mode.choices, empty_label="全部")
    since = django_filters.DateFilter(label="到达日期自", field_name="arrived_at", lookup_expr="date__gte", widget=_DAY)
    until = django_filters.DateFilter(label="至", field_name="arrived_at", lookup_expr="date__lte", widget=_DAY)
    mine = django_filters.BooleanFilter(label="首问责任人是我", method="by_responder", widget=forms.CheckboxInput)

    class Meta:
        model = Visit
        fields: list[str] = []

    def by_state(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.filter(answered_at__isnull=value == "open")

    def by_responder(self, rows: QuerySet[Any], _: str, value: bool) -> QuerySet[Any]:
        return rows.filter(arrived_by_staff=self.request.user) if value and self.request else rows
