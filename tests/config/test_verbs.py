"""The sixth beat: a row is cleaned and written, and what it breaks is told in the constraint's own words."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from config.verbs import ConstraintBroken, save
from organization.models import Department, Region, Unit
from tests.cast import HOME

pytestmark = pytest.mark.django_db


def unit(**changed: object) -> Unit:
    given = {"kind": "village_window", "name": "虚构窗口", "short_name": "虚构", "region_id": f"{HOME}991", "valid_from": date(2026, 1, 1)}
    return Unit(**{**given, **changed})


def test_a_broken_constraint_says_its_own_sentence():
    with pytest.raises(ConstraintBroken, match="停用日期不能早于启用日期") as told, transaction.atomic():
        save(unit(region_id=f"{HOME}991", valid_until=date(2025, 1, 1)))
    assert told.value.name == "unit_ends_after_it_begins"
    with pytest.raises(ConstraintBroken, match="已有一个综合救助窗口") as told, transaction.atomic():
        save(unit())
    assert told.value.name == "one_window_per_region"


def test_values_are_cleaned_before_anything_is_asked(assert_queries):
    with assert_queries(0), pytest.raises(ValidationError) as told:
        save(unit(kind="teahouse", name=""))
    assert set(told.value.message_dict) == {"kind", "name"}


def test_one_statement_writes_one_row(assert_queries):
    department = Department.objects.get(code="CL")
    department.remark = "改了"
    with assert_queries(1) as captured:
        save(department, "remark")
    assert captured[0]["sql"].count(" SET ") == 1
    assert "has_own_system" not in captured[0]["sql"]
    assert Department.objects.get(code="CL").remark == "改了"


def test_a_row_without_its_key_is_a_bug_and_stays_one():
    with pytest.raises(IntegrityError), transaction.atomic():
        save(Region(code=HOME, name="第二个", level="township", parent_id="500233", valid_from=date(2026, 1, 1)))
