"""先行救助 in pages: one says what happened, another agrees, it is given; the papers come afterwards and what is missing is listed."""

from playwright.sync_api import expect

from organization.models import Post
from referrals.models import UrgentAid
from tests.browser import road
from tests.browser.conftest import Visitor, choose


def test_urgent_aid_by_two_people_and_its_papers(visitor: Visitor, clerk: Post, approver: Post, platform: Post):
    # Given somebody whom nobody knows, without papers, after a fire
    page = visitor.sign_in_as(clerk).open("referrals:urgent_new")
    page.get_by_label("姓名").fill("无名男")
    choose(page, "region", "虚构一村")
    page.get_by_label("事由").select_option("fire")
    page.get_by_label("发生了什么").fill("租住的房屋起火，衣物和口粮都烧了。")
    page.get_by_label("谁证明").fill("村主任在场")
    page.get_by_label("金额（元）").fill("600")
    visitor.assert_accessible()
    visitor.picture("urgent-new")
    page.get_by_role("button", name="登记，请负责人同意").dblclick()
    expect(page.get_by_text("等负责人同意").first).to_be_visible()
    # When a leader agrees from the own account
    aid = UrgentAid.objects.get()
    page = visitor.sign_in_as(approver).open("referrals:urgent_detail", pk=aid.pk)
    visitor.assert_accessible()
    road.press(page, "同意，立即救助")
    expect(page.get_by_text("已同意，请立即发放")).to_be_visible()
    aid.refresh_from_db()
    assert aid.record is not None
    # Then the window brings in what it has of the papers
    page = visitor.sign_in_as(clerk).open("referrals:urgent_detail", pk=aid.pk)
    expect(page.get_by_text("尚缺手续：事后核实情况、身份核实、诚信承诺书、核对授权书")).to_be_visible()
    road.follow(page, "补手续")
    page.get_by_label("事后核实情况").fill("村里核实，起火属实。")
    road.press(page, "补手续")
    expect(page.get_by_text("已登记。")).to_be_visible()
    # And the platform reads what is missing, the name masked
    page = visitor.sign_in_as(platform).open("referrals:urgent_list")
    page.get_by_role("link", name="待补手续").click()
    expect(page.get_by_text("身份核实、诚信承诺书、核对授权书")).to_be_visible()
    expect(page.get_by_text("无名男")).to_have_count(0)
    visitor.assert_accessible()
    visitor.picture("urgent-list")
