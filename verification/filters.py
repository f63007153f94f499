"""The filter of the list."""

import django_filters
from django import forms
from django.db.models import QuerySet

from .models import Verification


class VerificationFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="核查编号或户编号", method="by_number")
    method = django_filters.ChoiceFilter(label="核查方式", choices=Verification.Method.choices, method="by_method", empty_label="全部")

    tab = django_filters.CharFilter(method="keep", widget=forms.HiddenInput)

    class Meta:
        model = Verification
        fields: list[str] = []

    def by_number(self, rows: "QuerySet[Verification]", _: str, value: str) -> "QuerySet[Verification]":
        """The whole number of the verification or of its household: no part of one, and no name, which an address may not hold."""
        return rows.of_number(value.strip())  # type: ignore[attr-defined]

    def by_method(self, rows: "QuerySet[Verification]", _: str, value: str) -> "QuerySet[Verification]":
        return rows.filter(methods__contains=[value])

    def keep(self, rows: "QuerySet[Verification]", _: str, value: str) -> "QuerySet[Verification]":
        """The tab is the view's affair; the form carries it along."""
        return rows
