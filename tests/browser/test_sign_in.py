"""Coming in: the right password, the wrong one, the first one."""

import re

from playwright.sync_api import expect

from organization.transitions import accounts
from tests.households.factories import HouseholdFactory, head_of


def test_clerk_signs_in(walker, clerk):
    # Given somebody at the door, the page says what kind of system this is
    page = walker.open("organization:sign_in")
    expect(page.get_by_role("main").get_by_text("本系统为非涉密系统，严禁处理、传输国家秘密")).to_be_visible()
    walker.assert_accessible()
    walker.picture("sign-in")
    # When the clerk signs in
    walker.sign_in(clerk.staff)
    expect(page).not_to_have_url(re.compile("/sign-in/"))
    # Then the page names the clerk and the post
    page.goto(walker.address + "/account/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text(clerk.staff.name).first).to_be_attached()
    walker.assert_accessible()
    walker.picture("account")


def test_wrong_password_keeps_the_name(visitor, clerk):
    # When the clerk mistypes the password
    visitor.sign_in(clerk.staff, "Not-The-Password-1")
    # Then one sentence says so, without telling whether the name exists, and the name stays typed
    page = visitor.page
    expect(page.get_by_text("登录名或密码不对")).to_be_visible()
    expect(page.get_by_label("登录名")).to_have_value(clerk.staff.username)
    expect(page.get_by_label("密码", exact=True)).to_have_value("")
    visitor.assert_accessible()
    visitor.picture("sign-in-refused")


def test_who_comes_next_goes_back_to_nothing(visitor, clerk):
    # Given a family on the screen
    household = HouseholdFactory()
    name = head_of(household).name
    page = visitor.sign_in_as(clerk).page
    page.goto(visitor.address + household.get_absolute_url())
    expect(page.get_by_text(name).first).to_be_visible()
    # When the clerk signs out, and the next person at the desk goes back
    page.locator("form[action='/sign-out/']").first.evaluate("form => form.requestSubmit()")
    expect(page).to_have_url(re.compile("/sign-in/"))
    page.go_back()
    # Then the browser has kept no family
    expect(page).to_have_url(re.compile("/sign-in/"))
    expect(page.get_by_text(name)).to_have_count(0)


def test_first_sign_in_asks_for_a_new_password(visitor, system_administrator):
    # Given a newcomer with a first password
    newcomer = accounts.create_staff(
        username="newcomer", name="新来的", employment_type="established", password="First-Word-2026!", by=system_administrator
    )
    # When the newcomer signs in and goes anywhere
    visitor.sign_in(newcomer, "First-Word-2026!")
    expect(visitor.page).not_to_have_url(re.compile("/sign-in/"))
    page = visitor.open("organization:account")
    # Then the password must be changed first
    expect(page).to_have_url(f"{visitor.address}/account/password/change/")
    visitor.assert_accessible()
    visitor.picture("password-change")
    page.get_by_label("现在的密码").fill("First-Word-2026!")
    page.get_by_label("新密码", exact=True).fill("Second-Word-2026!")
    page.get_by_label("再输一次新密码").fill("Second-Word-2026!")
    page.locator("main").get_by_role("button").first.click()
    expect(page).not_to_have_url(re.compile("/password/"))
    # And then the way is free
    page = visitor.open("organization:account")
    expect(page).to_have_url(f"{visitor.address}/account/")
    newcomer.refresh_from_db()
    assert newcomer.check_password("Second-Word-2026!")


def test_signing_out_ends_the_session(desktop, clerk):
    # Given a clerk at work
    page = desktop.sign_in_as(clerk).open("organization:account")
    # When the clerk signs out
    page.get_by_role("button", name="退出").first.click()
    expect(page).not_to_have_url(re.compile("/account/$"))
    # Then the account is behind the door again
    desktop.open("organization:account")
    expect(page).to_have_url(f"{desktop.address}/sign-in/?next=/account/")
