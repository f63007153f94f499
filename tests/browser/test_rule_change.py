"""A department raises a limit of its rule and a second person publishes: a running case keeps the old, a new one gets the new."""

from datetime import date

from playwright.sync_api import expect

from config import clock
from deadlines.running import run_next
from households.models import ScreeningRun
from households.screening.gathering import gather
from organization.models import Post
from programs.facts import catalogue_of_facts
from programs.models import ProgramVersion
from programs.screening.evaluation import Outcome, answer
from programs.screening.language import read
from tests.browser import road
from tests.browser.conftest import Visitor
from tests.households.factories import fact
from tests.intake.factories import ApplicationFactory, add, family, member, people


def test_a_department_raises_a_limit(visitor: Visitor, officer: Post, department_approver: Post, clerk: Post):
    # Given a child's application for rehabilitation that is under way
    household = family(children=1)
    child = people(household)[-1]
    running = add(ApplicationFactory(drafted=True, household=household), "CL04", resident=child)
    assert running.version.number == 1
    # When the department drafts the next version and raises the age from the figure (6) to 9
    page = visitor.sign_in_as(officer).open("programs:version_list", code="CL04")
    road.follow(page, "起草新版")
    page.get_by_label("这次要改什么").fill("年龄放宽到9周岁")
    road.press(page, "起草")
    road.follow(page, "筛查条件")
    expect(page.locator('select[name="e.0-how"]')).to_be_visible()
    road.stand(page)
    page.locator('select[name="e.0-how"]').select_option("literal")
    page.locator('input[name="e.0-value"]').fill("9")
    page.get_by_label("改动依据").fill("忠残联发〔2026〕9号")
    visitor.assert_accessible()
    visitor.picture("rule-builder")
    road.press(page, "保存")
    # Then the page says what is otherwise, and that the check found nothing
    expect(page.get_by_text("年龄不超过9周岁").first).to_be_visible()
    expect(page.get_by_text("检查通过")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("rule-draft")
    # And a dry run over the county shows how many now and then
    road.follow(page, "试运行")
    road.press(page, "试运行")
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_text("规则试运行").first).to_be_visible()
    while run_next():  # unless the wake-up has run it already
        pass
    page = visitor.open("households:rule_trial_detail", pk=ScreeningRun.objects.get().pk)
    expect(page.get_by_role("cell", name="全县")).to_be_visible()
    visitor.assert_accessible()
    visitor.picture("rule-trial")
    # And a second person publishes it from today on
    draft = ProgramVersion.objects.get(program_id="CL04", number=2)
    page = visitor.sign_in_as(department_approver).open("programs:draft_publish", pk=draft.pk)
    expect(page.get_by_text("年龄不超过9周岁").first).to_be_visible()
    page.get_by_label("自哪天起执行").fill(f"{clock.today():%Y-%m-%d}")
    visitor.assert_accessible()
    road.press(page, "发布")
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(page.get_by_text("已受理的事项按原版本办理").first).to_be_visible()
    # Then the running case keeps the old, and a new one gets the new
    running.refresh_from_db()
    assert running.version.number == 1
    second = family(members=[member("02"), member("20", birth_on=date(2018, 9, 1))])
    new = add(ApplicationFactory(drafted=True, household=second), "CL04", resident=people(second)[-1])
    assert (new.version.number, new.version.origins["screening_rule"]["origin"]) == (2, "county")
    # And screening asks each by its version's rule: a child of eight is out by the old one and in by the new
    child = people(second)[-1]
    fact(child, "rehabilitation_need", True)
    catalogue = catalogue_of_facts(clock.today())
    situation = gather(second, clock.today(), catalogue).for_department(new.version.program.department_id)
    outcomes = [
        answer(read(item.version.screening_rule, catalogue, beneficiary="resident"), situation, catalogue, person=str(child.pk)).outcome
        for item in (running, new)
    ]
    assert outcomes == [Outcome.INELIGIBLE, Outcome.ELIGIBLE]
