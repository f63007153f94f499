"""A month of 低保 (XX-13): drawn up, closed by a second person, handed to the bank; of its answer, what failed goes to the township."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from deadlines.transitions import jobs
from households.models import PaymentLine, PaymentList
from organization.models import Post
from spreadsheets.blank import FIRST
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.cast import PASSWORD
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.households.payments.conftest import aid, with_account
from tests.spreadsheets.factories import run


def test_a_month_is_closed_and_the_banks_answer_entered(
    visitor: Visitor, civil_officer: Post, civil_approver: Post, clerk: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Given two families on 低保, whose accounts are known
    monkeypatch.setattr(jobs, "wake", lambda: None)
    homes = [HouseholdFactory(alone=True), HouseholdFactory(alone=True)]
    for home in homes:
        with_account(home)
        aid(home)
    # When the department draws the month up and its approver closes it
    page = visitor.sign_in_as(civil_officer).open("payments:payment_list_new")
    page.get_by_label("救助项目").select_option("MZ01")
    road.press(page, "编制")
    expect(page.get_by_role("heading", level=1)).to_have_text("最低生活保障2026年9月发放名册")
    address = page.url
    page = visitor.sign_in_as(civil_approver).page
    page.goto(address)
    road.press(page, "复核无误，月结")
    _confirm(page)
    expect(page.get_by_text("已月结，不再改动")).to_be_visible()
    visitor.assert_accessible()
    # And the roll goes to the bank, which writes what it did beside each line that waits
    page = visitor.sign_in_as(civil_officer).page
    page.goto(address)
    page.get_by_label("用途").fill("送农商行代发")
    page.get_by_label("登录密码").fill("不是这个")
    page.get_by_role("button", name="下载花名册（明文）").click()
    expect(page.get_by_text("密码不对，请重新输入。").first).to_be_visible()
    visitor.assert_accessible()
    page.get_by_label("登录密码").fill(PASSWORD)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载花名册（明文）").click()
    roll = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert [row[0].value for row in roll.iter_rows()][-1] is not None
    assert "送农商行代发" in str(roll["A2"].value)
    assert PaymentList.objects.get().status == "sent"
    expect(page.get_by_text("已送发放", exact=True)).to_be_visible()  # without calling the page anew
    expect(page.get_by_label("登录密码")).to_have_value("")
    expect(page.get_by_text("密码不对，请重新输入。")).to_have_count(0)
    road.follow(page, "登记发放结果")
    with page.expect_download() as download:
        road.press(page, "下载回盘表")
    answer = _answered(Path(download.value.path()), tmp_path / "银行回盘.xlsx")
    visitor.assert_accessible()
    page.get_by_label("选择文件").set_input_files(answer)
    road.press(page, "上传并预览")
    page.wait_for_url("**/batches/*/")
    run()
    page.reload()
    expect(page.get_by_text("发放失败（交乡镇核对账户）")).to_be_visible()
    road.follow(page, "确认入库")
    road.press(page, "确认入库")
    expect(page.get_by_text("已确认，正在入库。")).to_be_visible()
    run()
    page.goto(address)
    # Then one is paid and one is the township's to look into
    expect(page.get_by_text("成功1笔600.00元，失败1笔600.00元")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("payment-list")
    line = PaymentLine.objects.get(state="failed")
    assert line.failure == "账户已注销"
    page = visitor.sign_in_as(clerk).open("payments:payment_failure_list")
    visitor.picture("payment-failures")
    road.follow(page, factories.head_of(line.record.household).name)
    page.get_by_label("原账户已恢复使用").check()
    road.press(page, "可以重发")
    expect(page.get_by_text("等待重发")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("payment-line")


def _confirm(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button").last.click()


def _answered(blank: Path, file: Path) -> Path:
    """The bank's answer, with the result of each line."""
    book = openpyxl.load_workbook(io.BytesIO(blank.read_bytes()))
    sheet = book.worksheets[0]
    place = {str(cell.value).removesuffix("*"): cell.column for cell in sheet[FIRST - 1]}
    for nth, row in enumerate(range(FIRST, FIRST + 2)):
        sheet.cell(row, place["发放结果"]).value = "失败" if nth else "成功"
        sheet.cell(row, place["发放日期"]).value = None if nth else date(2026, 9, 20)
        sheet.cell(row, place["失败原因"]).value = "账户已注销" if nth else None
    book.save(file)
    return file
