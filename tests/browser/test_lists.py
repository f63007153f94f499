"""A list of work: filters that stay, columns that sort, rows reached by keyboard; and all of it without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from deadlines import transitions
from tests.browser.conftest import WIDTHS
from tests.deadlines import factories


@pytest.fixture
def duties(clerk):
    titles = ["转办单1 临时救助", "转办单2 最低生活保障", "转办单3 临时救助", "转办单4 教育救助"]
    return [factories.open_duty(clerk, title=title) for title in titles]


def rows(page):
    return page.locator("#rows a[data-open]")


def test_filters_stay_and_name_nothing_in_the_address(visitor, clerk, duties):
    # Given a clerk before the list
    page = visitor.sign_in_as(clerk).open("monitoring:workbench")
    expect(rows(page)).to_have_count(4)
    # When the clerk filters
    page.get_by_label("编号或事项").fill("临时救助")
    page.get_by_role("button", name="查询").click()
    # Then the table alone is renewed, says by what, and the address says nothing
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_text("只显示符合条件的：编号或事项")).to_be_visible()
    expect(page.get_by_text("全选本页")).to_be_visible()
    expect(page).to_have_url(f"{visitor.address}/workbench/")
    # And it is so on return, until the clerk wants all
    page = visitor.open("monitoring:workbench")
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_label("编号或事项")).to_have_value("临时救助")
    visitor.assert_accessible()
    visitor.picture("list-filtered")
    page.get_by_role("button", name="不再筛选").click()
    expect(rows(page)).to_have_count(4)
    expect(page.get_by_label("编号或事项")).to_have_value("")


def test_display_is_chosen(visitor, clerk, duties):
    page = visitor.sign_in_as(clerk).open("monitoring:workbench")
    # When the clerk opens what can be set
    page.get_by_text("显示设置").click()
    visitor.assert_accessible()
    visitor.picture("list-display")
    page.get_by_label("排序").select_option(label="按事项降序")
    page.get_by_label("交办时间").check()
    page.get_by_label("环节", exact=True).last.uncheck()
    page.get_by_role("button", name="应用").click()
    # Then rows and columns are so
    expect(page.locator('td[data-label="交办时间"]')).to_have_count(4)
    expect(page.locator('td[data-label="环节"]')).to_have_count(0)
    assert [re.search(r"\d", text)[0] for text in rows(page).all_inner_texts()] == ["4", "3", "2", "1"]
    visitor.picture("list-chosen")


def test_heads_sort(desktop, clerk, duties):
    page = desktop.sign_in_as(clerk).open("monitoring:workbench")
    for head, order in (("事项", "ascending"), ("事项", "descending"), ("到期日", "ascending")):
        page.get_by_role("link", name=head, exact=True).click()
        expect(page.locator(f'th[aria-sort="{order}"]')).to_contain_text(head)
    desktop.assert_accessible()


def test_rows_are_reached_by_keyboard(desktop, clerk, duties):
    page = desktop.sign_in_as(clerk).open("monitoring:workbench")
    links = rows(page)
    # Given the focus on the first row
    links.first.focus()
    # When keys are pressed, the focus moves from row to row and stops at the ends
    for key, at in (("ArrowDown", 1), ("j", 2), ("k", 1), ("End", 3), ("j", 3), ("Home", 0), ("ArrowUp", 0), ("j", 1)):
        page.keyboard.press(key)
        expect(links.nth(at)).to_be_focused()
    # From another link of a row the next row follows; outside the table and in fields letters are letters
    page.locator("#rows .lamp").nth(1).focus()
    page.keyboard.press("j")
    expect(links.nth(2)).to_be_focused()
    page.get_by_label("编号或事项").focus()
    page.keyboard.press("j")
    expect(page.get_by_label("编号或事项")).to_have_value("j")
    # Enter opens
    links.nth(1).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/explain/$"))


def test_lists_work_without_scripts(server, new_context, clerk, duties, arrive):
    visitor = arrive("desktop")
    visitor.sign_in_as(clerk)
    context = new_context(base_url=server, locale="zh-CN", java_script_enabled=False, **WIDTHS["desktop"])
    context.add_cookies(visitor.context.cookies())
    page = context.new_page()
    page.goto("/workbench/")
    page.get_by_label("编号或事项").fill("教育")
    page.get_by_role("button", name="查询").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="清空").click()
    expect(rows(page)).to_have_count(4)
    page.get_by_text("显示设置").click()
    page.get_by_label("排序").select_option(label="按事项降序")
    page.get_by_role("button", name="应用").click()
    expect(rows(page).first).to_have_text("转办单4 教育救助")


def test_the_other_tab_keeps_what_was_chosen(desktop, clerk, duties):
    transitions.take(duty_id=duties[0].pk, by=clerk)
    page = desktop.sign_in_as(clerk).open("monitoring:workbench")
    page.get_by_label("编号或事项").fill("临时救助")
    page.get_by_role("button", name="查询").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("link", name=re.compile("在办")).click()
    expect(rows(page)).to_have_text(["转办单1 临时救助"])
    page.get_by_role("button", name="清空").click()
    expect(page).to_have_url(f"{desktop.address}/workbench/?tab=taken")
