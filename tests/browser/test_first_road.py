"""The first road walked whole in pages (issue 3): from somebody at the window to the answer in the household's record."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect

from households.models import AssistanceRecord
from intake.models import Application, Assessment
from organization.models import Post
from referrals.models import Referral
from tests import cast
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.conftest import Clock
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.intake.factories import ApplicationFactory
from tests.referrals.factories import ReferralFactory


@pytest.fixture(autouse=True)
def _texts(transactional_db: None) -> None:
    """What people sign at the window."""
    for key in ("promise", "authorisation", "kin_declaration"):
        factories.form(key)


def test_ordinary_temporary_assistance_from_arrival_to_confirmed_feedback(
    visitor: Visitor, clerk: Post, reviewer: Post, approver: Post, clock: Clock
):
    # Given somebody at the window whom nobody knows
    number = factories.id_number(road.HEAD_BORN, "1")
    page = road.read_card(visitor.sign_in_as(clerk), number)
    expect(page.get_by_text("平台上没有这个号码")).to_be_visible()
    visitor.picture("road-1-unknown")
    # When the clerk registers the family and applies for 临时救助
    road.register_family(page)
    visitor.assert_accessible()
    visitor.picture("road-2-known")
    road.begin_application(page)
    visitor.assert_accessible()
    road.fill_in(page, "临时救助")
    visitor.assert_accessible()
    visitor.picture("road-3-filled")
    road.submit(page)
    visitor.assert_accessible()
    visitor.picture("road-4-submitted")
    road.accept(page)
    visitor.picture("road-5-accepted")
    road.dispatch(page)
    visitor.assert_accessible()
    visitor.picture("road-6-dispatched")
    # Then one household, one application and one referral came of all the double clicks
    referral = Referral.objects.get(application=Application.objects.get())
    # When the family is visited, the office reviews, and the township puts up its notice
    road.verify(visitor, "甘晓窗", "甘雨村")
    visitor.picture("road-7-verified")
    page = road.open_from_inbox(visitor.sign_in_as(reviewer), referral)
    road.take(page)
    road.propose(page, amount="1500")
    visitor.picture("road-8-proposed")
    page = road.open_from_inbox(visitor.sign_in_as(approver), referral, "stage")
    road.forward(page)
    page = road.open_from_inbox(visitor.sign_in_as(clerk), referral)
    road.take(page)
    road.put_up_notice(page)
    clock.forward(days=8)
    page = visitor.sign_in_as(clerk).open("referrals:referral_detail", pk=referral.pk)
    visitor.picture("road-9-publicity")
    road.take_down_notice(page)
    page = visitor.open("referrals:referral_detail", pk=referral.pk)
    road.forward(page, "公示无异议。")
    # And the approver decides what the reviewer proposed
    page = road.open_from_inbox(visitor.sign_in_as(reviewer), referral)
    road.take(page)
    road.propose(page, amount="1500")
    page = road.open_from_inbox(visitor.sign_in_as(approver), referral, "stage")
    road.approve(page, "1500")
    visitor.picture("road-10-decided")
    page = road.open_from_inbox(visitor.sign_in_as(reviewer), referral, "feedback")
    road.feed_back(page, "批准1500元，三日内发放到一卡通。")
    # Then the window's bell rings, and the clerk tells the applicant
    page = visitor.sign_in_as(clerk).open("deadlines:notice_list")
    visitor.picture("road-11-bell")
    expect(page.get_by_text("临时救助").first).to_be_visible()
    page = road.open_from_inbox(visitor, referral, "tell")
    road.tell(page)
    visitor.assert_accessible()
    visitor.picture("road-12-told")
    # And the household's record says what it was given
    assert Application.objects.get().status == "closed"
    record = AssistanceRecord.objects.get()
    assert (record.amount, record.program_id) == (1500, "MZ04")
    page = visitor.open("households:household_detail", pk=record.household_id)
    expect(page.get_by_text("临时救助").first).to_be_visible()
    visitor.picture("road-13-record")


def test_low_income_allowance_through_verification_publicity_and_the_county(
    desktop: Visitor, clerk: Post, reviewer: Post, approver: Post, civil_officer: Post, civil_approver: Post, clock: Clock
):
    # Given an application for 低保 that was handed in
    application = ApplicationFactory(submitted=True, programs=[("MZ01", "ordinary")])
    page = desktop.sign_in_as(clerk).open("intake:application_accept", pk=application.pk)
    road.accept(page)
    road.dispatch(page)
    referral = Referral.objects.get()
    # When nobody has visited the family yet, the approver reads what is missing instead of a button
    page = road.open_from_inbox(desktop.sign_in_as(reviewer), referral)
    road.take(page)
    road.propose(page, amount="1030")
    page = road.open_from_inbox(desktop.sign_in_as(approver), referral, "stage")
    expect(page.get_by_role("link", name="送下一环节")).to_have_count(0)
    expect(page.locator(".obstacles")).to_contain_text("核查")
    desktop.picture("road-mz01-obstacle")
    # And the window has, the township reviews, and the notice hangs its days
    road.verify(desktop.sign_in_as(clerk), "甘晓窗", "甘雨村")
    page = road.open_from_inbox(desktop.sign_in_as(approver), referral, "stage")
    road.forward(page)
    page = road.open_from_inbox(desktop.sign_in_as(clerk), referral)
    road.take(page)
    road.put_up_notice(page)
    clock.forward(days=8)
    page = road.open_from_inbox(desktop.sign_in_as(clerk), referral, "stage")
    road.take_down_notice(page)
    page = desktop.open("referrals:referral_detail", pk=referral.pk)
    road.forward(page, "公示无异议。")
    # And the county proposes and decides by two hands
    page = road.open_from_inbox(desktop.sign_in_as(civil_officer), referral)
    desktop.assert_accessible()
    desktop.picture("road-mz01-county")
    road.take(page)
    road.propose(page, amount="1030")
    page = road.open_from_inbox(desktop.sign_in_as(civil_approver), referral, "stage")
    road.approve(page, "1030")
    page = road.open_from_inbox(desktop.sign_in_as(civil_officer), referral, "feedback")
    road.feed_back(page, "每月1030元，按月发到一卡通。")
    # Then the window tells the applicant, and the household has the allowance and its standing
    page = road.open_from_inbox(desktop.sign_in_as(clerk), referral, "tell")
    road.tell(page)
    application.refresh_from_db()
    assert application.status == "closed"
    assert AssistanceRecord.objects.get(program="MZ01").amount == 1030
    page = desktop.open("households:household_detail", pk=application.household_id)
    expect(page.get_by_text("最低生活保障").first).to_be_visible()
    desktop.picture("road-mz01-record")


def test_what_is_missing_is_told_once_and_brought(desktop: Visitor, clerk: Post):
    # Given an application whose papers are not all there
    application = ApplicationFactory(submitted=True)
    page = desktop.sign_in_as(clerk).open("intake:application_accept", pk=application.pk)
    road.follow(page, "一次性告知补正")
    # When nothing is named, the form says so
    road.press(page, "出具一次性告知书")
    expect(page.get_by_text("请勾选缺少的材料").first).to_be_visible()
    desktop.assert_accessible()
    # And everything missing is named at once
    page.get_by_label("其他需要补正的内容（1）").fill("近12个月收入情况说明")
    page.get_by_role("button", name="出具一次性告知书").dblclick()
    expect(page.get_by_text("待补正").first).to_be_visible()
    desktop.picture("road-supplement")
    # Then the notice is there to be printed, on one sheet with what is missing
    page.get_by_role("link", name="一次性告知书").first.click()
    expect(page.get_by_text("近12个月收入情况说明")).to_be_visible()
    page.go_back()
    # When it was brought, then the application is accepted
    page.get_by_role("button", name="补正完成").dblclick()
    expect(page.get_by_role("button", name="受理", exact=True)).to_be_visible()
    road.accept(page)
    assert Application.objects.get(pk=application.pk).notices.count() == 1


def test_a_refusal_says_why_and_what_can_be_done_against_it(desktop: Visitor, clerk: Post, reviewer: Post, approver: Post):
    # Given a case before the approver
    referral = ReferralFactory(deciding=True)
    page = road.open_from_inbox(desktop.sign_in_as(approver), referral, "stage")
    # When the approver refuses without a reason, the form asks for it
    road.follow(page, "作出决定")
    page.get_by_label("不予批准", exact=True).check()
    road.press(page, "下一步：核对")
    expect(page.locator("[data-error-summary]")).to_be_visible()
    assert Referral.objects.get(pk=referral.pk).outcome == ""
    desktop.picture("road-refusal-empty")
    # And with case and reason the decision stands
    desktop.open("referrals:referral_detail", pk=referral.pk)
    road.refuse(page, "income", "家庭人均收入高于标准。")
    desktop.assert_accessible()
    desktop.picture("road-refused")
    # Then page and notice name the remedies
    expect(page.get_by_text("复议").first).to_be_visible()
    page.get_by_role("link", name="打印").first.click()
    expect(page.get_by_text("家庭人均收入高于标准。").first).to_be_visible()
    expect(page.get_by_text("复议").first).to_be_visible()
    desktop.picture("road-refusal-notice")
    # And the applicant is told of it; no assistance is recorded
    page = road.open_from_inbox(desktop.sign_in_as(reviewer), referral, "feedback")
    road.feed_back(page, "不予批准，理由和救济途径见告知书。")
    page = road.open_from_inbox(desktop.sign_in_as(clerk), referral, "tell")
    road.tell(page)
    assert not AssistanceRecord.objects.exists()
    assert Application.objects.get().status == "closed"


def test_somebody_registered_elsewhere_applies_here(phone: Visitor, clerk: Post, neighbour_clerk: Post):
    # Given somebody of another township at this window
    number = factories.id_number(road.HEAD_BORN, "1")
    HouseholdFactory(in_neighbour=True, members=[factories.person(name="褚远山", number=number)])
    page = road.read_card(phone.sign_in_as(clerk), number)
    # Then the page says no more than that, and where
    expect(page.get_by_role("heading", name="登记在其他乡镇（街道）")).to_be_visible()
    expect(page.get_by_text("褚远山")).to_have_count(0)
    phone.assert_accessible()
    phone.picture("road-elsewhere")
    # When the clerk takes the household on, the application is made here
    page.get_by_role("button", name="在本窗口受理").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("褚远山")
    road.begin_application(page)
    road.fill_in(page, "临时救助")
    phone.assert_accessible()
    phone.picture("road-elsewhere-filled")
    road.submit(page)
    road.accept(page)
    application = Application.objects.get()
    assert (application.unit, application.status) == (clerk.unit, "accepted")
    # And the other township does not see it by its address
    phone.refusals.add(404)
    page = phone.sign_in_as(neighbour_clerk).open("intake:application_accept", pk=application.pk)
    expect(page.get_by_text("不在您的权限范围内")).to_be_visible()


def test_a_session_that_ends_in_the_middle_of_the_form_loses_nothing(desktop: Visitor, clerk: Post, clock: Clock):
    # Given an assessment half written when the session ends
    application = ApplicationFactory(drafted=True)
    desktop.refusals.add(401)
    page = desktop.sign_in_as(clerk).open("intake:application_edit", pk=application.pk)
    road.assess(page)
    clock.forward(minutes=31)
    page.get_by_role("button", name="暂存", exact=True).last.click()
    # When the clerk signs in over it
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("登录已过期")
    dialog.get_by_label("登录名").fill(clerk.staff.username)
    dialog.get_by_label("密码", exact=True).fill(cast.PASSWORD)
    dialog.get_by_role("button", name="登录并继续").click()
    # Then the form is sent as it stood
    expect(page.get_by_text("已暂存。")).to_be_visible()
    expect(page.get_by_label("困难情况和原因")).to_have_value("户主患病住院两次，停工半年，家里没有其他收入。")
    assert Assessment.objects.get().assessed_by == clerk


def test_the_road_works_without_scripts(browser: Browser, server: str, clerk: Post, reviewer: Post):
    # Given a browser without JavaScript
    context = browser.new_context(java_script_enabled=False, base_url=server)
    page = context.new_page()

    def sit_down(post: Post) -> None:
        key = cast.sign_in(Client(), post.staff, post).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": server}])

    # When a clerk receives somebody, registers the household and applies
    sit_down(clerk)
    page.goto("/intake/")
    page.get_by_label("身份证号").fill(factories.id_number(road.HEAD_BORN, "1"))
    road.press(page, "登记")
    road.follow(page, "登记家庭")
    page.locator("#id_region").select_option(label="虚构一村")
    page.locator("#id_members-0-name").fill("贺虚安")
    road.press(page, "登记")
    page.locator(".people li").filter(has_text="贺虚安").get_by_role("button").click()
    road.follow(page, "开始申请")
    road.press(page, "建立申请草稿")
    road.assess(page)
    page.get_by_role("button", name="暂存，去选救助项目").click()
    page.get_by_label("名称、通用名称、部门或拼音首字母").fill("临时救助")
    road.press(page, "查找")
    page.locator("a.offer").filter(has_text="临时救助").first.click()
    road.press(page, "添加到申请")
    sign = page.locator("#consent").get_by_role("link", name="登记签署")
    sign.first.click()
    road.press(page, "登记")
    road.see_signed(page, "诚信承诺书")
    sign.first.click()
    road.tick_everybody(page)
    road.press(page, "登记")
    road.see_signed(page, "核对授权书")
    # And settles the papers, one full page after the other
    untapped = page.locator("#papers .paper-taps [aria-pressed=false]").filter(has_text="已看原件")
    for left in range(untapped.count(), 0, -1):
        expect(untapped).to_have_count(left)
        untapped.first.click()
    expect(untapped).to_have_count(0)
    road.press(page, "提交申请")
    road.press(page, "受理")
    road.press(page, "转给承办单位")
    expect(page.get_by_text("已转给承办单位").first).to_be_visible()
    # Then the office finds it and takes it in hand
    sit_down(reviewer)
    page.goto("/referrals/")
    page.get_by_role("link", name=Referral.objects.get().number).click()
    road.press(page, "签收并承办")
    expect(page.get_by_text("已由您承办。")).to_be_visible()
    context.close()
