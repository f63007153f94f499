"""Two more roads in pages: with 残联 between township and county, and from the window to the county on the day."""

from playwright.sync_api import expect

from organization.models import Post
from referrals import transitions
from referrals.models import Referral
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.referrals.factories import ReferralFactory, accepted


def test_co_review_between_township_and_county(
    visitor: Visitor, approver: Post, officer: Post, department_approver: Post, civil_officer: Post
):
    # Given a subsidy for the disabled that the township has reviewed
    referral = ReferralFactory(program="MZ02", proposed=True)
    transitions.forward(referral_id=referral.pk, opinion="情况属实。", by=approver)
    # When 残联 signs for it, proposes and sends it on
    page = road.open_from_inbox(visitor.sign_in_as(officer), referral)
    road.take(page)
    road.propose(page)
    page = visitor.sign_in_as(department_approver).open("referrals:referral_detail", pk=referral.pk)
    visitor.assert_accessible()
    road.forward(page, "残疾类别和等级属实。")
    # Then the county reads 残联's opinion before it decides
    page = road.open_from_inbox(visitor.sign_in_as(civil_officer), referral)
    expect(page.get_by_text("残疾类别和等级属实。").first).to_be_visible()
    assert Referral.objects.get().stage.act == "decide"


def test_from_the_window_to_the_county_on_the_day(visitor: Visitor, clerk: Post, officer: Post):
    # Given an accepted application that waits for no verification and one item whose program is closed now
    application = accepted([("CL03", "ordinary"), ("TX02", "ordinary")])
    # When the window sends it on
    page = visitor.sign_in_as(clerk).open("referrals:case_detail", pk=application.pk)
    page.get_by_role("button", name="转给承办单位").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    # Then one is at the county's desk today, and the other shows its opening day
    expect(page.get_by_text("2027-08-01开放时自动派单").first).to_be_visible()
    expect(page.get_by_text("待开放").first).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("case-waiting")
    page = road.open_from_inbox(visitor.sign_in_as(officer), Referral.objects.get())
    road.take(page)
    expect(page.get_by_text("已承办").or_(page.get_by_text("办理中")).first).to_be_visible()
