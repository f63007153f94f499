"""The catalogue in Debian's Chromium: filters without a new page, phones, no scripts, the API's page under the strict CSP."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.config.test_frame_in_browser import browser_type_launch_args, visit

__all__ = ["browser_type_launch_args", "visit"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[..., Page]


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("path", ["/programs/", "/programs/MZ04/", "/programs/WJ03/", "/programs/MZ04/guide/", "/api/v1/docs/"])
def test_pages_keep_the_csp_and_fit_the_screen(visit: Visit, path: str, width: int):  # noqa: F811
    page = visit(path, width=width)
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_filters_change_the_list_and_the_address_without_a_new_page(visit: Visit):  # noqa: F811
    page = visit("/programs/")
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


def test_the_list_works_without_scripts(visit: Visit):  # noqa: F811
    page = visit("/programs/", java_script_enabled=False)
    page.get_by_label("部门", exact=True).select_option("JW")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("#programs tbody tr")).to_have_count(5)


def test_a_row_on_a_phone_is_a_card_with_its_name_in_one_line(visit: Visit):  # noqa: F811
    page = visit("/programs/", width=390)
    link = page.get_by_role("link", name="贫困残疾人生活补贴")
    box = link.bounding_box()
    assert box
    assert box["width"] > 140
    assert box["height"] >= 44


def test_origins_unfold_and_name_their_source(visit: Visit):  # noqa: F811
    page = visit("/programs/MZ01/")
    part = page.locator("details", has_text="办理情形：县级审核确认")
    part.locator("summary").click()
    expect(part.get_by_role("row", name=re.compile("^全程时限"))).to_contain_text("第22条")


def test_the_api_page_shows_every_operation_from_local_files(visit: Visit):  # noqa: F811
    page = visit("/api/v1/docs/")
    expect(page.locator(".opblock")).to_have_count(4)
    page.locator(".opblock", has_text="/api/v1/programs/{code}/").first.click()
    expect(page.locator(".opblock.is-open")).to_contain_text("项目代码")
