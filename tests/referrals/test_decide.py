"""The decision (ZX-32, ZX-33): who, on what, with what said, and what follows at once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Notice
from documents.models import IssuedDocument
from referrals import transitions
from referrals.models import Referral
from tests import cast
from tests.households.factories import id_number
from tests.referrals.acting import (
    duties,
    everything,
    fresh,
    notices,
    open_kinds,
    perform,
    refuse_outsiders,
    refuse_without_its_line,
    start,
    the_event,
)
from tests.referrals.factories import REFUSAL, ReferralFactory, decision, set_figure

pytestmark = pytest.mark.django_db


def test_approval_says_how_much_and_since_when(approver):
    referral = start("decide")
    perform("decide", referral, opinion="同意救助。")
    row = fresh(referral)
    assert (row.status, row.outcome, row.amount, row.start_on) == ("decided", "approved", Decimal("1500"), house_clock.today())
    assert (row.decided_at, row.decided_by, row.decided_by_staff) == (house_clock.now(), approver, approver.staff)
    assert row.responsible == approver
    left = referral.walked.order_by("pk").last()
    assert (left.result, left.opinion, left.decided_by, left.left_by) == ("decided", "同意救助。", approver, approver)
    event = the_event("referral.decided", referral)
    assert (event.new, event.note) == ("批准，1500元", "同意救助。")
    assert event.data == {"outcome": "approved", "code": "", "is_above_cap": False}


def test_refusal_says_why_in_code_and_words_and_where_to_turn():
    referral = start("decide")
    perform("decide", referral, outcome="refused")
    row = fresh(referral)
    assert (row.outcome, row.refusal_code, row.refusal_reason) == ("refused", "income", "家庭人均收入高于标准。")
    assert row.remedies == row.version.remedies != ""
    assert (row.amount, row.in_kind, row.start_on) == (None, "", None)
    assert the_event("referral.decided", referral).note == "家庭人均收入高于标准。"


def test_clocks_close_and_the_unit_owes_its_feedback(approver):
    referral = start("decide")
    perform("decide", referral)
    assert open_kinds(referral) == {"feedback"}
    [feedback], [promise] = duties(referral, "feedback"), duties(referral, "promise")
    assert (feedback.unit, feedback.limit, feedback.rule) == (approver.unit, 3, "working_days")
    assert (promise.outcome, promise.closed_at) == ("done", house_clock.now())


def test_window_hears_of_it_at_once(clerk):
    referral = start("decide")
    perform("decide", referral)
    [notice] = notices(referral, "referral.decided")
    assert notice.unit == clerk.unit
    assert referral.application.applicant.name not in notice.title + notice.body


@pytest.mark.parametrize(("outcome", "kind"), [("approved", "decision_notice"), ("refused", "refusal_notice")])
def test_paper_is_issued_with_the_decision(outcome, kind):
    referral = start("decide")
    perform("decide", referral, outcome=outcome)
    paper = IssuedDocument.objects.about(referral).get()
    assert (paper.kind, paper.application_id) == (kind, referral.application_id)
    assert paper.data["addressee"] == referral.application.applicant.name
    assert paper.data["remedies"] == referral.version.remedies
    assert paper.data["program"] == "临时救助"
    said = paper.data["explanation"] if outcome == "refused" else paper.data["amount"]
    assert said == ("家庭人均收入高于标准。" if outcome == "refused" else "一次性1500元")


def test_only_an_approver_of_the_unit():
    refuse_outsiders("decide", start("decide"), "reviewer", "clerk", "platform_approver")


def test_county_decides_what_is_the_countys(civil_approver):
    referral = ReferralFactory(program="MZ01", deciding=True)
    perform("decide", referral, civil_approver)
    assert fresh(referral).decided_by == civil_approver


def test_who_proposed_does_not_decide(approver, second_approver):
    referral = ReferralFactory(deciding_in_hand=True)
    perform("propose", referral, approver)
    with pytest.raises(TransitionError, match="拟办人和审定人不能是同一人"):
        perform("decide", referral, approver)
    perform("decide", referral, second_approver)


def test_who_accepted_does_not_decide(clerk, system_administrator, security_administrator):
    """The snapshot of who accepted, whatever post the person holds by then."""
    referral = start("decide")
    post = cast.appoint(
        clerk.staff, cast.unit_of("township_office", f"{cast.HOME}:social_affairs"), "approver", by=system_administrator,
        granter=security_administrator,
    )  # fmt: skip
    with pytest.raises(TransitionError, match="这件申请由您受理，受理人不能审定"):
        perform("decide", referral, post)


def test_nothing_is_decided_without_a_proposal():
    with pytest.raises(TransitionError, match="还没有拟办意见"):
        perform("decide", ReferralFactory(deciding_in_hand=True))


def test_stage_that_reviews_does_not_decide():
    with pytest.raises(TransitionError, match="“乡镇审核”环节不作决定"):
        perform("decide", ReferralFactory(proposed=True))


def test_loser_is_told_who_decided_and_when(second_approver):
    referral = start("decide")
    perform("decide", referral)
    with pytest.raises(AlreadyHandled, match="已由.*全审之.*于2026-09-24 10:00决定（批准），不能再作出决定"):
        perform("decide", referral, second_approver, outcome="refused")
    assert fresh(referral).outcome == "approved"


WRONG = [
    ("approved", {"amount": None}, "批准须填写大于0的金额；给予实物或服务的，写明内容"),
    ("approved", {"amount": Decimal(0)}, "批准须填写大于0的金额"),
    ("approved", {"start_on": date(2026, 8, 31)}, r"起始日期不能早于申请的当月（2026-09-01）"),
    ("approved", {"in_kind": "棉被，身份证{number}"}, "不要写证件号码"),
    ("refused", {"refusal_code": ""}, "请选择不予批准的情形"),
    ("refused", {"refusal_code": "because"}, "请选择不予批准的情形"),
    ("refused", {"refusal_reason": " "}, "请写明不予批准的理由"),
    ("refused", {"refusal_reason": "长" * 501}, "最多填写500个字"),
    ("refused", {"refusal_reason": "{number}收入超标"}, "不要写证件号码"),
    ("", {}, "请选择决定：批准或不予批准"),
]


def test_what_is_missing_is_said_and_nothing_is_decided():
    referral, number = start("decide"), id_number()
    before = everything(referral)
    for outcome, changed, sentence in WRONG:
        said = {name: text.format(number=number) if isinstance(text, str) else text for name, text in changed.items()}
        given = {**decision(referral, outcome), **said} if outcome else {"outcome": ""}
        with pytest.raises(TransitionError, match=sentence):
            transitions.decide(referral_id=referral.pk, by=cast.member("approver"), **given)
    assert everything(referral) == before


def test_goods_may_stand_for_money_where_the_program_gives_both():
    referral = start("decide")
    perform("decide", referral, amount=None, in_kind="棉被两床、大米50公斤")
    assert (fresh(referral).amount, fresh(referral).in_kind) == (None, "棉被两床、大米50公斤")


def test_above_the_cap_is_marked_and_needs_its_reason():
    """XX-06: the mark is for the conference and blocks nothing."""
    set_figure("program_cap_mz04", 1000)
    referral = start("decide")
    with pytest.raises(ValidationError, match="金额超过封顶线，已标记会商；批准须写明理由"):
        perform("decide", referral)
    referral = start("decide")
    perform("decide", referral, cap_reason="户主住院自付八万元，经会商。")
    row = fresh(referral)
    assert (row.is_above_cap, row.cap_reason) == (True, "户主住院自付八万元，经会商。")
    assert the_event("referral.decided", referral).data["is_above_cap"] is True


def test_at_the_cap_is_not_above_it():
    """民法典 1259: 以内 includes the figure."""
    set_figure("program_cap_mz04", 1500)
    referral = start("decide")
    perform("decide", referral, cap_reason="不需要")
    assert (fresh(referral).is_above_cap, fresh(referral).cap_reason) == (False, "")


def test_kin_question_holds_up_subsistence_allowance(civil_approver, civil_officer, clerk, platform):
    """XX-16: a yes waits for its filing at the platform, a missing answer for the answer."""
    from households.transitions import declare_kin, file_kin

    referral = ReferralFactory(program="MZ01", deciding=True)
    said = {"has_kin": True, "staff_name": "甘某", "relation": "70"}
    declaration = declare_kin(household_id=referral.case_household_id, declared_on=house_clock.today(), by=clerk, **said)
    with pytest.raises(TransitionError, match="须先由县级平台备案"):
        perform("decide", referral, civil_approver)
    file_kin(declaration_id=declaration.pk, note="已核实，由他人经办。", by=platform)
    perform("decide", referral, civil_approver)
    assert fresh(referral).status == "decided"


def test_temporary_aid_does_not_ask_about_kin(clerk):
    referral = start("decide")
    assert referral.version.asks_about_kin is False
    perform("decide", referral)


def test_nobody_turns_down_a_pile_by_the_clock(approver, platform, clock):
    """SECURITY #12: the last one within the limit tells the platform, the next one waits."""
    set_figure("quick_refusal_limit", {"count": 2, "seconds": 60})
    rows = [ReferralFactory(deciding=True) for _ in range(3)]
    perform("decide", rows[0], outcome="refused")
    assert not Notice.objects.filter(kind="referral.refused_quickly").exists()
    perform("decide", rows[1], outcome="refused")
    notice = Notice.objects.get(kind="referral.refused_quickly")
    assert (notice.unit, notice.is_urgent) == (platform.unit, True)
    assert approver.label in notice.body
    with pytest.raises(TransitionError, match="您在60秒内已不予批准2件，请逐件核对"):
        perform("decide", rows[2], outcome="refused")
    clock.forward(seconds=61)
    perform("decide", rows[2], outcome="refused")
    assert Referral.objects.filter(outcome="refused").count() == 3


def test_somebody_elses_refusals_do_not_count(second_approver):
    set_figure("quick_refusal_limit", {"count": 1, "seconds": 60})
    rows = [ReferralFactory(deciding=True) for _ in range(2)]
    perform("decide", rows[0], outcome="refused")
    perform("decide", rows[1], second_approver, outcome="refused")


def test_late_decision_is_late_for_the_unit_that_held_it(clock, approver):
    referral = start("decide")
    clock.forward(days=40)
    perform("decide", referral)
    stages = duties(referral, "stage")
    assert [(duty.unit, duty.closed_at > duty.due_at) for duty in stages][-1] == (approver.unit, True)
    assert not any(duty.closed_at > duty.due_at for duty in stages[:-1]), "the units before it were in time"


def test_start_may_be_said_otherwise():
    referral = start("decide")
    chosen = house_clock.today() + timedelta(days=7)
    perform("decide", referral, start_on=chosen)
    assert fresh(referral).start_on == chosen


def test_refusal_needs_no_amount_even_where_one_is_typed():
    referral = start("decide")
    transitions.decide(referral_id=referral.pk, outcome="refused", amount=Decimal("99"), by=cast.member("approver"), **REFUSAL)
    assert fresh(referral).amount is None


def test_without_its_line_nothing_is_decided(monkeypatch):
    refuse_without_its_line(monkeypatch, "decide", start("decide"))
