"""A post needs two administrators: one proposes, another grants, the third reads what they did."""

from playwright.sync_api import expect

from organization.models import Post
from tests.browser.conftest import choose


def test_two_administrators_grant_a_post(arrive, nobody, system_administrator, security_administrator, audit_administrator):
    # Given somebody without a post
    assert not nobody.posts.exists()
    # When the system administrator proposes one
    first = arrive("desktop").sign_in_as(system_administrator)
    page = first.open("organization:post_propose", pk=nobody.pk)
    first.picture("post-propose")
    first.assert_accessible()
    choose(page, "unit", "忠州街道综合救助窗口")
    page.get_by_role("button", name="提出").click()
    expect(page.get_by_text("待安全管理员授权").first).to_be_visible()
    # Then it gives no right yet
    post = Post.objects.get(staff=nobody)
    assert post.granted_at is None
    # When the security administrator grants it
    second = arrive("desktop").sign_in_as(security_administrator)
    page = second.open("organization:grant_list")
    expect(page.get_by_text(nobody.name).first).to_be_visible()
    second.assert_accessible()
    second.picture("grant-list")
    page.get_by_role("row", name=nobody.name).get_by_role("button", name="授权", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_text("已授权").first).to_be_visible()
    # Then it is granted by another than its proposer
    post.refresh_from_db()
    assert post.granted_by == security_administrator
    assert post.proposed_by == system_administrator
    # And the auditor reads both lines
    third = arrive("desktop").sign_in_as(audit_administrator)
    page = third.open("audit:event_list")
    expect(page.get_by_text(system_administrator.staff.name).first).to_be_visible()
    expect(page.get_by_text(security_administrator.staff.name).first).to_be_visible()
    third.assert_accessible()
    third.picture("events")


def test_lists_of_administration(visitor, system_administrator):
    visitor.sign_in_as(system_administrator)
    for url in ["staff_list", "staff_create", "unit_list", "alarm_list", "parameter_list", "review_office_list"]:
        visitor.open(f"organization:{url}")
        visitor.picture(url.replace("_", "-"))
        visitor.assert_accessible()
