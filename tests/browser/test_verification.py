"""The 入户调查表 from the list of work to the conclusion that every unit recognises."""

from playwright.sync_api import expect

from households.transitions import let_in
from tests.browser.conftest import choose
from tests.verification import factories
from verification.models import Verification


def test_clerk_verifies_a_family_and_a_department_reads_the_conclusion(walker, arrive, clerk, civil_officer):
    # Given a verification that acceptance opened
    row = factories.pending()
    # When the clerk starts it from the list
    page = walker.sign_in_as(clerk).open("verification:verification_list")
    walker.assert_accessible()
    walker.picture("verification-list")
    page.get_by_role("link", name=row.number).click()
    page.get_by_role("link", name="启动核查").click()
    walker.picture("verification-start")
    page.get_by_label("入户调查").check()
    page.get_by_role("button", name="启动核查").click()
    expect(page.get_by_text("核查已启动")).to_be_visible()
    walker.assert_accessible()
    # And saves what is known so far
    page.get_by_label("家庭基本情况").fill("三口人，住砖房两间，户主因病不能劳动，妻子照料，一子上小学。")
    page.get_by_role("button", name="暂存").click()
    expect(page.get_by_text("已暂存，还没有完成")).to_be_visible()
    # And tries to finish without having met anybody
    _fill(page, row)
    _finish(page)
    expect(page.get_by_text("入户没有见到人，核查不能完成").first).to_be_visible()
    walker.assert_accessible()
    walker.picture("verification-refused")
    # And finishes when somebody was met
    page.get_by_label("见到的人").select_option(label="张小明")
    _finish(page)
    # Then it is done and valid
    expect(page.get_by_text("核查已完成")).to_be_visible()
    expect(page.get_by_text("2027-03-24").first).to_be_visible()
    walker.assert_accessible()
    walker.picture("verification-detail")
    # And a department that was given the household reads the conclusion and nothing of the family
    let_in(household=row.household, unit=civil_officer.unit, reason="referral", subject=row, by=clerk)
    other = arrive(walker.width).sign_in_as(civil_officer)
    page = other.open("verification:verification_detail", pk=row.pk)
    expect(page.get_by_text("家庭收入和财产符合申报。")).to_be_visible()
    expect(page.get_by_text("砖房")).to_have_count(0)
    other.assert_accessible()
    other.picture("verification-department")
    assert Verification.objects.get().status == "done"


def _fill(page, row: Verification) -> None:
    for number, name in ((1, "甘晓窗"), (2, "甘雨村")):
        choose(page, f"investigator_{number}", name)
    page.get_by_label("入户日期").fill("2026-09-24")
    page.get_by_label("家庭经济状况").fill("务农收入每月约1200元，无存款，无机动车。")
    page.get_by_label("家庭人均月收入").fill("400")
    page.get_by_label("财产符合规定").select_option("yes")
    page.get_by_label("与申报一致").check()
    page.get_by_label("核查结论").fill("家庭收入和财产符合申报。")
    page.get_by_label("对策建议").fill("建议纳入保障，并关注户主就医。")


def _finish(page) -> None:
    page.get_by_role("button", name="完成核查").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
