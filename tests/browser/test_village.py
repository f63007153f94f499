"""An assistant on a phone: registers, pushes, sees how far it is; the window makes an application of it without typing again (TZ-08)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from intake.models import Application, Request
from organization.models import Post
from tests.browser.conftest import Visitor
from tests.browser.road import follow, press
from tests.households import factories
from tests.households.factories import HouseholdFactory, head_of, person
from tests.intake.factories import add


@pytest.fixture(autouse=True)
def _texts(transactional_db: None) -> None:
    for key in ("promise", "authorisation", "kin_declaration"):
        factories.form(key)


def test_an_assistant_asks_in_somebodys_place_and_the_window_goes_on(arrive: Callable[[str], Visitor], assistant: Post, clerk: Post):
    # Given a family of the village, known to the platform
    number = factories.id_number()
    household = HouseholdFactory(members=[person(name="乔虚求", number=number)])
    phone, desk = arrive("phone"), arrive("desktop")
    # When the assistant asks in the head's place, from the landing page of the phone, and pushes a little later
    page = phone.sign_in_as(assistant).open("intake:village")
    phone.assert_accessible()
    follow(page, "代办申请")
    page.get_by_label("求助人姓名").fill("乔虚求")
    page.get_by_label("身份证号").fill(number)
    page.get_by_label("因病").check()
    page.get_by_label("发生了什么").fill("住院两次，停工半年，欠了医药费。")
    page.get_by_label("当面同意").check()
    phone.assert_accessible()
    page.evaluate("window.scrollTo(0, 0)")
    phone.picture("village-new")
    page.get_by_role("button", name="先登记，稍后推送").dblclick()
    expect(page.get_by_text("已登记，还没有推送")).to_be_visible()
    page = phone.open("intake:village")
    expect(page.locator("#to-do")).to_contain_text("乔虚求")
    follow(page, "乔虚求")
    press(page, "推送到忠州街道窗口")
    expect(page.get_by_text("已推送到忠州街道窗口")).to_be_visible()
    phone.assert_accessible()
    request = Request.objects.get()
    # Then the window finds it on its desk with the person known, and types nothing again
    page = desk.sign_in_as(clerk).open("intake:window")
    follow(page, "乔虚求")
    expect(page.locator("#who")).to_contain_text(str(household))
    desk.assert_accessible()
    desk.picture("request-desk")
    follow(page, "受理，转为申请")
    expect(page.get_by_label("代办人姓名")).to_have_value("甘雨村")
    page.get_by_role("button", name="建立申请草稿").dblclick()
    expect(page.get_by_text("求助登记的内容已带入")).to_be_visible()
    expect(page.get_by_label("因病")).to_be_checked()
    expect(page.get_by_label("困难情况和原因")).to_have_value("住院两次，停工半年，欠了医药费。")
    application = Application.objects.get()
    assert (application.request, application.channel, application.applicant) == (request, "village", head_of(household))
    # And the assistant reads state and missing papers, and nothing of means or health
    paper = add(application, amount=4321).application.papers.filter(state="missing", is_required=True).first()
    page = phone.open("intake:village")
    under_way = page.locator("#applications")
    expect(under_way).to_contain_text("，起草")
    expect(under_way).to_contain_text(f"还缺：{paper.name}" if paper else "还缺")
    expect(page.locator("main")).not_to_contain_text("4321")
    expect(page.locator("main")).not_to_contain_text("医药费")
    phone.assert_accessible()
    phone.picture("village")
