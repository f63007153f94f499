"""拟办: the handler's opinion before somebody else rules (SECURITY #4)."""

from decimal import Decimal

import pytest

from config import clock as house_clock
from config.verbs import TransitionError
from tests import cast
from tests.households.factories import id_number
from tests.referrals.acting import events, fresh, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory, set_figure

pytestmark = pytest.mark.django_db


def test_handler_proposes(reviewer):
    referral = start("propose")
    perform("propose", referral)
    row = referral.walked.current().get()
    assert (row.proposed_by, row.proposed_by_staff, row.proposed_at) == (reviewer, reviewer.staff, house_clock.now())
    assert (row.proposal, row.proposed_outcome, row.proposed_amount) == ("情况属实，建议救助。", "approved", Decimal("800"))
    assert fresh(referral).status == "handling"
    event = the_event("referral.proposed", referral)
    assert (event.new, event.note, event.data) == (
        "批准",
        "情况属实，建议救助。",
        {"outcome": "approved", "amount": "800", "is_above_cap": False},
    )


def test_above_the_cap_it_is_marked_and_goes_on(reviewer):
    set_figure("program_cap_mz04", 700)
    referral = start("propose")
    perform("propose", referral)
    assert fresh(referral).is_above_cap
    assert the_event("referral.proposed", referral).data["is_above_cap"]
    perform("propose", referral, amount=Decimal("700"))
    assert not fresh(referral).is_above_cap, "the line itself is within it"


def test_it_may_be_changed_until_somebody_rules(second_approver):
    referral = start("propose")
    perform("propose", referral)
    perform("propose", referral, second_approver, proposal="改为不予批准。", outcome="refused", amount=None)
    row = referral.walked.current().get()
    assert (row.proposed_by, row.proposed_outcome, row.proposed_amount) == (second_approver, "refused", None)
    assert events("referral.proposed", referral)[1].old == "情况属实，建议救助。"


def test_others_do_not():
    refuse_outsiders("propose", start("propose"), "clerk", "platform_approver")


def test_what_is_wrong_is_said():
    referral = start("propose")
    for said, sentence in (
        ({"proposal": "  "}, "请填写拟办意见"),
        ({"proposal": "长" * 501}, "最多填写500个字，现有501个字"),
        ({"proposal": f"身份证{id_number()}，情况属实"}, "不要写证件号码"),
        ({"outcome": "maybe"}, "请选择拟办结果"),
        ({"amount": Decimal(0)}, "金额必须大于0"),
        ({"amount": Decimal(-5)}, "金额必须大于0"),
    ):
        with pytest.raises(TransitionError, match=sentence):
            perform("propose", referral, **said)
    assert referral.walked.current().get().proposed_at is None


def test_stage_that_only_registers_needs_none():
    referral = ReferralFactory(publicising=True)
    with pytest.raises(TransitionError, match="“公示”环节不需要拟办"):
        perform("propose", referral, cast.member("clerk"))


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "propose", start("propose"))
