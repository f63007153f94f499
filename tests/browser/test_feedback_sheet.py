"""办理结果反馈表 in the browser (ZX-36): downloaded with the unit's referrals, filled in, uploaded, confirmed by the second person."""

import io

import openpyxl
from playwright.sync_api import Page, expect

from organization.models import Post
from referrals.models import Referral
from spreadsheets.models import Batch
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.referrals.factories import ReferralFactory
from tests.spreadsheets.factories import run

TITLE = "办理结果反馈表"


def test_a_department_feeds_back_what_it_decided_elsewhere(visitor: Visitor, officer: Post, department_approver: Post):
    # Given a referral that the department may decide
    referral = ReferralFactory(program="CL03", received=True)
    # When the officer takes the sheet, in which the referral stands already, and fills in what was decided
    page = visitor.sign_in_as(officer).open("spreadsheets:template_list")
    row = page.get_by_role("row").filter(has_text=TITLE)
    with page.expect_download() as waiting:
        row.get_by_role("button", name="下载空白模板").click()
    filled = _filled(waiting.value.path().read_bytes(), referral)
    # And uploads it
    page = visitor.open("spreadsheets:batch_new", key="referrals.feedback:results")
    page.get_by_label("文件").first.set_input_files({"name": "反馈表.xlsx", "mimeType": "application/octet-stream", "buffer": filled})
    visitor.assert_accessible()
    road.press(page, "上传")
    expect(page.get_by_text("已上传，正在读取。")).to_be_visible()
    run()
    # Then the preview says what would be decided, and asks for the second person
    page.reload()
    expect(page.get_by_text("拟批准")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("feedback-preview")
    _step(page, "提交第二人确认")
    expect(page.get_by_text("等待第二人确认").first).to_be_visible()
    # Who confirms it: decided and fed back at once
    page = visitor.sign_in_as(department_approver).open("spreadsheets:batch_detail", pk=Batch.objects.get().pk)
    _step(page, "确认入库")
    expect(page.get_by_text("已确认，正在入库。")).to_be_visible()
    run()
    page.reload()
    expect(page.get_by_text("已入库").first).to_be_visible()
    visitor.picture("feedback-entered")
    done = Referral.objects.get(pk=referral.pk)
    assert (done.status, done.outcome, done.decided_by) == ("fed_back", "approved", department_approver)
    page = visitor.open("referrals:referral_detail", pk=referral.pk)
    expect(page.get_by_text("忠残〔2026〕3号").first).to_be_visible()


def _filled(octets: bytes, referral: Referral) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(octets))
    sheet = book.worksheets[0]
    heads = next(row for row in sheet.iter_rows() if any(str(cell.value).startswith("转办单号") for cell in row))
    place = {str(cell.value).rstrip("*"): cell.column for cell in heads if cell.value}
    line = next(row[0].row for row in sheet.iter_rows() if any(cell.value == referral.number for cell in row))
    for head, value in {"决定": "批准", "实物或服务内容": "轮椅一辆", "决定日期": "2026-09-20", "文号": "忠残〔2026〕3号"}.items():
        sheet.cell(line, place[head], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _step(page: Page, name: str) -> None:
    """The link on the batch's page, and the form behind it."""
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_role("button", name=name, exact=True).click()
