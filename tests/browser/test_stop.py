"""A death on a phone in the village, confirmed by the township; the stop is walked to its decision and notice, and the record ends."""

from datetime import date

from playwright.sync_api import expect

from households.models import AssistanceRecord
from organization.models import Post
from referrals.models import Referral
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.households import factories as households
from tests.referrals.changing import SINCE


def test_a_death_stops_the_aid(
    visitor: Visitor, assistant: Post, clerk: Post, reviewer: Post, approver: Post, civil_officer: Post, civil_approver: Post
):
    # Given somebody with 特困 care allowance in a village
    household = households.HouseholdFactory()
    person = households.head_of(household)
    record = households.assistance(person, "MZ08", since=SINCE)
    # When the assistant reports the death on a phone
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    page = visitor.sign_in_as(assistant).open("households:household_detail", pk=household.pk)
    road.follow(page, "报告变化")
    page.get_by_label("死亡").check()
    page.get_by_label("是谁").select_option(label=person.name)
    page.get_by_label("哪天发生的").fill("2026-09-20")
    page.get_by_label("情况说明").fill("家属电话告知，昨天在家去世。")
    visitor.assert_accessible()
    visitor.picture("change-report-open")
    page.get_by_role("button", name="报告", exact=True).dblclick()
    expect(page.get_by_text("待乡镇核实").first).to_be_visible()
    report_url = page.url
    # Then the window confirms it, and the stop is there
    visitor.page.set_viewport_size({"width": 1366, "height": 768})
    page = visitor.sign_in_as(clerk).open("referrals:report_list")
    visitor.assert_accessible()
    road.follow(page, "死亡")
    road.follow(page, "核实属实")
    page.get_by_label("核实情况").fill("已看村委会证明和火化证。")
    visitor.assert_accessible()
    road.press(page, "核实属实")
    expect(page.get_by_text("停止：特困人员照料护理补贴")).to_be_visible()
    expect(page.get_by_role("link", name="免除基本丧葬服务费")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("change-report-confirmed")
    # And the office reviews it, the county decides
    referral = Referral.objects.get(record=record)
    page = road.open_from_inbox(visitor.sign_in_as(reviewer), referral)
    road.take(page)
    road.propose(page)
    page = visitor.sign_in_as(approver).open("referrals:referral_detail", pk=referral.pk)
    visitor.assert_accessible()
    visitor.picture("stop-to-review")
    road.forward(page)
    page = road.open_from_inbox(visitor.sign_in_as(civil_officer), referral)
    road.take(page)
    road.propose(page)
    page = visitor.sign_in_as(civil_approver).open("referrals:referral_detail", pk=referral.pk)
    road.follow(page, "作出决定")
    page.get_by_label("同意变更").check()
    expect(page.get_by_label("从哪个月起")).to_have_value("2026-10")
    visitor.assert_accessible()
    visitor.picture("stop-decide")
    road.press(page, "下一步：核对")
    expect(page.get_by_text("自2026年10月起停止").first).to_be_visible()
    page.get_by_role("button", name="确认决定").dblclick()
    expect(page.get_by_text("救助变更（停止）决定书")).to_be_visible()
    # Then the record has ended, and the village reads that it is done
    assert AssistanceRecord.objects.get(pk=record.pk).until == date(2026, 9, 30)
    page = visitor.sign_in_as(assistant).page
    page.goto(report_url)
    expect(page.get_by_text("已看村委会证明和火化证。")).to_be_visible()
    expect(page.get_by_text("停止：救助项目")).to_be_visible()
    page = visitor.sign_in_as(clerk).open("referrals:record_detail", pk=record.pk)
    expect(page.get_by_text("自2026年10月起停止")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("record")
