"""When a program with open months opens again (DESIGN 4): values alone."""

from datetime import date

import pytest

from programs.rules import opening_on


@pytest.mark.parametrize(
    ("months", "on", "opens"),
    [
        ([], date(2026, 9, 24), None),
        ([8], date(2026, 8, 1), None),
        ([8], date(2026, 8, 31), None),
        ([8], date(2026, 9, 1), date(2027, 8, 1)),
        ([12, 1, 2], date(2026, 9, 30), date(2026, 12, 1)),
        ([12, 1, 2], date(2027, 2, 28), None),
        ([12, 1, 2], date(2027, 3, 31), date(2027, 12, 1)),
    ],
)
def test_next_opening(months, on, opens):
    assert opening_on(months, on) == opens
