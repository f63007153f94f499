"""Somebody registered elsewhere applies here: the other township visits and answers, the family moves, the case goes on."""

from playwright.sync_api import Page, expect

from households.models import Household
from households.transitions import take_on
from organization.models import Post
from tests import cast
from tests.browser.conftest import Visitor, choose
from tests.households import factories
from tests.households.factories import HouseholdFactory, person
from tests.intake.factories import ApplicationFactory
from verification import transitions as survey
from verification.models import Verification


def test_a_mover_is_visited_there_and_moves_here_while_the_case_goes_on(visitor: Visitor, arrive, clerk: Post, neighbour_clerk: Post):
    # Given an application accepted here of a family that is registered in the next township
    number = factories.id_number()
    household = HouseholdFactory(members=[person(number=number, name="贺虚迁")], in_neighbour=True)
    take_on(token=factories.outside_token(number, clerk), by=clerk)
    application = ApplicationFactory(household=household, accepted=True, programs=[("MZ04", "ordinary")], by=clerk)
    row = Verification.objects.get(household=household)
    survey.start(verification_id=row.pk, methods=["matching"], by=clerk)
    # When the window asks the other township to visit
    page = visitor.sign_in_as(clerk).open("verification:verification_detail", pk=row.pk)
    page.get_by_role("link", name="请外乡镇协助入户").click()
    page.get_by_label("请核实的情况").fill("家庭仍住原址，请看住房和收入。")
    page.get_by_role("button", name="提出").click()
    expect(page.get_by_text("待答复").first).to_be_visible()
    visitor.assert_accessible()
    # And its clerk goes there and answers
    other = arrive("desktop").sign_in_as(neighbour_clerk)
    there = other.open("monitoring:workbench")
    there.get_by_role("link", name="协助入户").first.click()
    answered(there)
    expect(there.get_by_text("已答复，情况已写入核查")).to_be_visible()
    other.assert_accessible()
    # Then it stands in the verification here
    page = visitor.open("verification:verification_detail", pk=row.pk)
    expect(page.get_by_text("租住一间房")).to_be_visible()
    # When the family moves here, proposed here and confirmed there
    page = visitor.open("households:household_detail", pk=household.pk)
    page.locator(".page-menu summary").click()
    page.get_by_role("link", name="整户迁移").click()
    choose(page, "region", "虚构一村")
    page.get_by_label("变动原因").fill("已在本街道租房居住")
    visitor.assert_accessible()
    page.get_by_role("button", name="提出").click()
    expect(page.get_by_text("须由另一名工作人员确认").or_(page.get_by_text("待确认")).first).to_be_visible()
    there = other.open("referrals:registry_list")
    there.get_by_role("link", name="整户迁移").first.click()
    other.assert_accessible()
    there.get_by_role("button", name="核对无误，确认").click()
    expect(there.get_by_text("变动已生效")).to_be_visible()
    # Then it lives here, and the case goes on
    assert Household.objects.get(pk=household.pk).region_id == cast.VILLAGE
    page = visitor.open("referrals:case_detail", pk=application.pk)
    expect(page.get_by_text("由原受理窗口继续办理").first).to_be_visible()
    visitor.picture("mover")


def answered(page: Page) -> None:
    page.get_by_label("入户日期").fill("2026-09-24")
    choose(page, "investigator_1", "白临街")
    choose(page, "investigator_2", "白复核")
    page.get_by_label("见到的人").select_option(label="贺虚迁")
    page.get_by_label("家庭基本情况").fill("租住一间房，户主患病。")
    page.get_by_label("家庭经济状况").fill("靠打零工。")
    page.get_by_role("button", name="答复", exact=True).click()
