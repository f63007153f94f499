"""A day at the workbench: landed on, worked from for several at once, asked why, and told of what is new without losing one's place."""

import re

from playwright.sync_api import expect

from deadlines.rules import Limit, Rule
from organization.models import Post
from tests.browser.conftest import Visitor
from tests.browser.road import stand
from tests.conftest import Clock
from tests.deadlines import factories
from tests.referrals.factories import referrals


def test_an_approver_works_from_the_workbench(visitor: Visitor, approver: Post, reviewer: Post, clock: Clock):
    # Given two referrals to be signed for, a duty that ends today and an approver who has just signed in
    referrals(programs=["MZ01", "MZ04"], dispatched=True)
    urgent = factories.open_duty(reviewer, title="核对名单", kind_name="核对", limit=Limit(Rule.HOURS, 8))
    page = visitor.sign_in_as(approver).open("organization:home")
    # Then the workbench is the landing page, says what presses, and offers the own doors
    expect(page).to_have_url(re.compile("/workbench/$"))
    expect(page.get_by_role("link", name="今日到期 1")).to_be_visible()
    expect(page.get_by_role("navigation", name="从这里开始").get_by_role("link", name="转办事项")).to_be_visible()
    rows = page.locator("#rows a[data-open]")
    expect(rows).to_have_count(3)
    expect(rows.first).to_have_text(urgent.title)
    # When the approver asks why a date is that date
    page.locator("#rows .lamp").first.click()
    expect(page.get_by_role("dialog", name="为什么是这一天")).to_contain_text("8小时")
    visitor.assert_accessible()
    page.get_by_role("button", name="关闭").click()
    # And ticks everything, each button says for how many it is
    page.get_by_label("全选本页").check()
    expect(page.get_by_role("button", name="签收勾选的（2）")).to_be_visible()
    expect(page.get_by_role("button", name="领办勾选的（3）")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("workbench")
    page.get_by_role("button", name="签收勾选的（2）").click()
    # Then it is told, and what was signed for now waits to be taken
    expect(page.get_by_text("已签收2件。")).to_be_visible()
    stand(page)
    page.get_by_label("选择核对名单").check()
    expect(page.get_by_role("button", name="指派勾选的（0）")).to_be_disabled()
    page.get_by_role("button", name="领办勾选的（1）").click()
    expect(page.get_by_text("已领办1件。")).to_be_visible()
    stand(page)
    # And when something new comes, the numbers follow and the list stays until it is asked for
    expect(rows).to_have_count(2)
    clock.forward(minutes=1)
    factories.open_duty(reviewer, title="新来的事")
    page.locator("[data-workbench]").dispatch_event("workbench:look")
    expect(page.get_by_role("link", name="有1件新事项，点此刷新")).to_be_visible()
    expect(page.locator('[data-count="waiting"]')).to_have_text("3")
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="有1件新事项，点此刷新").click()
    expect(rows).to_have_count(3)
