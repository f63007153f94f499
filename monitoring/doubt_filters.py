"""Filters of the list of doubts."""

from typing import Any

import django_filters

from config.rendering import LongSelect
from organization.kinds import TOWNSHIP
from referrals.names import names

from .models import Doubt


def _programs() -> list[tuple[str, str]]:
    return [(code, name) for code, name in names().programs.items() if code not in names().sensitive]


def _townships() -> list[tuple[str, str]]:
    return list(names().townships.items())


class DoubtFilter(django_filters.FilterSet):
    program = django_filters.ChoiceFilter(
        label="救助项目", choices=_programs, field_name="program_id", empty_label="全部项目", widget=LongSelect
    )
    township = django_filters.ChoiceFilter(
        label="乡镇（街道）", choices=_townships, field_name="township_code", empty_label="全部", widget=LongSelect
    )
    outcome = django_filters.ChoiceFilter(label="处理结果", choices=Doubt.Outcome.choices, empty_label="全部")

    class Meta:
        model = Doubt
        fields: list[str] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        """A township has one place: its own."""
        super().__init__(*args, **options)
        if self.request is not None and self.request.post.unit.kind in TOWNSHIP:
            del self.filters["township"]
