"""The inbox by keyboard: rows entered and ticked, several approved after a look, a reason filled in with words of one's own."""

from decimal import Decimal

from playwright.sync_api import Dialog, expect

from organization.models import Post
from organization.transitions import phrases
from referrals import transitions
from tests.browser.conftest import Visitor
from tests.referrals.factories import ReferralFactory, handler_of, referrals


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


def test_words_for_several_are_not_lost_on_the_way(desktop: Visitor, platform: Post):
    # Given the platform before two referrals that wait, with words for both
    rows = referrals(programs=["MZ01", "MZ04"], dispatched=True)
    page = desktop.sign_in_as(platform).open("referrals:referral_list")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    words, remind = page.get_by_label("催办的话"), page.get_by_role("button", name="催办勾选的")
    words.fill("请今天签收。")
    # Enter goes on to their own button, and without a tick nothing is sent
    words.press("Enter")
    expect(remind).to_be_focused()
    remind.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("请先在列表中勾选要办理的")
    # A filter leaves them, and what leads elsewhere asks
    page.get_by_label("转办单号或申请编号").fill(rows[0].number)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("#rows a[data-open]")).to_have_count(1)
    expect(words).to_have_value("请今天签收。")
    page.get_by_role("link", name="环节到期日").click()
    page.wait_for_timeout(300)
    expect(words).to_have_value("请今天签收。")
    assert asked == ["beforeunload"]
    # And sent with a tick, they go without a question
    page.locator(".row-tick").check()
    remind.click()
    expect(page.get_by_text("已催办1件。")).to_be_visible()
    expect(words).to_have_value("")
    assert asked == ["beforeunload"]
