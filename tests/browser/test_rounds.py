"""A department's month (ZX-28): from the blank workbook over preview and entry to the receipt that the county platform confirms."""

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from deadlines.transitions import jobs
from monitoring.models import Delivery, Round
from monitoring.transitions import rounds
from organization.models import Post
from spreadsheets.blank import FIRST
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.households.factories import id_number
from tests.spreadsheets.factories import run

LIST = "残疾人证持证人员名册"


def test_a_departments_month_from_the_blank_workbook_to_the_receipt(
    visitor: Visitor, officer: Post, platform_approver: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Given the round of October, which has opened on 23 September: before the 5th there is no working day
    monkeypatch.setattr(jobs, "wake", lambda: None)
    kept = rounds.units_of
    monkeypatch.setattr(rounds, "units_of", lambda kind, units: kept(kind, [unit for unit in units if unit == officer.unit]))
    rounds.open_rounds(by=Post.objects.the_system())
    delivery = Delivery.objects.get(unit=officer.unit)
    # When the department opens what it owes, takes the blank workbook of a list, fills it in and hands it in
    page = visitor.sign_in_as(officer).open("monitoring:round_list")
    road.follow(page, "2026年10月数据报送（县残联）")
    visitor.assert_accessible()
    visitor.picture("delivery")
    road.follow(page.get_by_role("row").filter(has_text=LIST), "上传文件")
    visitor.assert_accessible()
    with page.expect_download() as download:
        road.press(page, "下载空白模板")
    page.get_by_label("文件").set_input_files(_filled(Path(download.value.path()), tmp_path / "名册.xlsx"))
    road.press(page, "上传并预览")
    # Then the preview shows the new row, and once it is entered the list is marked
    expect(page.get_by_role("heading", level=1)).to_have_text(LIST)
    run()
    page.reload()
    road.follow(page, "确认入库")
    road.press(page, "确认入库")
    expect(page.get_by_text("已确认，正在入库。")).to_be_visible()
    run()
    page.reload()
    road.follow(page, "返回数据报送")
    row = page.get_by_role("row").filter(has_text=LIST)
    expect(row).to_contain_text("已更新")
    expect(row).to_contain_text("新增1")
    # And the rest is said to be unchanged, and all of it is handed in
    road.press(page, "确认：救助政策本月无变化")
    expect(page.get_by_text("“救助政策”：本月无变化。")).to_be_visible()
    road.stand(page)
    page.get_by_role("button", name="项本月无变化").click()
    _confirm(page)
    expect(page.get_by_text("已声明5项“本月无变化”。")).to_be_visible()
    page.get_by_label("情况说明").fill("本月新办残疾人证一人。")
    road.press(page, "报送")
    expect(page.get_by_text("已报送，等待县级平台确认。")).to_be_visible()
    # When the county platform looks at its board and confirms it
    page = visitor.sign_in_as(platform_approver).open("monitoring:round_board")
    visitor.assert_accessible()
    visitor.picture("round-board")
    road.follow(page, "县残联")
    road.press(page, "确认收到")
    _confirm(page)
    expect(page.get_by_text(f"{delivery}已确认。")).to_be_visible()
    # Then the department has its receipt
    page = visitor.sign_in_as(officer).open("monitoring:delivery_detail", pk=delivery.pk)
    road.follow(page, "打印回执")
    expect(page.get_by_text("2026年9月24日经县级平台确认")).to_be_visible()
    expect(page.get_by_text("情况说明：本月新办残疾人证一人。")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("delivery-receipt")
    assert Round.objects.get().opens_on.isoformat() == "2026-09-23"


def _filled(blank: Path, file: Path) -> Path:
    """One person whom nobody knows, in the columns by their heads."""
    book = openpyxl.load_workbook(io.BytesIO(blank.read_bytes()))
    sheet = book.worksheets[0]
    typed = {"姓名": "虚构甲", "号码": id_number(), "乡镇": "忠州街道", "类别": "肢体", "等级": "二级", "期至": "2030-12-31"}
    for cell in sheet[FIRST - 1]:
        sheet.cell(FIRST, cell.column).value = next((text for words, text in typed.items() if words in str(cell.value)), None)
    book.save(file)
    return file


def _confirm(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
