"""A department hears of somebody in need, registers it, and sees it to the window's answer; the window sends another one back (ZX-46)."""

from playwright.sync_api import Page, expect

from organization.models import Post
from tests import cast
from tests.browser.conftest import Visitor, choose
from tests.browser.road import follow, press


def register(visitor: Visitor, name: str, matter: str) -> Page:
    page = visitor.open("intake:request_list")
    follow(page, "登记求助")
    page.get_by_label("求助人姓名").fill(name)
    page.get_by_label("没有证件").check()
    choose(page, "region", "虚构一村")
    page.get_by_label("因残").check()
    page.get_by_label("发生了什么").fill(matter)
    page.get_by_role("button", name="登记并推送").dblclick()
    expect(page.get_by_text("已推送到忠州街道窗口")).to_be_visible()
    return page


def test_a_department_registers_and_the_window_answers_or_returns(visitor: Visitor, officer: Post, clerk: Post):
    # Given two people a department met on its visits
    visitor.sign_in_as(officer)
    register(visitor, "桥下的老人", "没有住处，说不清姓名。")
    visitor.assert_accessible()
    visitor.picture("department-request")
    register(visitor, "邢虚助", "残疾证到期，想申请护理补贴，号码说不清。")
    # When the window answers one
    page = visitor.sign_in_as(clerk).open("intake:request_list")
    follow(page, "桥下的老人")
    page.get_by_text("只作答复").click()
    page.get_by_label("告诉了求助人什么").fill("已送救助站，当天安排食宿。")
    press(page, "登记答复")
    expect(page.get_by_text("已答复，登记人")).to_be_visible()
    # And sends the other back with a sentence
    page = visitor.open("intake:request_list")
    follow(page, "邢虚助")
    page.get_by_text("退回登记人").click()
    page.get_by_label("退回理由").fill("请补充住址和联系电话。")
    press(page, "退回")
    expect(page.get_by_text("已退回县残联")).to_be_visible()
    visitor.assert_accessible()
    # Then the department reads both, completes the one and pushes it again
    page = visitor.sign_in_as(officer).open("deadlines:notice_list")
    expect(page.get_by_text("求助已退回").first).to_be_visible()
    page = visitor.open("intake:request_list", query="?tab=done")
    follow(page, "桥下的老人")
    expect(page.get_by_text("已送救助站，当天安排食宿。").first).to_be_visible()
    page = visitor.open("intake:request_list")
    follow(page, "邢虚助")
    expect(page.get_by_text("请补充住址和联系电话。").first).to_be_visible()
    page.get_by_label("补充说明").fill("住虚构一村虚构组3号，没有电话。")
    press(page, "推送到忠州街道窗口")
    expect(page.get_by_role("button", name="推送到忠州街道窗口")).to_have_count(0)
    expect(page.get_by_text("已推送到忠州街道窗口")).to_be_visible()
    # And another department, and the village, hear nothing of it
    for stranger in ("neighbour_officer", "assistant"):
        page = visitor.sign_in_as(cast.member(stranger)).open("intake:request_list")
        expect(page.get_by_text("邢虚助")).to_have_count(0)
