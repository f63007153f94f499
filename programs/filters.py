"""Finding programs in the catalogue: the same filters for the page and the API."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from config import clock
from organization.models import Department

from .models import Program, ProgramVersion
from .querysets import ProgramQuerySet
from .rules import normalised


def _departments(request: Any) -> QuerySet[Department]:
    return Program.objects.visible_to(getattr(request, "post", None)).departments()


class ProgramFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="名称、别名、拼音首字母或代码", method="by_words", max_length=60)
    department = django_filters.ModelChoiceFilter(label="部门", to_field_name="code", queryset=_departments, empty_label="全部部门")
    category = django_filters.ChoiceFilter(label="类别", choices=Program.Category.choices, empty_label="全部类别")
    tier = django_filters.ChoiceFilter(label="层次", choices=Program.Tier.choices, empty_label="全部层次")
    beneficiary = django_filters.ChoiceFilter(label="救助对象", choices=Program.Beneficiary.choices, empty_label="全部对象")
    obtained = django_filters.ChoiceFilter(
        label="如何获得", choices=ProgramVersion.Obtained.choices, method="by_obtained", empty_label="全部方式"
    )

    class Meta:
        model = Program
        fields: list[str] = []

    def by_words(self, rows: ProgramQuerySet, _: str, value: str) -> ProgramQuerySet:
        return rows.matching(normalised(value))

    def by_obtained(self, rows: ProgramQuerySet, _: str, value: str) -> ProgramQuerySet:
        return rows.obtained_by(value, clock.today())
