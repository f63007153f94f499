"""The catalogue in a browser: read by anybody on a desk or a phone, filtered without a new page, and without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from organization.models import Post
from tests.browser.conftest import Visitor

Arrive = Callable[[str], Visitor]


@pytest.mark.parametrize("code", ["MZ01", "MZ04", "WJ03"])
def test_a_program_s_page_is_readable_for_everybody(visitor: Visitor, code: str):
    page = visitor.open("programs:program_detail", code=code)
    expect(page.get_by_role("heading", level=1)).not_to_be_empty()
    page.locator("details summary").first.click()
    visitor.assert_accessible()
    visitor.picture(f"program-{code}")


def test_the_list_is_readable_for_everybody(visitor: Visitor):
    page = visitor.open("programs:program_list")
    expect(page.locator("#programs tbody tr")).to_have_count(54)
    visitor.assert_accessible()
    visitor.picture("programs")


def test_the_guide_is_readable_and_one_sheet(visitor: Visitor):
    page = visitor.open("programs:program_guide", code="MZ04")
    visitor.assert_accessible()
    visitor.picture("program-guide")
    sheets = len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4", prefer_css_page_size=True)))
    assert sheets == 1


def test_filters_change_the_list_and_the_address_without_a_new_page(arrive: Arrive):
    page = arrive("desktop").open("programs:program_list")
    page.evaluate("window.samePage = true")
    page.get_by_label("名称、别名、拼音首字母或代码").fill("zdshbz")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("#programs tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=zdshbz"))
    assert page.evaluate("window.samePage") is True
    page.reload()
    expect(page.locator("#programs tbody tr")).to_have_count(1)
    page.get_by_role("link", name="最低生活保障").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("最低生活保障")


def test_the_list_works_without_scripts(browser: Browser, server: str):
    page = browser.new_context(java_script_enabled=False, base_url=server).new_page()
    page.goto("/programs/")
    page.get_by_label("部门", exact=True).select_option("JW")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("#programs tbody tr")).to_have_count(5)
    page.context.close()


def test_a_row_on_a_phone_is_a_card_with_its_name_in_one_line(arrive: Arrive):
    page = arrive("phone").open("programs:program_list")
    box = page.get_by_role("link", name="贫困残疾人生活补贴").bounding_box()
    assert box
    assert box["width"] > 140
    assert 44 <= box["height"] < 60


def test_origins_unfold_and_name_their_source(arrive: Arrive):
    page = arrive("desktop").open("programs:program_detail", code="MZ01")
    part = page.locator("details", has_text="办理情形：县级审核确认")
    part.locator("summary").click()
    expect(part.get_by_role("row", name=re.compile("^全程时限"))).to_contain_text("第22条")


def test_the_api_page_shows_every_operation_from_local_files(visitor: Visitor):
    page = visitor.open("api:docs")
    expect(page.locator(".opblock")).to_have_count(4)
    page.locator(".opblock", has_text="/api/v1/programs/{code}/").first.click()
    expect(page.locator(".opblock.is-open")).to_contain_text("项目代码")
    visitor.picture("api-docs")


def test_signed_in_the_catalogue_stands_in_the_office_frame(visitor: Visitor, clerk: Post):
    page = visitor.sign_in_as(clerk).open("programs:program_detail", code="MZ02")
    expect(page.locator("body.office")).to_be_visible()
    page.locator("details", has_text="办理规定").locator("summary").click()
    expect(page.get_by_text("筛查规则原文")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("program-signed-in")
