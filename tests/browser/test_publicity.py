"""公示 from the sheet that is printed to the result that lets the case go on; on a phone the photo is taken in the village."""

from playwright.sync_api import expect

from referrals import transitions
from referrals.models import Publicity, Referral
from tests.documents.files import picture
from tests.referrals.factories import ReferralFactory, handler_of


def test_clerk_puts_up_a_notice_hears_an_objection_and_ends_it(visitor, clerk, clock):
    # Given a 低保 case in hand at its publicity
    referral = ReferralFactory(program="MZ01", forwarded=True)
    referral = transitions.take(referral_id=referral.pk, by=handler_of(Referral.objects.get(pk=referral.pk).unit))
    # When the clerk looks at the sheet, and registers that it hangs
    page = visitor.sign_in_as(clerk).open("referrals:publicity_preview", pk=referral.pk)
    expect(page.get_by_role("heading", name="社会救助公示")).to_be_visible()
    expect(page.get_by_text(referral.application.applicant.name, exact=True)).to_have_count(0)
    visitor.assert_accessible()
    visitor.picture("publicity-print")
    visitor.open("referrals:publicity_post", pk=referral.pk)
    page.get_by_label("公示地点").fill("虚构一村村务公开栏")
    page.get_by_label("张贴照片").set_input_files({"name": "公示.jpg", "mimeType": "image/jpeg", "buffer": picture(size=(640, 480))})
    visitor.assert_accessible()
    visitor.picture("publicity-post")
    page.get_by_role("button", name="登记公示").click()
    expect(page.get_by_text("公示中，还有7日")).to_be_visible()
    visitor.assert_accessible()
    # And somebody objects
    page.get_by_role("link", name="登记异议").click()
    page.get_by_label("异议内容").fill("家里有一辆货车")
    page.get_by_role("button", name="登记异议").click()
    expect(page.get_by_text("家里有一辆货车")).to_be_visible()
    visitor.picture("publicity-objection")
    # Then it ends with what came of it, when its days are over
    clock.forward(days=8)
    visitor.sign_in_as(clerk).open("referrals:publicity_detail", pk=Publicity.objects.get().pk)
    page.get_by_role("link", name="登记公示结果").click()
    page.get_by_label("异议不成立").check()
    page.get_by_label("核实情况").fill("货车是邻居的，有行驶证。")
    visitor.assert_accessible()
    visitor.picture("publicity-end")
    page.get_by_role("button", name="登记公示结果").click()
    expect(page.get_by_text("已登记结果")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("publicity-detail")
    assert Publicity.objects.get().objection_result == "unfounded"
