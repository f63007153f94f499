"""Every ledger of the room answers every post that may have it, in each of its sheets."""

import pytest

from monitoring.other_ledgers.registering import LEDGERS
from spreadsheets.ledgers import ledger_of, ledgers_for
from tests import cast

from .reading import sheets

pytestmark = pytest.mark.django_db
PEOPLE = {"L3", "L8", "L17"}


def test_all_are_declared_and_answer(clerk, officer, platform, supervision, assistant):
    for post in (clerk, officer, platform, supervision):
        for ledger in set(LEDGERS) & set(ledgers_for(post)):
            assert ledger_of(ledger.key) is ledger
            assert sheets(ledger, post, in_clear=ledger.may_in_clear)
    having = {
        name: {one.number for one in LEDGERS if one.number and one.may(cast.member(name))}
        for name in ("clerk", "approver", "officer", "platform", "supervision", "assistant", "system_administrator")
    }
    every = {"L3", "L5", "L6", "L7", "L8", "L11", "L17"}
    assert having == {
        "clerk": every,
        "approver": every,
        "officer": every - PEOPLE,
        "platform": every | {"L12", "L13"},
        "supervision": {"L11", "L12", "L13"},
        "assistant": set(),
        "system_administrator": set(),
    }


@pytest.mark.parametrize("month", ["2026-13", "26-1", "2026-10", "0000-01", "9999-12", "1999-12", "x" * 300])
def test_a_month_is_one_that_has_begun(month, clerk):
    for ledger in LEDGERS:
        form = ledger.form({"month": month}, clerk)
        if "month" in form.fields:
            assert not form.is_valid()


def test_a_span_does_not_run_backwards(clerk):
    form = ledger_of("monitoring.fading").form({"month": "2026-08", "begin": "2026-09"}, clerk)
    assert "起始月份不能晚于月份。" in str(form.errors)
