"""The auditor's filters."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from .models import Event
from .presenters import known_verbs


class AddressFilter(django_filters.Filter):
    field_class = forms.GenericIPAddressField


class EventFilter(django_filters.FilterSet):
    since = django_filters.DateFilter(label="自", field_name="at", lookup_expr="date__gte", widget=forms.DateInput(attrs={"type": "date"}))
    until = django_filters.DateFilter(label="至", field_name="at", lookup_expr="date__lte", widget=forms.DateInput(attrs={"type": "date"}))
    who = django_filters.CharFilter(label="人员", method="by_person")
    verb = django_filters.ChoiceFilter(label="事项", choices=known_verbs, empty_label="全部事项")
    subject = django_filters.CharFilter(label="对象", field_name="subject_text", lookup_expr="icontains")
    address = AddressFilter(label="来源地址", field_name="address")

    class Meta:
        model = Event
        fields: list[str] = []

    def by_person(self, rows: QuerySet[Any], _: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(by__name__icontains=value) | Q(by__username=value) | Q(post_label__icontains=value))
