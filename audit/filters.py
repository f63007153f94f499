"""The auditor's filters."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.timezone import make_aware

from .models import Event
from .presenters import known_verbs, unfound


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))


class AddressFilter(django_filters.Filter):
    field_class = forms.GenericIPAddressField


class EventFilter(django_filters.FilterSet):
    since = django_filters.DateFilter(label="自", method="from_day", widget=forms.DateInput(attrs={"type": "date"}))
    until = django_filters.DateFilter(label="至", method="to_day", widget=forms.DateInput(attrs={"type": "date"}))
    who = django_filters.CharFilter(label="人员", method="by_person")
    verb = django_filters.ChoiceFilter(label="事项", choices=known_verbs, empty_label="全部事项")
    subject = django_filters.CharFilter(label="对象", method="by_subject")
    address = AddressFilter(label="来源地址", field_name="address")

    class Meta:
        model = Event
        fields: list[str] = []

    def from_day(self, rows: QuerySet[Any], _: str, value: date) -> QuerySet[Any]:
        """From the day's first moment: a comparison of moments uses the index, one of dates does not."""
        return rows.filter(at__gte=_midnight(value))

    def to_day(self, rows: QuerySet[Any], _: str, value: date) -> QuerySet[Any]:
        return rows.filter(at__lt=_midnight(value + timedelta(days=1)))

    def by_subject(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        """Of confidential lines one's own alone: a line found by a name would tell of whom it keeps silent."""
        told = Q(is_confidential=False) | Q(by_id=self.request.user.pk if self.request else None)
        return rows.filter(told, ~unfound(getattr(self.request, "post", None)), subject_text__icontains=value)

    def by_person(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(by__name__icontains=value) | Q(by__username=value) | Q(post_label__icontains=value))
