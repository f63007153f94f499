"""The arithmetic of a referral on plain values: starts, ends, cadences, ceilings, what an approval still lacks."""

from datetime import date
from decimal import Decimal

import pytest

from referrals import rules


@pytest.mark.parametrize(
    ("pay_start", "day"),
    [
        ("next_month", date(2027, 1, 1)),
        ("month_of_approval", date(2026, 12, 1)),
        ("month_of_application", date(2026, 11, 1)),
        ("at_once", date(2026, 12, 31)),
        ("none", date(2026, 12, 31)),
    ],
)
def test_start(pay_start, day):
    """C-08, C-42; over the turn of the year."""
    assert rules.starts_on(pay_start, decided_on=date(2026, 12, 31), applied_on=date(2026, 11, 20)) == day


def test_nothing_begins_before_the_month_of_the_application():
    assert rules.earliest_start(date(2026, 11, 20)) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("amount", "line", "above"),
    [("2000", "2000", False), ("2000.01", "2000", True), (None, "2000", False), ("9", None, False)],
)
def test_line(amount, line, above):
    """民法典 1259: the figure itself is within it."""
    assert rules.exceeds(Decimal(amount) if amount else None, Decimal(line) if line else None) is above


@pytest.mark.parametrize(
    ("kind", "form", "amount", "words", "lacks"),
    [
        ("cash", "现金", Decimal(1), "", False),
        ("cash", "现金", None, "米面", True),
        ("cash", "现金", Decimal(0), "", True),
        ("cash", "现金/实物", None, "米面", False),
        ("cash", "现金/实物", None, "", True),
        ("service", "服务", Decimal(100), "", True),
        ("service", "服务", None, "上门照料", False),
        ("waiver", "费用减免", None, "免收", False),
        ("identity", "身份", None, "", False),
        ("registration", "证件", None, "", False),
    ],
)
def test_what_an_approval_lacks(kind, form, amount, words, lacks):
    assert bool(rules.lacking(kind=kind, form_of_aid=form, amount=amount, in_kind=words)) is lacks


@pytest.mark.parametrize(
    ("mode", "kind", "cadence"),
    [("regular", "cash", "monthly"), ("regular", "insurance", "yearly"), ("one_off", "cash", "once"), ("status", "waiver", "standing")],
)
def test_cadence(mode, kind, cadence):
    assert rules.cadence(mode=mode, kind=kind) == cadence


@pytest.mark.parametrize(
    ("cadence", "months", "until"),
    [
        ("once", None, date(2026, 9, 24)),
        ("once", 12, date(2026, 9, 24)),
        ("standing", 120, date(2036, 9, 23)),
        ("monthly", None, None),
        ("monthly", 12, date(2027, 9, 23)),
    ],
)
def test_end(cadence, months, until):
    assert rules.ends_on(since=date(2026, 9, 24), cadence=cadence, valid_months=months) == until


@pytest.mark.parametrize(
    ("amount", "words", "cadence", "said"),
    [
        (Decimal("1200.00"), "", "monthly", "每月1200元"),
        (Decimal("1500.50"), "棉被两床", "once", "一次性1500.5元、棉被两床"),
        (None, "轮椅一辆", "standing", "轮椅一辆"),
        (None, "", "standing", ""),
    ],
)
def test_amount_in_words(amount, words, cadence, said):
    assert rules.amount_in_words(amount, words, cadence) == said


def test_causes():
    assert rules.causes("公示有异议、人户分离、") == ["公示有异议", "人户分离"]
    assert rules.causes("") == []
