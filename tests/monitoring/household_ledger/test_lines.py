"""The lines of a month, as the tables stand: who is in them, once, and what adds up."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from monitoring.household_ledger import live
from tests.households.factories import HouseholdFactory, assistance, head_of, tag
from tests.monitoring.doubting import doubt_of

pytestmark = pytest.mark.django_db
THIS = date(2026, 9, 30)


def lines_of(last, narrowed=live.EVERYTHING):
    sql, params = live.lines(last, narrowed)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) line ORDER BY {live.ORDER}", params)
        return [dict(zip(live.COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def test_a_line_for_everybody_whom_an_assistance_reaches():
    household = HouseholdFactory()
    head = head_of(household)
    tag(household, "subsistence")
    tag(head, "severe_disability")
    tag(head, "orphan")
    assistance(household, "MZ01", amount=Decimal("1350.00"))
    assistance(head, "CL01", amount=80)
    doubt_of("omitted", subject=household)
    found = lines_of(THIS)
    assert [(row["program_code"], row["relation"]) for row in found if row["program_code"] == "MZ01"] == [
        ("MZ01", "02"),
        ("MZ01", "10"),
        ("MZ01", "30"),
    ]
    assert sum(row["counted"] for row in found) == Decimal("1430.00")
    assert {(row["household_number"], row["size"]) for row in found} == {(household.number, 3)}
    assert {tuple(row["household_tags"]) for row in found} == {("subsistence",)}
    assert {tuple(row["tags"]) for row in found if row["resident_id"] == head.pk} == {("severe_disability",)}, "no sensitive tag"
    assert {tuple(row["doubts"]) for row in found} == {("omitted",)}
    assert {row["head_id"] for row in found} == {head.pk}
