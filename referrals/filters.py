"""Filters of the inbox. They narrow duties, from whose index the list is read; what only the referral knows is asked by its keys."""

from typing import Any

import django_filters
from django import forms
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast

from config import clock
from config.protection.typed import tidy_identifier
from config.rendering import LongSelect
from deadlines.filters import LAMPS
from deadlines.models import Duty
from households.models import Resident

from .inbox import is_watching
from .models import Referral
from .names import names

MOST = 200  # what a number or a name may stand for: who finds more types more


def _programs() -> list[tuple[str, str]]:
    return list(names().programs.items())


def _townships() -> list[tuple[str, str]]:
    return list(names().townships.items())


class ReferralFilter(django_filters.FilterSet):
    number = django_filters.CharFilter(label="转办单号或申请编号", method="by_number")
    name = django_filters.CharFilter(label="申请人姓名或拼音首字母", method="by_name")
    program = django_filters.ChoiceFilter(
        label="救助项目", choices=_programs, field_name="topic_code", empty_label="全部项目", widget=LongSelect
    )
    township = django_filters.ChoiceFilter(
        label="乡镇（街道）", choices=_townships, field_name="region_code", empty_label="全部", widget=LongSelect
    )
    lamp = django_filters.ChoiceFilter(label="时限", choices=LAMPS, method="by_lamp", empty_label="全部")
    mine = django_filters.BooleanFilter(label="我承办的", method="by_handler", widget=forms.CheckboxInput)

    class Meta:
        model = Duty
        fields: list[str] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        """A township chooses among no townships; who only watches the county finds nothing by the name of a sensitive program."""
        super().__init__(*args, **options)
        posts = getattr(self.request, "posts", [])
        if posts and is_watching(posts):
            self.filters["program"].extra["choices"] = [(code, name) for code, name in _programs() if code not in names().sensitive]
        if posts and all(post.region_code[6:9] for post in posts):
            del self.filters["township"]

    def by_number(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        typed = tidy_identifier(value)
        return self._about(rows, Q(number__startswith=typed), Q(application__number__startswith=typed))

    def by_name(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        """Among the people whom the acting post may see."""
        people = Resident.objects.named(value, self.request.post if self.request else None)
        found = list(people.values_list("pk", flat=True)[:MOST])
        home = Q(
            purpose__in=["change", "stop"], case_household__memberships__resident_id__in=found, case_household__memberships__until=None
        )
        return self._about(rows, Q(application__applicant_id__in=found), Q(resident_id__in=found), home)

    def _about(self, rows: QuerySet[Any], *conditions: Q) -> QuerySet[Any]:
        """Duties of the referrals that meet one of the conditions, each asked by its own index."""
        gate = Referral.objects.visible_to(self.request.post if self.request else None)
        keys = {str(key) for condition in conditions for key in gate.filter(condition).order_by().values_list("pk", flat=True)[:MOST]}
        return rows.filter(subject_id__in=keys)

    def by_lamp(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.with_lamp(clock.now()).filter(lamp_colour=value)  # type: ignore[attr-defined]

    def by_handler(self, rows: QuerySet[Any], _: str, value: bool) -> QuerySet[Any]:
        if not value or self.request is None:
            return rows
        units = {post.unit_id for post in self.request.posts}
        gate = Referral.objects.visible_to(self.request.post)
        mine = gate.filter(unit_id__in=units, handler__staff=self.request.user).annotate(key=Cast("pk", CharField()))
        return rows.filter(subject_id__in=mine.order_by().values("key"))
