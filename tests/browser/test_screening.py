"""A household screened beside its page: what is missing asked for, answered by its holder, and the rest put into an application."""

from playwright.sync_api import expect

from households.models import FactRequest
from organization.models import Post
from tests.browser.conftest import Visitor
from tests.households import factories
from tests.households.factories import HouseholdFactory


def test_what_is_missing_is_asked_for_and_changes_the_answer(visitor: Visitor, clerk: Post, officer: Post):
    # Given a family of which little is known
    household = HouseholdFactory()
    factories.fact(household, "income_per_head", "412.50")
    head = factories.head_of(household)
    page = visitor.sign_in_as(clerk).open("households:household_detail", pk=household.pk)
    # When the clerk screens it and asks the federation of the disabled for what it holds
    page.get_by_role("link", name="救助筛查").click()
    page.get_by_role("button", name="筛查全部项目").click()
    expect(page.get_by_role("heading", name="数据不足")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("screening")
    page.get_by_role("button", name="请县残联核实").first.click()
    expect(page.get_by_text("已请县残联核实").first).to_be_visible()
    row = FactRequest.objects.get()
    # Then the holder answers on its page
    page = visitor.sign_in_as(officer).open("households:fact_request_detail", pk=row.pk)
    expect(page.get_by_role("heading", level=1)).to_contain_text("核实")
    visitor.assert_accessible()
    visitor.picture("fact-request")
    page.get_by_text("不能提供", exact=True).click()
    page.get_by_label("查无此人").check()
    page.get_by_label("原因").fill("残疾人证库中没有此人")
    page.get_by_role("button", name="答复不能提供").click()
    expect(page.get_by_text("已答复")).to_be_visible()
    # And the clerk screens again and takes what was found into an application
    factories.fact(head, "disability_card", True)
    page = visitor.sign_in_as(clerk).open("households:screening", pk=household.pk)
    page.get_by_role("button", name="重新筛查").click()
    expect(page.get_by_role("heading", name="与上次筛查相比")).to_be_visible()
    page.get_by_role("heading", name="随时可办").click()
    page.locator("input[name=picks]:visible").first.check()
    page.get_by_role("button", name="把勾选的项目填入申请").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("开始申请")
