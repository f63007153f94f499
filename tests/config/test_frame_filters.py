"""How pages write dates, ages, names and amounts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template import engines


def shown(value: Any, name: str) -> str:
    return engines["django"].from_string(f"{{% load frame %}}{{{{ value|{name} }}}}").render({"value": value})


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 9, 24, 2, 0, tzinfo=UTC), "2026年9月24日10时"),
        (datetime(2026, 9, 24, 16, 5, tzinfo=UTC), "2026年9月25日0时5分"),
        (None, ""),
    ],
)
def test_document_datetime(moment: datetime | None, text: str) -> None:
    assert shown(moment, "document_datetime") == text


@pytest.mark.parametrize(
    ("born", "text"),
    [
        (date(1990, 9, 24), "36岁"),
        (date(1990, 9, 25), "35岁"),
        (date(2026, 9, 24), "0岁"),
        (date(2004, 2, 29), "22岁"),
        (None, ""),
    ],
)
def test_age(born: date | None, text: str) -> None:
    assert shown(born, "age") == text


def test_age_goes_by_the_county_day(clock: Any) -> None:
    """At 23:30 of the day before in UTC it is the birthday's morning in Shanghai."""
    clock.set(datetime(2026, 9, 23, 23, 30, tzinfo=UTC))
    assert shown(date(1990, 9, 24), "age") == "36岁"


@pytest.mark.parametrize(("name", "text"), [("张某芳", "张*芳"), ("张芳", "张*"), ("欧阳芳", "欧阳*"), ("", "")])
def test_masked_name(name: str, text: str) -> None:
    assert shown(name, "masked_name") == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("1234.00"), "1,234元"),
        (Decimal("1234.5"), "1,234.50元"),
        (Decimal("0.01"), "0.01元"),
        (Decimal(0), "0元"),
        (Decimal("-1000000"), "-1,000,000元"),
        (Decimal("1E+3"), "1,000元"),
        (1200, "1,200元"),
        ("1234.50", "1,234.50元"),
        ("", ""),
        (None, ""),
    ],
)
def test_money(amount: Any, text: str) -> None:
    assert shown(amount, "money") == text
