"""The inbox by keyboard: rows entered and ticked, several approved after a look, a reason filled in with words of one's own."""

from decimal import Decimal

from playwright.sync_api import expect

from organization.models import Post
from organization.transitions import phrases
from referrals import transitions
from tests.browser.conftest import Visitor
from tests.referrals.factories import ReferralFactory, handler_of


def test_ticked_by_keyboard_and_approved_together(visitor: Visitor, civil_approver: Post):
    # Given two referrals of a program without verification, proposed with an amount
    rows = [ReferralFactory(program="MZ02", deciding_in_hand=True) for _ in range(2)]
    for row in rows:
        transitions.propose(referral_id=row.pk, proposal="材料齐全。", outcome="approved", amount=Decimal(80), by=handler_of(row.unit))
    phrases.keep(text="请补充说明。", by=civil_approver)
    page = visitor.sign_in_as(civil_approver).open("referrals:referral_list", query="?tab=stage")
    # When the approver enters the table, ticks both and asks to approve them
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".row-tick:checked")).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("jx")
    expect(page.locator(".row-tick:checked")).to_have_count(2)
    page.get_by_role("button", name="批量批准勾选的").click()
    # Then both are shown first, and then done
    expect(page.get_by_text("将按拟办意见批准2件")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("approve-many")
    page.get_by_role("button", name="批准以上2件").click()
    expect(page.get_by_text("已批准2件")).to_be_visible()
    # And a reason is filled in with words of one's own
    page = visitor.open("referrals:referral_feed_back", pk=rows[0].pk)
    page.get_by_role("button", name="常用意见").dblclick()
    expect(page.get_by_role("group", name="常用意见")).to_have_count(1)
    page.get_by_role("button", name="请补充说明。").click()
    expect(page.get_by_label("反馈内容")).to_have_value("请补充说明。")
    visitor.assert_accessible()
