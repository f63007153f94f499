"""The first road walked whole in pages (issue 3): from somebody at the window to the answer in the household's record."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from households.models import AssistanceRecord
from intake.models import Application
from organization.models import Post
from referrals.models import Referral
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.conftest import Clock
from tests.households import factories

Arrive = Callable[[str], Visitor]


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
    page.get_by_role("link", name="公示").first.click()
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
