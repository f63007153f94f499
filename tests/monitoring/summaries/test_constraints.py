"""Truths of a cell that the database keeps, each broken past the verbs."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config import clock
from monitoring.models import SummaryCell, SummaryMonth, WorkCell, WorkMonth

pytestmark = pytest.mark.django_db
MONTH = date(2026, 9, 1)


def broken(name: str, make: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


def test_a_cell_names_a_month():
    broken("cell_names_a_month", lambda: SummaryCell.objects.create(month=date(2026, 9, 2)))


def test_a_cell_of_a_program_names_its_department():
    broken("cell_of_a_program_names_its_department", lambda: SummaryCell.objects.create(month=MONTH, program_id="MZ01"))


def test_what_is_sensitive_is_a_departments():
    broken("sensitive_cell_names_its_department", lambda: SummaryCell.objects.create(month=MONTH, with_sensitive=True))


def test_what_is_counted_stands_once_even_of_all():
    SummaryCell.objects.create(month=MONTH)
    broken("one_cell_per_month_place_and_program", lambda: SummaryCell.objects.create(month=MONTH))


def test_a_counted_month_begins_with_its_first_day():
    make = lambda: SummaryMonth.objects.create(month=date(2026, 9, 2), computed_at=clock.now())  # noqa: E731
    broken("counted_month_begins_with_its_first_day", make)


def test_work_is_counted_once_and_by_month():
    made = {"month": MONTH, "measure": "kept", "days": 3, "times": 1}
    WorkCell.objects.create(**made)
    broken("one_work_cell_per_month_step_place_program_and_days", lambda: WorkCell.objects.create(**made))
    broken("work_cell_names_a_month", lambda: WorkCell.objects.create(**made | {"month": date(2026, 9, 2)}))
    late = lambda: WorkMonth.objects.create(month=date(2026, 9, 2), counted_until=clock.now())  # noqa: E731
    broken("month_of_work_begins_with_its_first_day", late)
