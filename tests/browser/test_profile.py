"""A family's whole story on one page, and its booklet."""

from datetime import date

from playwright.sync_api import expect

from organization.models import Post
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.households.factories import assistance, fact, head_of, tag
from tests.monitoring.doubting import doubt_of
from tests.referrals.factories import ReferralFactory


def test_the_window_reads_a_profile_and_prints_the_booklet(visitor: Visitor, clerk: Post):
    # Given a family with aid of two departments, an application under way and a doubt
    referral = ReferralFactory(received=True)
    household = referral.case_household
    head = head_of(household)
    tag(household, "low_income", since=date(2024, 3, 1))
    assistance(household, since=date(2024, 5, 1), until=date(2025, 6, 30), amount=520)
    assistance(household, since=date(2025, 7, 1))
    assistance(head, "CL02", cadence="yearly", since=date(2025, 9, 1), amount=2000)
    assistance(head, "MZ04", cadence="once", since=date(2025, 2, 3), until=date(2025, 2, 3), amount=1500)
    fact(household, "income_per_head", "400")
    doubt_of("many", subject=household, evidence=[{"programs": ["MZ01", "CL02"]}])
    # When the window's clerk goes there from the family's page and has it screened
    page = visitor.sign_in_as(clerk).open("households:household_detail", pk=household.pk)
    road.follow(page, "精准画像")
    expect(page.get_by_text("还没有筛查过")).to_be_visible()
    road.press(page, "现在筛查")
    expect(page.get_by_text("筛查只作提示").first).to_be_visible()
    page = visitor.open("profile:profile", pk=household.pk)
    # Then it tells what the family enjoys, what it does not yet, and how it came
    expect(page.locator("#care").get_by_text("已享受", exact=True).first).to_be_visible()
    expect(page.locator("#open").get_by_role("link", name=referral.number)).to_be_visible()
    expect(page.locator("#chain").get_by_text("一次性，1,500元")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("profile")
    # And the booklet is ready for print
    road.follow(page, "一户一册（打印）")
    expect(page.get_by_role("heading", name="困难家庭救助一户一册")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("booklet")
