"""Filters of the workbench."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from config.rendering import LongSelect
from deadlines.filters import DutyFilter
from deadlines.rules import end_of
from organization.lineage import desks
from referrals.names import names

WITH_PROGRAMS = frozenset({"T", "TA", "D", "DA", "B", "BA"})


def _programs() -> list[tuple[str, str]]:
    return list(names().programs.items())


class WorkbenchFilter(DutyFilter):
    program = django_filters.ChoiceFilter(
        label="救助项目", choices=_programs, field_name="topic_code", empty_label="全部项目", widget=LongSelect
    )
    unit = django_filters.ChoiceFilter(label="承办单位", field_name="unit_id", empty_label="全部")
    due_by = django_filters.DateFilter(label="到期不晚于", method="by_day", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Units are asked of whoever has several, programs of whoever works on them."""
        super().__init__(*args, **options)
        posts = getattr(self.request, "posts", [])
        own = list(dict.fromkeys(unit for post in posts for unit in desks(post)))
        if len(own) > 1:
            known = names().units
            self.filters["unit"].extra["choices"] = [(str(unit), known.get(unit, "")) for unit in own]
        else:
            del self.filters["unit"]
        if not any(post.role in WITH_PROGRAMS for post in posts):
            del self.filters["program"]

    def by_day(self, rows: QuerySet[Any], _: str, value: date) -> QuerySet[Any]:
        return rows.filter(due_at__lte=end_of(value))
