"""What the explanation of a date says of its reminders."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from deadlines import transitions
from deadlines.reminder_view import reminders_of
from deadlines.rules import Limit, Rule
from deadlines.transitions import sweep

from . import factories

pytestmark = pytest.mark.django_db


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def lines(duty):
    duty.refresh_from_db()
    return [f"{line.when} {line.text}" for line in reminders_of(duty)]


def test_made_ones_and_those_to_come(clerk, approver, signed_in, clock):
    about = factories.subject()
    duty = factories.open_duty(clerk, about)
    assert lines(duty) == [
        "2026-10-12 临期提醒",
        "2026-10-15 当日到期提醒",
        "2026-10-16 超期提醒",
        "2026-10-20 报单位负责人",
        "2026-10-22 报县级平台",
    ]
    clock.set(at("2026-10-12 08:00"))
    assert lines(duty)[0] == "2026-10-12 临期提醒（待下一次巡检）"
    sweep()
    assert lines(duty)[0] == "2026-10-12 08:00 临期提醒：已产生，待告知"
    clock.set(at("2026-10-12 08:30"))
    sweep()
    assert lines(duty)[0] == "2026-10-12 08:00 临期提醒：2026-10-12 08:30已告知"
    longer = Limit(Rule.WORKING_DAYS, 15)
    transitions.extend(subject=about, kind="decide", limit=longer, reason="异议", by=clerk, approved_by=approver)
    assert lines(duty)[:2] == ["2026-10-12 08:00 临期提醒（原到期日2026-10-15）：2026-10-12 08:30已告知", "2026-10-19 临期提醒"]
    page = signed_in(clerk).get(duty.get_absolute_url()).content.decode()
    assert "临期提醒（预计）" in page
    clock.set(at("2026-10-19 08:00"))
    sweep()
    transitions.close_duty(subject=about, kind="decide", by=clerk)
    sweep()
    assert lines(duty)[1:] == ["2026-10-19 08:00 临期提醒：告知前已办结，不再告知"]


def test_a_clock_that_stands_has_none_to_come(clerk, signed_in):
    duty = factories.paused(clerk)
    assert lines(duty) == []
    assert "暂停计时期间不提醒" in signed_in(clerk).get(duty.get_absolute_url()).content.decode()


def test_hours_say_the_minute(clerk):
    duty = factories.open_duty(clerk, limit=Limit(Rule.HOURS, 24))
    assert lines(duty)[1] == "2026-09-25 10:00 超期提醒"
