"""Referrals and cases as people walk them: the inbox, one referral, its decision, the whole case, and the public progress page."""

import re

from playwright.sync_api import expect

from referrals import transitions
from referrals.models import Referral
from tests.referrals.factories import ReferralFactory, referrals


def test_an_office_takes_a_referral_in_hand_and_proposes(walker, reviewer):
    # Given referrals that arrived, one of them late
    rows = referrals(programs=["MZ04", "MZ01"], dispatched=True)
    referral = rows[0]
    # When the officer opens the inbox and the most urgent one
    page = walker.sign_in_as(reviewer).open("referrals:referral_list")
    expect(page.get_by_text(referral.number)).to_be_visible()
    walker.assert_accessible()
    walker.picture("referral-list")
    page.get_by_role("link", name=referral.number).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(referral.application.applicant.name)
    walker.assert_accessible()
    walker.picture("referral-arrived")
    page.get_by_role("button", name="签收并承办").click()
    # Then it is the officer's, who proposes
    expect(page.get_by_text("已由您承办。")).to_be_visible()
    page.get_by_role("link", name="拟办", exact=True).click()
    walker.assert_accessible()
    walker.picture("referral-propose")
    page.get_by_label("拟办意见").fill("情况属实，建议同意。")
    page.get_by_label("拟救助金额（元）").fill("1500")
    page.get_by_role("button", name="拟办").click()
    expect(page.get_by_text("拟办意见已保存。")).to_be_visible()
    walker.picture("referral-proposed")
    assert Referral.objects.get(pk=referral.pk).status == "handling"
    # And the lamp explains itself
    page.locator(".case-facts .lamp").first.click()
    expect(page.get_by_text("起算日").first).to_be_visible()
    walker.assert_accessible()
    walker.picture("referral-why")


def test_several_are_given_to_a_colleague_at_once(visitor, approver, reviewer):
    # Given two referrals that nobody has signed for
    rows = referrals(programs=["MZ04", "MZ01"], dispatched=True)
    page = visitor.sign_in_as(approver).open("referrals:referral_list", query="?tab=receive")
    # When the approver ticks the whole page and gives them to a colleague
    page.get_by_label("全选本页").check()
    expect(page.get_by_label(f"选择{rows[0].number}")).to_be_checked()
    page.get_by_label("分派给").select_option(label=f"{reviewer.staff.name}（经办）")
    visitor.assert_accessible()
    visitor.picture("referral-bulk")
    page.get_by_role("button", name="分派勾选的").dblclick()
    # Then both are that colleague's, once
    expect(page.get_by_text(f"已分派给{reviewer.staff.name}2件。")).to_be_visible()
    visitor.picture("referral-bulk-done")
    assert {row.handler for row in Referral.objects.all()} == {reviewer}


def test_a_return_names_everything_at_once(visitor, reviewer):
    referral = ReferralFactory(in_hand=True)
    page = visitor.sign_in_as(reviewer).open("referrals:referral_return_for_supplement", pk=referral.pk)
    visitor.assert_accessible()
    visitor.picture("referral-return")
    page.get_by_label("其他需要补正的内容").fill("诊断证明\n住院票据")
    page.get_by_role("button", name="退回补正").click()
    expect(page.get_by_text("已退回窗口补正。")).to_be_visible()


def test_an_approver_is_asked_before_the_decision_stands(visitor, approver):
    # Given a proposal at the deciding stage
    referral = ReferralFactory(deciding=True)
    page = visitor.sign_in_as(approver).open("referrals:referral_detail", pk=referral.pk)
    visitor.picture("referral-deciding")
    page.get_by_role("link", name="作出决定").click()
    visitor.assert_accessible()
    visitor.picture("referral-decide")
    # Then each decision shows what it asks for, and not what the other one does
    page.get_by_label("不予批准", exact=True).check()
    expect(page.get_by_label("批准金额（元）")).to_be_hidden()
    expect(page.get_by_label("不予批准的理由")).to_be_visible()
    # When the approver fills in the amount and goes on
    page.get_by_label("批准", exact=True).check()
    expect(page.get_by_label("不予批准的理由")).to_be_hidden()
    page.get_by_label("批准金额（元）").fill("1500")
    page.get_by_role("button", name="下一步：核对").click()
    # Then person, program and amount are asked once more
    expect(page.get_by_text("批准，1,500元")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("referral-decide-confirm")
    page.get_by_role("button", name="确认决定").click()
    expect(page.get_by_text("已批准，1,500元")).to_be_visible()
    assert Referral.objects.get(pk=referral.pk).outcome == "approved"
    visitor.assert_accessible()
    visitor.picture("referral-decided")


def test_somebody_slower_reads_who_decided_and_keeps_the_words(visitor, approver, second_approver):
    # Given two approvers before the same form
    referral = ReferralFactory(deciding=True)
    page = visitor.sign_in_as(second_approver).open("referrals:referral_decide", pk=referral.pk)
    page.get_by_label("审定意见").fill("我写了很久的意见")
    page.get_by_label("批准", exact=True).check()
    # When the other one is quicker
    transitions.decide(referral_id=referral.pk, outcome="approved", amount=1500, by=approver)
    page.get_by_role("button", name="下一步：核对").click()
    # Then the slower one is told, and nothing is lost
    expect(page.get_by_text(approver.label).first).to_be_visible()
    expect(page.get_by_label("审定意见")).to_have_value("我写了很久的意见")
    visitor.assert_accessible()
    visitor.picture("referral-decide-too-late")


def test_the_window_tells_the_applicant_and_reads_the_story(visitor, clerk):
    # Given a decision that was fed back
    referral = ReferralFactory(fed_back=True)
    page = visitor.sign_in_as(clerk).open("referrals:referral_confirm", pk=referral.pk)
    page.get_by_label("电话告知").check()
    visitor.assert_accessible()
    visitor.picture("referral-confirm")
    # When the clerk has told the applicant
    page.get_by_role("button", name="确认已告知申请人").click()
    expect(page.get_by_text("已登记告知申请人。")).to_be_visible()
    # Then the case is closed and tells its story
    page.get_by_role("link", name="整件申请").click()
    expect(page.get_by_text("已办结").first).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("case")


def test_a_resident_asks_how_far_it_is(visitor):
    # Given an application on its way, and its number and card at hand
    referral = ReferralFactory(in_hand=True)
    page = visitor.open("referrals:progress")
    visitor.assert_accessible()
    visitor.picture("progress-ask")
    page.get_by_label("申请编号").fill(referral.application.number)
    page.get_by_label("申请人证件号码后四位").fill(referral.application.applicant.id_number_masked[-4:])
    # When somebody without an account asks
    page.get_by_role("button", name="查询").click()
    # Then the steps are there, and no name
    expect(page.get_by_text("办理中，第1步（共3步）")).to_be_visible()
    expect(page.get_by_text(referral.application.applicant.name)).to_have_count(0)
    visitor.assert_accessible()
    visitor.picture("progress")
    # And the code of the card needs one press
    visitor.open("referrals:progress", query=f"?code={referral.application.query_code}")
    expect(page).not_to_have_url(re.compile(referral.application.query_code))
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("办理中，第1步（共3步）")).to_be_visible()
