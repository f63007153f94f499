"""Two roads of the county's data: a township closes a doubt into an application (ZX-26), a department's list comes back checked (ZX-30)."""

import io

import openpyxl
from playwright.sync_api import expect

from config.protection.sealing import open_sealed
from organization.models import Post
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.households.factories import HouseholdFactory, assistance, head_of
from tests.monitoring.doubting import doubt_of, doubt_of_aid
from tests.monitoring.lists import PURPOSE, purpose_in, workbook


def test_a_township_closes_a_doubt_into_an_application(visitor: Visitor, clerk: Post):
    # Given a household that is likely entitled and does not receive, and another that has aid it may not have
    doubt = doubt_of()
    doubt_of_aid("after_death", died_on="2026-08-01", by="cremation_date")
    head = head_of(doubt.household)
    # When the window's clerk opens the list, and the doubt
    page = visitor.sign_in_as(clerk).open("monitoring:doubt_list")
    visitor.assert_accessible()
    visitor.picture("doubts")
    page.get_by_label("按种类分类").get_by_role("link", name="疑似遗漏").click()
    road.follow(page, f"{head.name}户")
    expect(page.get_by_text("符合“临时救助”的条件")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("doubt")
    # And decides to help
    road.follow(page, "实施救助")
    page.get_by_label("核查情况").fill("上门核实，家庭突发困难，符合条件。")
    visitor.assert_accessible()
    visitor.picture("doubt-aid")
    road.press(page, "办结并起草申请")
    # Then an application stands, with the program, and the doubt is closed with it
    expect(page.get_by_text("疑点已办结，已起草申请")).to_be_visible()
    expect(page.get_by_text("临时救助").first).to_be_visible()
    page = visitor.open("monitoring:doubt_detail", pk=doubt.pk)
    expect(page.get_by_text("已办结").first).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="申请SQ")).to_be_visible()


def test_a_departments_list_comes_back_with_what_its_program_needs(visitor: Visitor, neighbour_officer: Post, platform_approver: Post):
    # Given a household on 低保, and a purpose that the department proposed
    household = HouseholdFactory()
    assistance(household, "MZ01")
    head = head_of(household)
    number = open_sealed(head, "id_number")
    purpose = purpose_in("proposed")
    # When the bureau approves it once
    page = visitor.sign_in_as(platform_approver).open("monitoring:list_check_list")
    road.follow(page, PURPOSE)
    visitor.assert_accessible()
    road.press(page, "批准")
    expect(page.get_by_text("可以使用")).to_be_visible()
    # And the department uploads its list
    page = visitor.sign_in_as(neighbour_officer).open("monitoring:list_check_detail", pk=purpose.pk)
    file = {"name": "名单.xlsx", "mimeType": "application/octet-stream", "buffer": workbook((number, head.name))}
    page.get_by_label("名单文件").set_input_files(file)
    visitor.assert_accessible()
    visitor.picture("list-check")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="核对并下载结果").click()
    # Then the same list is back, with the identity, and the run is counted
    sheet = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes())).active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert rows[1][:2] == (number, head.name)
    assert dict(zip(rows[0], rows[1], strict=True))["低保对象（平台登记，截至2026-09-24）"] == "是"
    page.reload()
    expect(page.get_by_role("cell", name="低保对象1人")).to_be_visible()
    visitor.picture("list-check-run")
