"""A longer limit (C-01): asked by the unit at work, granted by the platform's approver, and both dates say why."""

from playwright.sync_api import expect

from organization.models import Post
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.referrals.acting import duties
from tests.referrals.factories import ReferralFactory

CAUSE = "情况特殊，须等外地医院寄来评残材料。"


def test_both_dates_move_and_say_why(visitor: Visitor, officer: Post, platform_approver: Post):
    # Given a referral in a department's hands
    referral = ReferralFactory(program="CL01", in_hand=True)
    before = [duties(referral, kind)[0].due_at for kind in ("promise", "stage")]
    # When the department asks for a longer limit
    page = road.open_from_inbox(visitor.sign_in_as(officer), referral, "stage")
    road.follow(page, "申请延期")
    page.get_by_label("延期理由").fill(CAUSE)
    road.press(page, "申请延期")
    expect(page.get_by_text("等待答复")).to_be_visible()
    # Then the platform's approver finds it in the list, and grants it
    page = visitor.sign_in_as(platform_approver).open("referrals:extension_list")
    expect(page.get_by_text(CAUSE)).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("extension-list")
    road.follow(page, "答复")
    page.get_by_label("同意延期").check()
    page.get_by_role("button", name="答复", exact=True).dblclick()
    expect(page.get_by_text("没有等待答复的延期申请。")).to_be_visible()
    after = [duties(referral, kind)[0].due_at for kind in ("promise", "stage")]
    assert all(new > old for old, new in zip(before, after, strict=True))
    # And the department reads on each date why it is that day
    page = road.open_from_inbox(visitor.sign_in_as(officer), referral, "stage")
    expect(page.get_by_text(f"已延期：{CAUSE}")).to_have_count(2)
    visitor.picture("extension-granted")
    for place in (0, 1):
        page.locator(".case-facts .lamp").nth(place).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("为什么是这一天")
        expect(page.get_by_text(CAUSE)).to_be_visible()
        visitor.assert_accessible()
        page.go_back()
