"""The bureau's dashboard: drawn, read as a table, saved as a picture, followed to the rows, and hung on a wall."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import expect

from monitoring.transitions.summaries import count_changed
from organization.models import Post
from tests.browser.conftest import Visitor
from tests.households.factories import HouseholdFactory, assistance
from tests.monitoring.doubting import doubt_of


def test_the_bureau_goes_from_a_chart_to_its_rows(visitor: Visitor, platform: Post) -> None:
    # Given households with aid, and two doubts
    homes: list[Any] = [HouseholdFactory() for _ in range(5)]
    for number, home in enumerate(homes):
        assistance(home, "MZ01", since=date(2026, 4 + number, 1), amount=Decimal(500 + 10 * number))
    doubt_of("omitted")
    doubt_of("kin")
    count_changed()
    # When the bureau opens its dashboard
    page = visitor.sign_in_as(platform).open("monitoring:dashboard")
    # Then a chart is drawn for each figure, without breaking the rules of the page
    rolls = page.locator("section.figure-card").filter(has=page.get_by_role("heading", name="各项目在享人员"))
    expect(rolls.locator("canvas")).to_be_visible()
    expect(rolls.get_by_role("img")).to_have_attribute("aria-label", re.compile("^各项目在享人员，2026年9月"))
    expect(rolls.locator("table")).to_be_hidden()
    # What takes longer comes when the page stands
    expect(page.get_by_text("正在统计")).to_have_count(0)
    expect(page).to_have_title(re.compile("^数据看板"))  # not that of what came
    visitor.assert_accessible()
    visitor.picture("dashboard")
    # And the table behind it says the same
    rolls.get_by_role("button", name="看表").click()
    expect(rolls.locator("tbody td").first).to_have_text("5")
    # When it saves a picture, the file says what and when
    with page.expect_download() as saved:
        rolls.get_by_role("button", name="存图片").click()
    assert unquote(saved.value.suggested_filename) == "各项目在享人员 全县 2026年9月.png"
    assert saved.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    # When it clicks the bar of a kind of doubt, it stands before these doubts
    doubts = page.locator("section.figure-card").filter(has=page.get_by_role("heading", name="疑点核查"))
    box = doubts.locator("canvas").bounding_box()
    assert box is not None
    doubts.locator("canvas").click(position={"x": box["width"] * 0.6, "y": 38 + (box["height"] - 60) * 0.25})
    expect(page.get_by_role("heading", level=1)).to_have_text("疑点核查")
    expect(page).to_have_url(re.compile(r"/doubts/\?tab=open&kind=\w+$"))
    # And the wall shows figures, and no link to anybody
    page = visitor.open("monitoring:dashboard_screen")
    expect(page.locator("#wall canvas").first).to_be_visible()
    expect(page.locator("#wall a")).to_have_count(0)
    visitor.picture("wall")
