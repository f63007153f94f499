"""Whose job it is: from 非本单位职责 over the window to the platform's ruling, the convener, and the decision of the unit named."""

from playwright.sync_api import expect

from organization.models import Post
from referrals.models import Referral
from tests.browser import road
from tests.browser.conftest import Visitor, choose
from tests.referrals.factories import ReferralFactory, desk_of


def test_dispute_to_ruling_to_decision(
    visitor: Visitor, clerk: Post, reviewer: Post, platform_approver: Post, convener: Post, civil_officer: Post, civil_approver: Post
):
    # Given a referral that the office signed for
    referral = ReferralFactory(received=True)
    # When its officer says whose it is instead
    page = road.open_from_inbox(visitor.sign_in_as(reviewer), referral, "stage")
    road.follow(page, "非本单位职责")
    choose(page, "proposed_unit", "县民政局")
    page.get_by_label("不属于本单位职责的理由").fill("金额较大，按分工由县民政局直接办理。")
    visitor.assert_accessible()
    visitor.picture("dispute-raised")
    road.press(page, "非本单位职责")
    expect(page.get_by_text("争议已送受理窗口。")).to_be_visible()
    # Then the window finds it among the disputes, and puts it to the county
    page = road.open_from_inbox(visitor.sign_in_as(clerk), referral, "dispute")
    expect(page.get_by_text("金额较大，按分工由县民政局直接办理。").first).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("dispute-at-the-window")
    road.follow(page, "推送县级平台裁定")
    page.get_by_label("窗口意见").fill("社会事务办和县民政局意见不一，请裁定。")
    road.press(page, "推送县级平台裁定")
    expect(page.get_by_text("已推送县级平台裁定。")).to_be_visible()
    # And the platform rules in writing
    page = road.open_from_inbox(visitor.sign_in_as(platform_approver), referral, "dispute")
    road.follow(page, "裁定")
    expect(page.get_by_text("社会事务办和县民政局意见不一").first).to_be_visible()
    page.get_by_label("综合评估").fill("双方意见已核实。该事项金额超过乡镇审批权限，由县民政局办理。")
    page.get_by_label("依据").fill("县民政局职责规定第三条")
    visitor.assert_accessible()
    visitor.picture("dispute-rule")
    page.get_by_role("button", name="裁定", exact=True).dblclick()
    expect(page.get_by_text("裁定已作出。")).to_be_visible()
    visitor.picture("dispute-ruled")
    # And the convener, since 县民政局 is a party, countersigns what he reads
    page = visitor.sign_in_as(convener).open("referrals:ruling_list")
    visitor.assert_accessible()
    visitor.picture("ruling-list")
    page.get_by_role("link", name="忠民裁〔2026〕第001号").click()
    visitor.assert_accessible()
    visitor.picture("ruling-to-countersign")
    road.press(page, "会签")
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_text("已会签，裁定忠民裁〔2026〕第001号生效。")).to_be_visible()
    # Then the unit named takes it, reads the ruling, and decides
    page = road.open_from_inbox(visitor.sign_in_as(civil_officer), referral)
    expect(page.get_by_text("不得再次推辞").or_(page.get_by_text("该事项金额超过乡镇审批权限")).first).to_be_visible()
    road.take(page)
    expect(page.get_by_role("link", name="非本单位职责")).to_have_count(0)
    road.propose(page, amount="1500")
    visitor.picture("dispute-named-unit")
    assert Referral.objects.get().unit == desk_of("MZ")
    assert Referral.objects.get().stage.act == "decide"
