"""What the page of a record says of it today."""

from datetime import date
from decimal import Decimal

import pytest

from config import clock
from households.models import AssistanceRecord
from referrals.changes import standing_text
from referrals.recording import RecordPage

Cadence = AssistanceRecord.Cadence
LONG_AGO, BEFORE, FAR_OFF = date(2020, 1, 1), date(2020, 6, 30), date(2099, 1, 1)


@pytest.mark.parametrize(
    ("cadence", "since", "until", "state"),
    [
        (Cadence.MONTHLY, LONG_AGO, None, "享受中"),
        (Cadence.MONTHLY, LONG_AGO, BEFORE, "已结束"),
        (Cadence.MONTHLY, FAR_OFF, None, "尚未开始"),
        (Cadence.ONCE, LONG_AGO, LONG_AGO, "已给予"),
    ],
)
def test_a_record_says_whether_it_runs(cadence, since, until, state):
    assert clock.today() < FAR_OFF
    record = AssistanceRecord(cadence=cadence, since=since, until=until)
    assert RecordPage(record, None, [])._state == state


def test_what_is_given_once_has_one_day():
    record = AssistanceRecord(cadence=Cadence.ONCE, amount=Decimal(500), since=BEFORE, until=BEFORE)
    assert standing_text(record) == "一次性500元，2020-06-30给予"
