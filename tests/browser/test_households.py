"""People and households at the window, on a desk and on a phone: looked for, registered, shown, taken on, declared and filed."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from config import clock
from households.models import Household
from households.transitions import let_in, note_relative
from organization.models import Post
from tests import cast
from tests.browser.conftest import Visitor, choose
from tests.households import factories
from tests.households.factories import HouseholdFactory, ResidentFactory, person

Arrive = Callable[[str], Visitor]


def look_for(visitor: Visitor, text: str) -> Page:
    page = visitor.open("households:household_search")
    page.get_by_label("查找", exact=True).fill(text)
    page.get_by_role("button", name="查找").click()
    return page


@pytest.mark.parametrize("width", [844, 1024])
def test_the_members_can_be_read_between_a_phone_and_a_desk(desktop: Visitor, clerk: Post, width: int):
    # Given a tablet, or a phone held across
    page = desktop.sign_in_as(clerk).open("households:household_open")
    page.set_viewport_size({"width": width, "height": 600})
    # Then the table scrolls in itself, and a name of four characters can be read in its field
    desktop.assert_accessible()
    box = page.locator("#id_members-0-name").bounding_box()
    assert box is not None
    assert box["width"] > 80


def test_a_clerk_registers_a_household_that_nobody_knows(walker: Visitor, clerk: Post):
    # Given a number that the county has never seen
    number, second = factories.id_number(date(1980, 3, 4), "1"), factories.id_number(date(1982, 5, 6), "2")
    page = look_for(walker.sign_in_as(clerk), number)
    expect(page.get_by_text("全县都没有登记过这个证件号码")).to_be_visible()
    walker.assert_accessible()
    walker.picture("household-unknown")
    # When the clerk goes on to the form, the number is there already
    page.get_by_role("link", name="登记新家庭").click()
    expect(page.locator("#id_members-0-number")).to_have_value(number)
    expect(page.locator("#id_members-0-birth_on")).to_have_value("1980-03-04")
    choose(page, "region", "虚构一村")
    page.get_by_label("详细地址").fill("虚构组1号")
    page.locator("#id_members-0-name").fill("赵户主")
    page.locator("#id_members-1-relation").select_option("10")
    page.locator("#id_members-1-name").fill("钱配偶")
    # And the second one comes from a card reader: full width, and Enter at its end
    field = page.locator("#id_members-1-number")
    field.fill("")
    field.press_sequentially("".join(chr(ord(sign) + 0xFEE0) for sign in second))
    field.press("Enter")
    expect(field).to_have_value(second)
    expect(page.locator("#id_members-1-birth_on")).to_have_value("1982-05-06")
    expect(page.locator("#id_members-1-sex")).to_have_value("2")
    walker.assert_accessible()
    walker.picture("household-open")
    page.get_by_role("button", name="登记", exact=True).click()
    # Then the household stands there
    expect(page.get_by_role("heading", level=1)).to_have_text("赵户主户")
    expect(page.get_by_text("ZH500233001000001").first).to_be_visible()
    assert Household.objects.get().memberships.count() == 2


def test_what_is_wrong_is_said_beside_the_line_and_nothing_is_lost(visitor: Visitor, clerk: Post):
    known = factories.id_number()
    HouseholdFactory(in_neighbour=True, members=[person(name="郑远六", number=known)])
    page = visitor.sign_in_as(clerk).open("households:household_open")
    choose(page, "region", "虚构二村")
    page.locator("#id_members-0-name").fill("郑远六")
    page.locator("#id_members-0-number").fill(known)
    page.get_by_role("button", name="登记", exact=True).click()
    said = "郑*六已登记在白公街道的家庭。请用“查找人员”按证件号码找到后受理。"
    expect(page.get_by_text(said, exact=True)).to_be_visible()  # beside the line, and above the form with the way there
    page.get_by_role("link", name="第1行 证件号码").click()
    expect(page.locator("#id_members-0-number")).to_be_focused()
    expect(page.locator("#id_members-0-name")).to_have_value("郑远六")
    visitor.assert_accessible()
    visitor.picture("household-duplicate")
    # 暂存 keeps it for later
    page.get_by_role("button", name="暂存").click()
    expect(page.get_by_text("已暂存")).to_be_visible()
    expect(page.locator("#id_members-0-number")).to_have_value(known)


@pytest.fixture
def full(transactional_db: None) -> Household:
    """A household with something of everything."""
    members = [
        person(name="赵德福", phone="13800000001", birth_on=date(1958, 3, 4)),
        person("10", name="钱秀兰", birth_on=date(1960, 5, 6), sex="2"),
        person("20", name="赵小军"),
        person("40", name="赵思雨", birth_on=date(2014, 9, 1), sex="2"),
    ]
    household = HouseholdFactory(members=members, authorised=True, with_kin=True)
    head, today = factories.head_of(household), clock.today()
    factories.fact(head, "disability_card", True, source="残疾人证库", valid_until=today + timedelta(days=900))
    factories.fact(head, "disability_level", "2", source="残疾人证库", detail="下肢二级", valid_until=today + timedelta(days=900))
    factories.fact(household, "income_per_head", "412.50", how="visit", source="入户调查", valid_until=today + timedelta(days=180))
    factories.fact(household.memberships.get(relation="40").resident, "enrolled", True, source="学籍库")
    factories.tag(household, "low_income")
    factories.tag(head, "severe_disability")
    factories.assistance(household, amount=1908)
    factories.assistance(head, "MZ03", amount=80)
    factories.assistance(household, "MZ04", cadence="once", amount=3000, since=date(2025, 12, 1), until=date(2025, 12, 1))
    by, outside = cast.member("clerk"), ResidentFactory(name="赵大妹", number=factories.id_number(date(1983, 7, 8), "2"))
    note_relative(resident_id=head.pk, relative_id=outside.pk, role="obligor", relation="30", since=today, by=by)
    let_in(household=household, unit=cast.member("officer").unit, reason="referral", subject=household, by=by)
    return household


def test_a_household_is_shown_as_a_whole_and_a_number_with_one_click(visitor: Visitor, clerk: Post, full: Household):
    page = visitor.sign_in_as(clerk).open("households:household_detail", pk=full.pk)
    expect(page.get_by_role("heading", level=1)).to_have_text("赵德福户")
    visitor.assert_accessible()
    visitor.picture("household")
    page.get_by_role("button", name="显示").first.click()
    expect(page.get_by_text(re.compile(r"^000000\d{12}$"))).to_be_visible()
    page.locator("details summary", has_text="已结束").click()
    visitor.assert_accessible()


def test_the_reviewer_is_asked_why(desktop: Visitor, approver: Post, full: Household):
    page = desktop.sign_in_as(approver).open("households:household_detail", pk=full.pk)
    page.get_by_role("button", name="显示").first.click()
    page.get_by_label("查看原因").fill("核对举报")
    desktop.assert_accessible()
    desktop.picture("household-reason")
    page.get_by_label("查看原因").press("Enter")
    expect(page.get_by_text(re.compile(r"^000000\d{12}$"))).to_be_visible()


def test_a_department_sees_the_card(visitor: Visitor, officer: Post, full: Household):
    page = visitor.sign_in_as(officer).open("households:household_detail", pk=full.pk)
    expect(page.get_by_text("赵小军")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("household-department")


def test_somebody_registered_elsewhere_is_taken_on(visitor: Visitor, clerk: Post):
    number = factories.id_number()
    HouseholdFactory(in_neighbour=True, members=[person(name="褚远山", number=number)])
    page = look_for(visitor.sign_in_as(clerk), number)
    expect(page.get_by_text("褚*山")).to_be_visible()
    expect(page.get_by_text("褚远山")).to_have_count(0)
    visitor.assert_accessible()
    visitor.picture("household-outside")
    page.get_by_role("button", name="在本窗口受理").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("褚远山户")


def test_people_are_found_by_name(visitor: Visitor, clerk: Post, full: Household):
    page = look_for(visitor.sign_in_as(clerk), "赵")
    expect(page.locator("#rows tbody tr")).to_have_count(4)
    visitor.assert_accessible()
    visitor.picture("household-found")
    expect(page).to_have_url(f"{visitor.address}/households/search/results/")
    page.get_by_role("link", name="赵思雨").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("赵德福户")


def test_kin_is_declared_by_the_window_and_filed_by_the_platform(arrive: Arrive, visitor: Visitor, clerk: Post, platform: Post):
    household = HouseholdFactory()
    factories.form("kin_declaration")
    page = visitor.sign_in_as(clerk).open("households:kin_declare", pk=household.pk)
    page.get_by_label("有", exact=True).check()
    page.get_by_label("涉及的家庭成员").select_option(index=1)
    page.get_by_label("工作人员姓名").fill("某干部")
    page.get_by_label("工作人员是该成员的").select_option("70")
    visitor.assert_accessible()
    visitor.picture("kin-declare")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("待县级平台备案")).to_be_visible()
    desk = arrive(visitor.width).sign_in_as(platform)
    page = desk.open("households:kin_filing_list")
    desk.assert_accessible()
    desk.picture("kin-filing")
    page.get_by_role("link", name="备案", exact=True).click()
    page.get_by_label("备案意见").fill("由他人经办")
    desk.assert_accessible()
    page.get_by_role("button", name="备案", exact=True).click()
    expect(page.get_by_text("没有待备案的申报")).to_be_visible()


def test_the_other_forms_are_readable(visitor: Visitor, clerk: Post, full: Household):
    head = factories.head_of(full)
    wife = full.memberships.get(relation="10")
    visitor.sign_in_as(clerk)
    pages = (
        ("household_search", {}), ("household_revise", {"pk": full.pk}), ("member_add", {"pk": full.pk}),
        ("member_revise", {"pk": wife.pk}), ("member_end", {"pk": wife.pk}), ("resident_revise", {"pk": head.pk}),
        ("relative_note", {"pk": head.pk}), ("fact_note", {"pk": full.pk}), ("own_kin", {}),
        ("resident_detail", {"pk": head.relatives.get().relative_id}),
    )  # fmt: skip
    for name, args in pages:
        visitor.open(f"households:{name}", **args)
        visitor.assert_accessible()
        visitor.picture(name.replace("_", "-"))


def test_a_household_is_registered_without_scripts(browser: Browser, server: str, clerk: Post, signed_in: Callable[[Post], object]):
    context = browser.new_context(java_script_enabled=False, base_url=server)
    client = signed_in(clerk)
    [cookie] = client.cookies.values()  # type: ignore[attr-defined]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server}])
    page = context.new_page()
    page.goto("/households/open/")
    page.locator("#id_region").select_option(cast.VILLAGE)
    page.locator("#id_members-0-name").fill("赵户主")
    page.locator("#id_members-0-number").fill(factories.id_number())
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("赵户主户")
    page.get_by_role("button", name="显示").first.click()
    expect(page.get_by_text("本次查看已记录")).to_be_visible()
    context.close()


def test_links_of_a_household_are_large_enough_for_a_thumb(arrive: Arrive, clerk: Post, full: Household):
    page = arrive("phone").sign_in_as(clerk).open("households:household_detail", pk=full.pk)
    heights = page.locator("main td a, main .matters a").evaluate_all("links => links.map(a => a.getBoundingClientRect().height)")
    assert len(heights) > 10
    assert min(heights) >= 44
