"""Filters of the administration lists."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from .models import Parameter, Staff, Unit


class StaffFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="姓名、登录名或单位", method="by_words")
    kind = django_filters.ChoiceFilter(label="单位类别", choices=Unit.Kind.choices, method="by_kind", empty_label="全部单位")
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[("active", "启用"), ("disabled", "停用"), ("no_post", "无生效岗位")],
        method="by_state",
        empty_label="全部状态",
    )

    class Meta:
        model = Staff
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        words = Q(name__icontains=value) | Q(username__icontains=value)
        return rows.filter(words | Q(pk__in=rows.filter(posts__unit__name__icontains=value).values("pk")))

    def by_kind(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.filter(pk__in=rows.filter(posts__unit__kind=value, posts__ended_at=None, posts__refused_at=None).values("pk"))

    def by_state(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        if value == "no_post":
            return rows.filter(effective_posts=0)
        return rows.filter(is_active=value == "active")


class UnitFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="单位名称", field_name="name", lookup_expr="icontains")
    kind = django_filters.ChoiceFilter(label="类别", choices=Unit.Kind.choices, empty_label="全部类别")
    region = django_filters.CharFilter(label="区划代码", field_name="region__code", lookup_expr="startswith")

    class Meta:
        model = Unit
        fields: list[str] = []


class ParameterFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="名称或依据", method="by_words")
    origin = django_filters.ChoiceFilter(label="来源", choices=Parameter.Origin.choices, empty_label="全部来源")

    class Meta:
        model = Parameter
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(name__icontains=value) | Q(key__icontains=value) | Q(source__icontains=value))
