"""Each truth of a closed day or month, broken past form and verb."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from config import clock
from monitoring.models import DayClose, DaySupplement, MonthClose

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


def refused(row, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


def a_day(clerk, **changed):
    return DayClose(**{"unit": clerk.unit, "day": TODAY, "closed_at": clock.now(), "closed_by": clerk, **changed})


def a_month(clerk, **changed):
    given = {"unit": clerk.unit, "month": date(2026, 9, 1), "opened_at": clock.now(), "opened_by": clerk}
    return MonthClose(**{**given, **changed})


def test_one_day_close_per_window_and_day(clerk):
    a_day(clerk).save()
    refused(a_day(clerk), "one_day_close_per_window_and_day")


def test_day_is_not_closed_before_it_begins(clerk):
    refused(a_day(clerk, day=TODAY + timedelta(days=1)), "day_is_not_closed_before_it_begins")


def test_day_supplement_has_its_words(clerk):
    row = a_day(clerk)
    row.save()
    refused(DaySupplement(day_close=row, text="", added_at=clock.now(), added_by=clerk), "day_supplement_has_its_words")


def test_one_month_close_per_township_and_month(clerk):
    a_month(clerk).save()
    refused(a_month(clerk), "one_month_close_per_township_and_month")


def test_month_close_names_a_month(clerk):
    refused(a_month(clerk, month=TODAY), "month_close_names_a_month")


def test_confirmed_month_close_has_its_hand_and_figures(clerk):
    whole = {"closed_at": clock.now(), "closed_by": clerk, "counts": {"visits": 1}}
    for lacking in ({"closed_at": None}, {"closed_by": None}, {"counts": {}}):
        refused(a_month(clerk, **{**whole, **lacking}), "confirmed_month_close_has_its_hand_and_figures")


def test_what_was_confirmed_is_frozen(clerk):
    """By trigger: not by a hand in the shell either. A month that is still open is filled in."""
    whole = {"closed_at": clock.now(), "closed_by": clerk, "counts": {"visits": 1}}
    day, month = a_day(clerk), a_month(clerk)
    day.save()
    month.save()
    line = DaySupplement(day_close=day, text="补充。", added_at=clock.now(), added_by=clerk)
    line.save()
    assert MonthClose.objects.filter(pk=month.pk).update(**whole) == 1
    for rows, changed in (
        (DayClose.objects.filter(pk=day.pk), {"counts": {"visits": 2}}),
        (DaySupplement.objects.filter(pk=line.pk), {"text": "改。"}),
        (MonthClose.objects.filter(pk=month.pk), {"note": "改。"}),
    ):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            rows.update(**changed)
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            rows._raw_delete("default")
