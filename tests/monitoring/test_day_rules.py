"""The reason of an open thing comes from its state; words are asked only for one's own work that nobody touched (XX-20)."""

from datetime import date

import pytest

from monitoring import day_rules
from monitoring.day_rules import ReferralState

SINCE, UNTIL = date(2026, 9, 21), date(2026, 9, 29)


@pytest.mark.parametrize(
    ("status", "more", "said"),
    [
        ("dispatched", {}, "待县残联签收，09月21日起"),
        ("handling", {}, "在县残联（县级审核），09月21日起"),
        ("handling", {"is_proposed": True}, "在县残联（县级审核），已拟办待审定，09月21日起"),
        ("handling", {"publicity_until": UNTIL}, "公示中，至09月29日"),
        ("returned", {}, "退回补正，等申请人补齐，09月21日起"),
        ("disputed", {}, "县残联提出非本单位职责，等窗口处理，09月21日起"),
        ("ruling", {}, "县级平台裁定中，09月21日起"),
        ("decided", {}, "县残联已决定，待反馈结果"),
        ("fed_back", {}, "已反馈，待窗口告知申请人"),
    ],
)
def test_of_a_referral(status, more, said):
    assert day_rules.of_referral(ReferralState(status, "县残联", "县级审核", SINCE, **more)) == said


def test_of_what_has_not_been_sent_out():
    assert day_rules.of_application("supplement", since=SINCE, due=UNTIL) == "待补正，09月21日起，限09月29日前"
    assert day_rules.of_application("submitted", since=SINCE).startswith("已提交，待核对受理")
    assert day_rules.of_application("accepted", since=SINCE).startswith("已受理，等待核对")
    assert day_rules.of_request("handed_over", since=SINCE, holder="白公街道窗口") == "已移交，待白公街道窗口签收，09月21日起"
    assert day_rules.of_verification("checking", since=SINCE).startswith("等待核对，信息核对中")
    assert day_rules.of_duty("告知申请人", since=SINCE) == "待告知申请人，09月21日起"


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("touched", [True, False])
@pytest.mark.parametrize("outside", [True, False])
@pytest.mark.parametrize("kind", ["accept", "supplement", "resubmit"])
def test_words_are_asked_only_for_ones_own_untouched_work(watched, touched, outside, kind):
    asked = day_rules.asks_for_words(kind, is_watched=watched, is_touched=touched, waits_outside=outside)
    assert asked is (kind == "accept" and not (watched or touched or outside))


def test_blank_words_say_nothing():
    assert day_rules.unsaid(["a", "b", "c"], {"a": "在外调查", "b": "  "}) == ["b", "c"]
