"""What the county hands in: a ledger exported with its progress, a 上报 approved and fetched in clear, the superior's own form filled."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Download, expect

from deadlines.models import Job
from deadlines.transitions import jobs
from organization.models import Post
from spreadsheets import transitions
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.cast import PASSWORD
from tests.spreadsheets import ledgers
from tests.spreadsheets.factories import run
from tests.spreadsheets.handing_in import blank


def _opened(download: Download) -> Any:
    return openpyxl.load_workbook(io.BytesIO(Path(download.path()).read_bytes()))


def test_a_ledger_leaves_the_house_in_each_of_its_ways(
    visitor: Visitor, platform: Post, platform_approver: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Given a ledger, and the superior's blank form
    monkeypatch.setattr(jobs, "wake", lambda: None)
    ledgers.declare()
    form = tmp_path / "月报.xlsx"
    form.write_bytes(blank())
    # When its data manager narrows it and asks for the file
    page = visitor.sign_in_as(platform).open("exports:ledger_list")
    visitor.assert_accessible()
    visitor.picture("ledgers")
    road.follow(page.get_by_role("row").filter(has_text="L99"), "测试台账")
    page.get_by_label("类别").select_option("platform")
    road.press(page, "查询")
    expect(page.locator("input[type=hidden][name=kind]")).to_have_value("platform")  # what the export brings
    visitor.assert_accessible()
    visitor.picture("ledger")
    road.press(page, "导出 Excel")
    # Then it shows how far it is, and is fetched once it is made
    expect(page.get_by_text("排队中")).to_be_visible()
    expect(page.get_by_role("button", name="取消任务")).to_be_visible()
    job = jobs.claim()
    assert job is not None
    Job.objects.filter(pk=job.pk).update(done=2_000, total=5_000, step="写入文件")
    expect(page.get_by_text("2000 / 5000行")).to_be_visible()
    visitor.picture("export-under-way")
    jobs.put_back(job)
    run()
    page.get_by_role("button", name="下载").wait_for()  # the page renewed itself
    visitor.assert_accessible()
    with page.expect_download() as download:
        road.press(page, "下载")
    assert _opened(download.value).sheetnames == ["单位名册", "编号"]
    visitor.open("exports:export_list")
    visitor.assert_accessible()
    visitor.picture("exports")
    # When the superior's form is uploaded, its headings are mapped and it is filled
    page = visitor.open("exports:form_keep", key=ledgers.TEST.key)
    page.get_by_label("空表文件").set_input_files(form)
    page.get_by_label("名称").fill("市局月报")
    road.press(page, "上传")
    expect(page.get_by_label("B列“单位”填")).to_have_value("单位")
    visitor.assert_accessible()
    visitor.picture("form-mapping")
    road.press(page, "保存对应")
    page.get_by_label("类别").select_option("platform")
    visitor.picture("form")
    road.press(page, "填充并生成文件")
    expect(page.get_by_text("排队中")).to_be_visible()
    run()
    with page.expect_download() as download:
        road.press(page, "下载")
    sheet = _opened(download.value)["月报"]
    assert (sheet["A1"].value, sheet["C6"].value) == ("城乡社会救助情况月报表", "500233********000X")
    # When a 上报 in clear is proposed, approved by a second person and run
    page = visitor.open("exports:report_propose", key=ledgers.TEST.key)
    page.get_by_label("接收单位").fill("市民政局社会救助处")
    page.get_by_label("送达方式").fill("政务邮箱")
    page.get_by_label("用途和依据").fill("城乡低保月报")
    page.get_by_label("号码不脱敏").check()
    visitor.assert_accessible()
    visitor.picture("report-propose")
    road.press(page, "提出上报")
    expect(page.get_by_text("已提出，等待县级平台审批。")).to_be_visible()
    page = visitor.sign_in_as(platform_approver).open("exports:report_list")
    visitor.assert_accessible()
    visitor.picture("reports")
    road.follow(page.get_by_role("row").filter(has_text="市民政局"), "测试台账")
    road.follow(page, "批准")
    road.press(page, "批准上报")
    expect(page.get_by_text("已批准。")).to_be_visible()
    transitions.run_reports()
    run()
    page.reload()
    visitor.assert_accessible()
    visitor.picture("report")
    # Then its unit fetches it with the password, in clear and watermarked
    road.follow(page, "2026-09")
    visitor.refusals.add(403)
    road.press(page, "下载")
    expect(page.get_by_role("heading", level=1)).to_have_text("确认导出")
    visitor.assert_accessible()
    visitor.picture("step-up")
    page.get_by_label("用途").fill("报送市民政局")
    page.get_by_label("登录密码").fill(PASSWORD)
    with page.expect_download() as download:
        road.press(page, "确认导出")
    book = _opened(download.value)
    assert book["单位名册"]["B4"].value == ledgers.NUMBER
    assert "上报市民政局社会救助处" in book["单位名册"]["A2"].value
