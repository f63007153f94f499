"""A session that ends in the middle of a form: sign in over it and send again; without JavaScript, sign in and come back."""

import re

import pytest
from django.shortcuts import render
from playwright.sync_api import expect

from audit.models import Event
from config import styleguide
from deadlines.models import Duty
from organization.models import Unit
from organization.transitions import posts
from tests.browser.conftest import WIDTHS
from tests.cast import PASSWORD
from tests.deadlines import factories

EXPIRED = "登录已过期"


@pytest.fixture
def unit(system_administrator):
    return Unit.objects.get(kind="township_window", region_id="500233001")


def typed(visitor, post, unit):
    """A form half filled in, and half an hour gone by."""
    visitor.refusals |= {401}
    page = visitor.sign_in_as(post).open("organization:unit_describe", pk=unit.pk)
    page.get_by_label("电话").fill("54230099")
    page.get_by_label("地址").fill("人民路9号")
    return page


def dialog(page):
    return page.get_by_role("dialog")


def sign_in_over(page, staff, password=PASSWORD):
    dialog(page).get_by_label("登录名").fill(staff.username)
    dialog(page).get_by_label("密码", exact=True).fill(password)
    dialog(page).get_by_role("button", name="登录并继续").click()


def test_sign_in_over_the_form_and_it_is_sent(visitor, system_administrator, unit, clock):
    # Given a form half filled in when the session ends
    page = typed(visitor, system_administrator, unit)
    clock.forward(minutes=31)
    # When it is sent, the sign-in opens over it
    page.get_by_role("button", name="保存").click()
    expect(dialog(page)).to_contain_text(EXPIRED)
    expect(dialog(page).get_by_label("登录名")).to_be_focused()
    visitor.assert_accessible()
    visitor.picture("session-expired")
    # And a wrong password is answered there, in the same words
    sign_in_over(page, system_administrator.staff, "Not-The-Password-1")
    expect(dialog(page)).to_contain_text("登录名或密码不对，请重新输入。")
    expect(dialog(page).get_by_label("登录名")).to_have_value(system_administrator.staff.username)
    visitor.assert_accessible()
    visitor.picture("session-expired-refused")
    # When the right one is given, then the form is sent as it was typed
    sign_in_over(page, system_administrator.staff)
    expect(page.get_by_text("已保存。")).to_be_visible()
    expect(page.get_by_text("54230099")).to_be_visible()
    unit.refresh_from_db()
    assert (unit.phone, unit.address) == ("54230099", "人民路9号")
    assert Event.objects.filter(verb="unit.described").count() == 1


def test_giving_up_keeps_what_was_typed(desktop, system_administrator, unit, clock):
    page = typed(desktop, system_administrator, unit)
    clock.forward(minutes=31)
    for key in ("click", "Escape"):
        page.get_by_role("button", name="保存").click()
        expect(dialog(page)).to_contain_text(EXPIRED)
        page.keyboard.press("Escape") if key == "Escape" else dialog(page).get_by_role("button", name="取消").click()
        expect(page.locator("#toasts").last).to_contain_text("您填写的内容还在页面上")
        expect(page.get_by_label("电话")).to_have_value("54230099")
    # And the next try may succeed
    page.get_by_role("button", name="保存").click()
    sign_in_over(page, system_administrator.staff)
    expect(page.get_by_text("已保存。")).to_be_visible()


def test_somebody_else_sends_nothing(desktop, system_administrator, security_administrator, unit, clock):
    page = typed(desktop, system_administrator, unit)
    desktop.refusals |= {403}  # the page is not the other one's
    clock.forward(minutes=31)
    page.get_by_role("button", name="保存").click()
    sign_in_over(page, security_administrator.staff)
    expect(dialog(page)).to_contain_text("登录的是另一位工作人员")
    desktop.picture("session-another-person")
    dialog(page).get_by_role("button", name="重新打开页面").click()
    expect(page.get_by_text("回到首页")).to_be_visible()
    unit.refresh_from_db()
    assert unit.phone != "54230099"
    assert not Event.objects.filter(verb="unit.described").exists()


def test_the_lock_out_is_the_same(desktop, system_administrator, unit, clock):
    page = typed(desktop, system_administrator, unit)
    clock.forward(minutes=31)
    page.get_by_role("button", name="保存").click()
    for number in range(5):
        sign_in_over(page, system_administrator.staff, f"Not-The-Password-{number}")
        expect(dialog(page).get_by_label("密码", exact=True)).to_have_value("")
    expect(dialog(page)).to_contain_text("已锁定")


def test_signing_in_on_another_page_is_enough(desktop, system_administrator, unit, clock):
    # Given a session that ended, and the same person signed in again beside the form, which gives its old token up
    page = typed(desktop, system_administrator, unit)
    clock.forward(minutes=31)
    beside = desktop.context.new_page()
    beside.goto(f"{desktop.address}/sign-in/")
    beside.get_by_label("登录名").fill(system_administrator.staff.username)
    beside.get_by_label("密码", exact=True).fill(PASSWORD)
    beside.get_by_role("button", name="登录", exact=True).click()
    expect(beside).to_have_url(re.compile("/organization/staff/"))
    # Then the form is sent without a question
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()


def test_the_post_of_the_page_goes_on(desktop, double, clock):
    first, second = double.posts
    duty = factories.open_duty(second)
    desktop.refusals |= {401}
    page = desktop.sign_in_as(second).open("deadlines:duty_explain", pk=duty.pk)
    clock.forward(minutes=31)
    page.get_by_role("button", name="领办").click()
    sign_in_over(page, double.staff)
    expect(page.get_by_text("已领办")).to_be_visible()
    expect(page.locator(".post-switch summary")).to_contain_text(second.label)
    duty.refresh_from_db()
    assert duty.taken_by == second


def test_another_post_is_asked_about(desktop, double):
    first, second = double.posts
    duty = factories.open_duty(first)
    page = desktop.sign_in_as(first).open("deadlines:duty_explain", pk=duty.pk)
    # Given that the person switched posts on another page
    beside = desktop.context.new_page()
    beside.goto(f"{desktop.address}/account/")
    beside.locator(".post-switch summary").click()
    beside.get_by_role("button", name=second.label).first.click()
    expect(beside.get_by_text("身份工作")).to_be_visible()
    # Then the form is sent only on a yes
    page.get_by_role("button", name="领办").click()
    expect(dialog(page)).to_contain_text(f"您的岗位换成了“{second.label}”")
    dialog(page).get_by_role("button", name="取消").click()
    assert not Duty.objects.get(pk=duty.pk).taken_by
    page.get_by_role("button", name="领办").click()
    dialog(page).get_by_role("button", name="提交").click()
    expect(page.get_by_text("已领办")).to_be_visible()


def test_a_password_that_is_due_is_changed_beside_the_form(desktop, system_administrator, unit, clock):
    # Given a password that came of age while the form was open
    page = typed(desktop, system_administrator, unit)
    clock.forward(days=91)
    page.get_by_role("button", name="保存").click()
    sign_in_over(page, system_administrator.staff)
    expect(dialog(page)).to_contain_text("请先修改密码")
    desktop.picture("session-password-due")
    # When it is changed on a page of its own
    with desktop.context.expect_page() as opened:
        dialog(page).get_by_role("link", name="去修改密码").click()
    beside = opened.value
    beside.get_by_label("现在的密码").fill(PASSWORD)
    beside.get_by_label("新密码", exact=True).fill("Second-Word-2026!")
    beside.get_by_label("再输一次新密码").fill("Second-Word-2026!")
    beside.get_by_role("button", name="保存新密码").click()
    expect(beside).not_to_have_url(re.compile("password"))
    # Then the form goes on
    dialog(page).get_by_role("button", name="已改好，继续").click()
    expect(page.get_by_text("已保存。")).to_be_visible()


def test_a_post_that_ended_meanwhile_sends_nothing(desktop, system_administrator, security_administrator, unit):
    page = typed(desktop, system_administrator, unit)
    posts.end(post_id=system_administrator.pk, reason="调离", by=security_administrator)
    page.get_by_role("button", name="保存").click()
    expect(dialog(page)).to_contain_text("您的岗位已到期或终止，这份内容没有提交")
    dialog(page).get_by_role("button", name="知道了").click()
    expect(page.get_by_label("电话")).to_have_value("54230099")


def test_files_and_the_pressed_button_are_sent_too(desktop, clerk, clock, monkeypatch):
    desktop.refusals |= {401}
    page = desktop.sign_in_as(clerk).open("styleguide")
    form = page.locator("#form form")
    form.evaluate("form => { form.enctype = 'multipart/form-data'; }")
    form.get_by_label("证明材料").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"the-files-own-words"})
    form.get_by_label("申请人姓名").fill("张某芳")
    # The browser keeps bodies with files to itself: the server is asked what came
    came = []

    def looking(request, *args, **kwargs):
        if request.method == "POST":
            came.append((request.POST["name"], request.POST.get("draft"), request.FILES["paper"].read()))
        return render(request, *args, **kwargs)

    monkeypatch.setattr(styleguide, "render", looking)
    clock.forward(minutes=31)
    form.get_by_role("button", name="暂存").click()
    sign_in_over(page, clerk.staff)
    expect(page.locator("#form [data-error-summary]")).to_be_visible()
    assert came == [("张某芳", "1", b"the-files-own-words")]


def test_htmx_meets_the_same_dialog(desktop, clerk, clock):
    for title in ("转办单1 临时救助", "转办单2 教育救助"):
        factories.open_duty(clerk, title=title)
    desktop.refusals |= {401}
    page = desktop.sign_in_as(clerk).open("monitoring:workbench")
    page.get_by_label("编号或事项").fill("临时")
    clock.forward(minutes=31)
    page.get_by_role("button", name="查询").click()
    expect(dialog(page)).to_contain_text(EXPIRED)
    sign_in_over(page, clerk.staff)
    expect(page.locator("#rows a[data-open]")).to_have_text(["转办单1 临时救助"])
    expect(page.locator("#toasts .message")).to_have_count(0)


def test_htmx_after_the_session_is_gone_altogether(desktop, clerk):
    """The sign-in page comes back by a redirect, not by 401."""
    factories.open_duty(clerk, title="转办单1 临时救助")
    desktop.refusals |= {401, 403}
    page = desktop.sign_in_as(clerk).open("monitoring:workbench")
    desktop.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="查询").click()
    expect(dialog(page)).to_contain_text(EXPIRED)
    sign_in_over(page, clerk.staff)
    expect(dialog(page)).to_have_count(0)
    expect(page.locator("#rows a[data-open]")).to_have_count(1)


def test_no_network_keeps_the_form(desktop, system_administrator, unit):
    page = typed(desktop, system_administrator, unit)
    page.route("**/session-state/", lambda route: route.abort())
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#toasts")).to_contain_text("内容没有送出，仍在页面上")
    expect(page.get_by_label("电话")).to_have_value("54230099")
    page.unroute("**/session-state/")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    desktop.complaints = [said for said in desktop.complaints if "ERR_FAILED" not in said]


def test_without_scripts_one_signs_in_and_comes_back(server, new_context, arrive, clerk, clock):
    duty = factories.open_duty(clerk)
    visitor = arrive("desktop")
    visitor.sign_in_as(clerk)
    context = new_context(base_url=server, locale="zh-CN", java_script_enabled=False, **WIDTHS["desktop"])
    context.add_cookies(visitor.context.cookies())
    page = context.new_page()
    page.goto(f"/deadlines/duties/{duty.pk}/explain/")
    clock.forward(minutes=31)
    page.get_by_role("button", name="领办").click()
    expect(page.get_by_text("没有提交成功的内容需要重新填写")).to_be_visible()
    page.get_by_label("登录名").fill(clerk.staff.username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(re.compile("/explain/$"))
    page.get_by_role("button", name="领办").click()
    expect(page.get_by_text("已领办")).to_be_visible()
