"""What the frame's scripts do, in Debian's Chromium under the strict CSP, and that pages also work without them."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Playwright's event loop runs in this thread; the database of the test is used outside it only.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

VALID, WRONG = "999999199001011238", "999999199001011231"
# What the browser and htmx write of an answer that is an error: the page says it too, and tests look for that.
EXPECTED = ("Failed to load resource", "Response Status Error Code", "htmx:")


Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Visit]:
    """`visit("/styleguide/", width=390)`; whatever the console says of the CSP or of a script's error fails the test at its end."""
    contexts, complaints = [], []

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(EXPECTED):
            complaints.append(message.text)

    def open_page(path: str, *, width: int = 1366, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("path", ["/styleguide/", "/styleguide/?wrong", "/styleguide/print/", "/sign-in/", "/nowhere/"])
def test_pages_keep_the_csp_and_fit_the_screen(visit: Visit, path: str, width: int) -> None:
    page = visit(path, width=width)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".error-code")).to_have_text("404") if path == "/nowhere/" else expect(page.locator(".error-code")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("Array.from(document.fonts).filter(f => f.status === 'error').length") == 0


def test_a_violation_would_be_heard(browser: Browser, live_server: Any) -> None:
    heard: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: heard.append(message.text))
    page.goto(live_server.url + "/styleguide/")
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">甲</p>')")
    page.close()
    assert any("Content Security Policy" in text for text in heard)


def test_a_card_reader_fills_birth_date_and_sex_and_enter_does_not_submit(visit: Visit) -> None:
    page = visit("/styleguide/")
    number = page.locator("#form #id_number")
    number.focus()
    page.keyboard.insert_text("９９９９９９ １９９００１０１１２３８")
    page.keyboard.press("Enter")
    expect(number).to_have_value(VALID)
    expect(page.locator("#id_born_on")).to_have_value("1990-01-01")
    expect(page.locator("#id_sex")).to_have_value("1")
    expect(page.locator("#id_number_note")).to_contain_text("号码校验通过：男")
    expect(page.locator("#id_born_on")).to_be_focused()
    expect(number).to_have_attribute("aria-describedby", re.compile("id_number_note"))
    assert page.url.endswith("/styleguide/")


WRONG_NUMBERS = {
    WRONG: "校验位不正确，请核对证件",
    "99999919900230123x": "出生日期不存在",
    "99999919900101": "现有14位",
    "999999900101123": "15位的旧号码",
}


def test_a_wrong_number_is_answered_beside_the_field(visit: Visit) -> None:
    page = visit("/styleguide/")
    for typed, said in WRONG_NUMBERS.items():
        page.locator("#form #id_number").fill(typed)
        page.keyboard.press("Enter")
        expect(page.locator("#id_number_note")).to_contain_text(said)
        expect(page.locator("#id_born_on")).to_have_value("")


def test_rows_are_added_to_a_sub_table_and_struck_out(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.get_by_role("button", name="添加一行").click()
    expect(page.locator("#id_form-2-name")).to_be_focused()
    expect(page.locator("#id_form-TOTAL_FORMS")).to_have_value("3")
    page.locator("#id_form-2-DELETE").check()
    expect(page.locator("#formset tr.is-deleted")).to_have_count(1)
    for _ in range(12):
        page.get_by_role("button", name="添加一行").click()
    expect(page.locator("#id_form-TOTAL_FORMS")).to_have_value("12")
    expect(page.locator("#toasts")).to_contain_text("行数已达上限")


def test_a_question_stands_before_the_act(visit: Visit) -> None:
    page = visit("/styleguide/")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    button = page.get_by_role("button", name="退回", exact=True)
    button.click()
    page.get_by_role("button", name="取消").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()
    assert posts == []
    button.click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    button.click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    assert len(posts) == 1


SENTENCES = {400: "提交的内容有误", 403: "没有权限", 404: "没有找到", 409: "已由他人处理", 500: "系统出现故障"}


def test_a_failed_request_says_so(visit: Visit) -> None:
    page = visit("/styleguide/")
    for status, said in SENTENCES.items():
        page.locator("#requests").get_by_role("button", name=str(status)).click()
        expect(page.locator("#toasts")).to_contain_text(said)
        page.locator("#toasts").get_by_role("button", name="关闭这条消息").click()
        expect(page.locator("#toasts .message")).to_have_count(0)


def test_no_network_says_so(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.route("**/answer/*/", lambda route: route.abort())
    page.locator("#requests").get_by_role("button", name="404").click()
    expect(page.locator("#toasts")).to_contain_text("网络不通")


def test_an_ended_session_says_so_and_keeps_the_page(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.route("**/answer/*/", lambda route: route.fulfill(status=302, headers={"Location": "/sign-in/"}))
    page.locator("#requests").get_by_role("button", name="404").click()
    expect(page.locator("#toasts")).to_contain_text("登录已过期")
    assert "next=%2Fstyleguide%2F" in str(page.get_by_role("link", name="重新登录").get_attribute("href"))
    expect(page.locator("#requests")).to_be_visible()


def test_a_refusal_is_given_in_the_servers_words(visit: Visit) -> None:
    page = visit("/styleguide/")
    said = "这件事已由李审核于10:32办结。"

    def refuse(route: Route) -> None:
        route.fulfill(status=409, content_type="text/html; charset=utf-8", body=f"<p data-refusal>{said}</p>")

    page.route("**/answer/*/", refuse)
    page.locator("#requests").get_by_role("button", name="409").click()
    expect(page.locator("#toasts")).to_contain_text(said)


def test_one_click_shows_a_masked_number_and_the_change_is_read_out(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.get_by_role("button", name="显示").click()
    expect(page.locator("#masked")).to_contain_text(VALID)
    expect(page.locator("#announcements")).to_have_text("页面内容已更新")


def test_filters_renew_the_rows_and_the_address(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.locator("#filter_words").fill("张")
    page.get_by_role("button", name="查询").click()
    expect(page).to_have_url(re.compile(r"words=%E5%BC%A0"))
    expect(page.locator("#rows")).to_have_count(1)
    expect(page.locator("#announcements")).to_have_text("列表已更新，共4条")


def test_leaving_unsaved_work_asks_first(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.locator("#form #id_name").press_sequentially("张某芳")
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    with page.expect_event("dialog"):
        page.evaluate("window.location.assign('/sign-in/')")
    assert asked == ["beforeunload"]
    assert page.url.endswith("/styleguide/")


def test_leaving_an_untouched_page_asks_nothing(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.locator("#form #id_name").click()
    asked: list[str] = []

    def leave(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.evaluate("window.location.assign('/sign-in/')")
    expect(page).to_have_url(re.compile("/sign-in/$"))
    assert asked == []


def test_a_double_click_submits_once(visit: Visit) -> None:
    page = visit("/styleguide/?wrong")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    with page.expect_event("load"):  # this page has an error summary already
        page.evaluate(
            """() => {
                const form = document.querySelector("#form form");
                form.noValidate = true;
                const button = form.querySelector("button[name=draft]");
                button.click();
                button.click();
            }"""
        )
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert len(posts) == 1


def test_a_signature_goes_into_its_field(visit: Visit) -> None:
    page = visit("/styleguide/")
    canvas = page.locator("#signature canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 80, steps=8)
    page.mouse.up()
    expect(page.locator("#id_picture")).to_have_value(re.compile("^data:image/png;base64,"))
    page.get_by_role("button", name="重签").click()
    expect(page.locator("#id_picture")).to_have_value("")


def test_long_lists_can_be_searched(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.locator("#form #id_township-ts-control").click()
    page.keyboard.type("拔山")
    expect(page.locator("#form .ts-dropdown [role=option]")).to_have_text(["拔山镇"])
    page.keyboard.press("Enter")
    expect(page.locator("#form #id_township")).to_have_value("2")


def test_larger_text_works_without_scripts(visit: Visit) -> None:
    page = visit("/sign-in/", java_script_enabled=False)
    page.get_by_role("link", name="大字版").click()
    expect(page.locator("html")).to_have_class("text-large")
    expect(page).to_have_url(re.compile("/sign-in/$"))
    page.get_by_role("link", name="标准字号").click()
    expect(page.locator("html")).not_to_have_class("text-large")


def test_forms_work_without_scripts(visit: Visit) -> None:
    page = visit("/styleguide/", java_script_enabled=False)
    page.locator("#form #id_name").fill("张某芳")
    page.locator("#form").get_by_role("button", name="暂存").click()
    expect(page.locator("#form .error-summary")).to_be_visible()
    expect(page.locator("#form #id_name")).to_have_value("张某芳")
    expect(page.locator("#message .btn-close").first).to_be_hidden()


def test_the_skip_link_is_first_and_leads_to_the_text(visit: Visit) -> None:
    page = visit("/styleguide/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("width", [1366, 390])
def test_no_text_of_a_table_stands_one_character_a_line(visit: Visit, width: int) -> None:
    """What the phone mock shows going wrong (UI): every cell is at least three characters wide."""
    page = visit("/styleguide/", width=width)
    narrow = page.evaluate(
        """() => Array.from(document.querySelectorAll("#rows td")).filter(cell => {
            const size = parseFloat(getComputedStyle(cell).fontSize);
            return cell.textContent.trim().length > 3 && cell.getBoundingClientRect().width < 3 * size;
        }).length"""
    )
    assert narrow == 0


def test_targets_on_a_phone_are_44_pixels(visit: Visit) -> None:
    page = visit("/styleguide/", width=390, has_touch=True, is_mobile=True)
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll("main .btn, main .form-control, main .form-select, .office-header a, .tabs a"))
            .filter(part => part.offsetParent && part.getBoundingClientRect().height < 43.5)
            .map(part => part.className + ' ' + part.textContent.trim().slice(0, 10))"""
    )
    assert small == []


def test_the_watermark_prints(visit: Visit) -> None:
    page = visit("/styleguide/print/")
    page.emulate_media(media="print")
    expect(page.locator(".watermark")).to_be_visible()
    expect(page.locator(".paper-tools")).to_be_hidden()


@pytest.mark.parametrize("size", ["normal", "large"])
def test_the_name_of_the_system_stays_readable_on_a_phone(visit: Visit, size: str) -> None:
    page = visit(f"/text-size/{size}/?next=/programs/", width=390)
    name, letter = page.locator(".system-name strong").bounding_box(), 16 if size == "normal" else 20
    assert name
    assert name["width"] >= 4 * letter
    assert name["height"] <= 4 * letter
