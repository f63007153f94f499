"""标准调整 by its verbs (TZ-36): what each record gets, who may, and that nothing is paid twice."""

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from config.verbs import ConstraintBroken, TransitionError
from deadlines.models import Job
from households.models import Access, AssistanceRecord, Coverage, StandardChange
from households.small_counts import least_shown
from households.standards.page import ChangePage
from households.transitions import adjust_record, hold_record, let_in, resume_record, standard_records, standing_record
from households.transitions.payments import close_list, make_list
from households.transitions.standards import (
    apply_due_standards,
    carry_out_standard,
    confirm_standard,
    decline_standard,
    propose_standard,
    recount_standard,
    resume_standard,
    withdraw_standard,
)
from organization.models import Parameter, Post
from organization.reference import load_parameters
from tests.fragments import without_tokens
from tests.households.factories import HouseholdFactory, ResidentFactory, assistance, fact
from tests.spreadsheets.factories import run

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, BEGUN = date(2026, 9, 1), date(2026, 10, 1), date(2026, 5, 1)
KEY, VALUE = "subsistence_standard", {"urban": 700, "rural": 580}


@pytest.fixture(autouse=True)
def _standards(db):
    load_parameters(by=Post.objects.the_system(), demo=True)


def proposed(by, key=KEY, value=VALUE, month=SEPTEMBER):
    return propose_standard(key=key, value=value, month=month, document="忠民发〔2026〕9号", by=by)


def carried_out(change, by):
    """Confirmed, and its job done."""
    confirm_standard(change_id=change.pk, by=by)
    run()
    return StandardChange.objects.get(pk=change.pk)


def line(change, record):
    return change.lines.get(record=record)


def test_a_family_gets_the_difference_for_each_person(civil_officer, platform_approver):
    family = HouseholdFactory()
    record = assistance(family, amount=600, since=BEGUN)
    change = carried_out(proposed(civil_officer), platform_approver)
    new = line(change, record).successor
    record.refresh_from_db()
    assert (change.status, record.until, record.amount) == ("applied", date(2026, 8, 31), Decimal(600))
    assert (new.amount, new.since, new.until, new.source, new.decision_id) == (Decimal(600 + 3 * 65), SEPTEMBER, None, "standard", None)
    assert Coverage.objects.filter(record=new, since=SEPTEMBER, until=None).count() == 3
    assert not Coverage.objects.filter(record=record, until=None).exists()
    assert Parameter.objects.get(key=KEY, valid_from=SEPTEMBER).value == VALUE
    assert standing_record(record) == new
    event = Event.objects.get(verb="assistance_record.standard_changed")
    assert (event.subject_id, event.household_id, event.old, event.new) == (str(new.pk), family.pk, "600.00元", "795.00元，自2026-09-01")


def test_each_way_of_counting(civil_officer, platform_approver):
    """Flat, by person, by grade known or told by the sum; and each reason why a sum is not guessed."""
    one, two, three, four = (ResidentFactory() for _ in range(4))
    fact(one, "disability_level", "1")
    graded = assistance(one, "MZ03", amount=100, since=BEGUN)
    told_by_sum = assistance(two, "MZ03", amount=90, since=BEGUN)
    other_sum = assistance(three, "MZ03", amount=77, since=BEGUN)
    already = assistance(four, "MZ03", amount=130, since=BEGUN)
    change = proposed(civil_officer, "nursing_subsidy_standard_mz03", {"grade_1": 130, "grade_2": 110})
    assert (line(change, graded).grade, line(change, graded).amount) == ("grade_1", Decimal(130))
    assert (line(change, told_by_sum).grade, line(change, told_by_sum).amount) == ("grade_2", Decimal(110))
    assert line(change, other_sum).problem == "no_grade"
    assert not change.lines.filter(record=already).exists()
    home = HouseholdFactory()
    per_person = assistance(home, "MZ07", amount=827 * 3, since=BEGUN)
    assert line(proposed(civil_officer, "extreme_poverty_support_standard", 900), per_person).amount == Decimal(2700)
    flat = assistance(ResidentFactory(), "MZ02", amount=90, since=BEGUN)
    more = assistance(ResidentFactory(), "MZ02", amount=95, since=BEGUN)
    change = proposed(civil_officer, "living_subsidy_standard_mz02", 120)
    assert (line(change, flat).amount, line(change, more).problem) == (Decimal(120), "other_sum")


def test_what_began_in_the_month_is_put_right_in_place(civil_officer, platform_approver):
    record = assistance(ResidentFactory(), "MZ02", amount=90, since=date(2026, 9, 5))
    over = assistance(ResidentFactory(), "MZ02", amount=90, since=BEGUN, until=date(2026, 8, 31))
    change = carried_out(proposed(civil_officer, "living_subsidy_standard_mz02", 120), platform_approver)
    record.refresh_from_db()
    assert (record.amount, line(change, record).successor, record.until) == (Decimal(120), None, None)
    assert not change.lines.filter(record=over).exists()


def test_a_late_change_reaches_what_has_ended_since(civil_officer, platform_approver):
    record = assistance(ResidentFactory(), "MZ02", amount=90, since=BEGUN, until=date(2026, 8, 31))
    change = carried_out(proposed(civil_officer, "living_subsidy_standard_mz02", 120, date(2026, 7, 1)), platform_approver)
    new = line(change, record).successor
    assert (new.since, new.until, new.amount) == (date(2026, 7, 1), date(2026, 8, 31), Decimal(120))


def test_held_aid_waits_and_is_taken_up_by_a_second_change(civil_officer, platform, platform_approver):
    record = assistance(HouseholdFactory(), amount=600, since=BEGUN)
    paid = assistance(HouseholdFactory(), amount=600, since=BEGUN)
    hold_record(record=record, since=date(2026, 8, 1), reason="查找不到", decision_id=uuid.uuid4(), by=platform)
    first = carried_out(proposed(civil_officer), platform_approver)
    assert (line(first, record).problem, line(first, record).successor) == ("held", None)
    resume_record(record=record, since=SEPTEMBER, reason="已找到", decision_id=uuid.uuid4(), by=platform)
    second = carried_out(proposed(civil_officer), platform_approver)
    assert (line(second, record).successor.amount, second.lines.count()) == (Decimal(795), 1)
    assert AssistanceRecord.objects.filter(household=paid.household).count() == 2


def test_what_was_granted_since_the_standard_was_set_is_told_and_not_topped_up_twice(civil_officer, platform, platform_approver, clock):
    """By the second change, which takes up held aid, a family granted or adjusted since the first has its sum by the new standard."""
    held, other = (assistance(HouseholdFactory(), amount=600, since=BEGUN) for _ in range(2))
    hold_record(record=held, since=date(2026, 8, 1), reason="查找不到", decision_id=uuid.uuid4(), by=platform)
    carried_out(proposed(civil_officer), platform_approver)
    clock.forward(days=1)
    resume_record(record=held, since=SEPTEMBER, reason="已找到", decision_id=uuid.uuid4(), by=platform)
    fresh = assistance(HouseholdFactory(), amount=800, since=date(2026, 9, 20))
    adjusted = adjust_record(
        record=standing_record(other), since=OCTOBER, amount=Decimal(500), reason="收入变化", decision_id=uuid.uuid4(),
        by=platform,
    ).successor  # fmt: skip
    second = proposed(civil_officer)
    assert line(second, held).amount == Decimal(795)
    told = second.lines.filter(problem="granted_after").values_list("record", flat=True)
    assert set(told) == {fresh.pk, adjusted.pk}


def test_a_month_before_a_change_that_was_carried_out_is_refused(civil_officer, platform_approver):
    assistance(HouseholdFactory(), amount=600, since=BEGUN)
    carried_out(proposed(civil_officer), platform_approver)
    with pytest.raises(TransitionError, match="自2026年9月起的调整已经执行"):
        proposed(civil_officer, value={"urban": 690, "rural": 570}, month=date(2026, 7, 1))


def test_a_month_ahead_is_carried_out_on_its_first_day(civil_officer, platform_approver, clock):
    record = assistance(HouseholdFactory(), amount=600, since=BEGUN)
    change = confirm_standard(change_id=proposed(civil_officer, month=OCTOBER).pk, by=platform_approver)
    record.refresh_from_db()
    assert (change.status, record.until, Job.objects.exists()) == ("confirmed", None, False)
    with pytest.raises(TransitionError, match="没有中断的步骤"):
        resume_standard(change_id=change.pk, by=platform_approver)
    assert apply_due_standards(by=Post.objects.the_system()) == 0
    clock.forward(days=8)
    assert (apply_due_standards(by=Post.objects.the_system()), apply_due_standards(by=Post.objects.the_system())) == (1, 0)
    record.refresh_from_db()
    assert (StandardChange.objects.get().status, record.until) == ("applied", date(2026, 9, 30))


def test_who_sees_the_family_goes_on_seeing_it(civil_officer, platform_approver):
    family = HouseholdFactory()
    record = assistance(family, amount=600, since=BEGUN)
    let_in(household=family, unit=civil_officer.unit, reason="roll", subject=record, program=record.program, by=platform_approver)
    change = carried_out(proposed(civil_officer), platform_approver)
    new = line(change, record).successor
    assert Access.objects.about(new).get().closed_at is None
    assert Access.objects.about(record).get().closed_at is not None


def test_it_is_carried_out_once_and_whole(signed_in, civil_officer, platform, platform_approver, monkeypatch):
    """Confirmed twice it is one job; what breaks off leaves no record half changed, says so, and is asked for again."""
    records = [assistance(HouseholdFactory(alone=True), amount=600, since=BEGUN) for _ in range(2)]
    change, client = proposed(civil_officer), signed_in(platform_approver)
    confirm = reverse("standards:change_confirm", args=[change.pk])
    page = without_tokens(client.post(confirm, follow=True))
    assert "已确认，正在执行。" in page
    assert "progress/" in page
    assert client.post(confirm).status_code == 409
    progress = reverse("standards:change_progress", args=[change.pk])
    assert "HX-Refresh" not in client.get(progress).headers
    with monkeypatch.context() as broken:
        broken.setattr(standard_records, "follow_subject", lambda **_: (_ for _ in ()).throw(TransitionError("正在月结")))
        run()
    assert client.get(progress)["HX-Refresh"] == "true"
    page = without_tokens(client.get(change.get_absolute_url()))
    assert "正在月结" in page
    assert "还没有执行，救助记录没有任何变动" in page
    assert AssistanceRecord.objects.filter(until=None).count() == len(records)
    resume = reverse("standards:change_resume", args=[change.pk])
    assert resume in page
    assert resume not in without_tokens(signed_in(platform).get(change.get_absolute_url()))
    client.post(resume)
    with pytest.raises(PermissionDenied):
        resume_standard(change_id=change.pk, by=civil_officer)
    run()
    page = without_tokens(client.get(change.get_absolute_url()))
    assert "已执行" in page
    assert "progress/" not in page
    assert AssistanceRecord.objects.filter(source="standard").count() == len(records)
    assert Job.objects.get(status="done").result == {}  # how many they are stands in the record: of a sensitive program it tells
    assert carry_out_standard(change_id=change.pk, by=platform_approver).applied_by == platform_approver
    assert Event.objects.filter(verb="standard.applied").count() == 1


def test_records_that_changed_since_are_counted_again(civil_officer, platform_approver):
    change = proposed(civil_officer)
    record = assistance(HouseholdFactory(), amount=600, since=BEGUN)
    with pytest.raises(TransitionError, match="重新测算"):
        confirm_standard(change_id=change.pk, by=platform_approver)
    recount_standard(change_id=change.pk, by=civil_officer)
    assert carried_out(change, platform_approver).lines.get().record == record


def test_who_may_and_what_is_refused(civil_officer, officer, platform, platform_approver):
    with pytest.raises(PermissionDenied):
        proposed(officer)
    with pytest.raises(TransitionError, match="相同"):
        proposed(civil_officer, value={"urban": 636, "rural": 515})
    with pytest.raises(TransitionError, match="年份"):
        proposed(civil_officer, month=date(2036, 1, 1))
    change = proposed(platform_approver)
    with pytest.raises(TransitionError, match="不能自己确认"):
        confirm_standard(change_id=change.pk, by=platform_approver)
    with pytest.raises(PermissionDenied):
        confirm_standard(change_id=change.pk, by=civil_officer)
    with pytest.raises(ConstraintBroken):
        proposed(civil_officer)


def test_declined_or_withdrawn_with_its_reason(civil_officer, platform_approver):
    assert decline_standard(change_id=proposed(civil_officer).pk, reason="文号不对", by=platform_approver).status == "declined"
    assert withdraw_standard(change_id=proposed(civil_officer).pk, reason="重新测算", by=civil_officer).status == "withdrawn"
    assert not AssistanceRecord.objects.filter(source="standard").exists()


def test_whoever_declines_it_second_is_told_who_was_first(signed_in, civil_officer, platform_approver):
    change, client = proposed(civil_officer), signed_in(platform_approver)
    decline_standard(change_id=change.pk, reason="文号不对", by=platform_approver)
    late = client.post(reverse("standards:change_decline", args=[change.pk]), {"reason": "县里还没有发文"})
    assert late.status_code == 409
    for shown in (f"{platform_approver.label}已于", "县里还没有发文", f'href="{change.get_absolute_url()}"'):
        assert shown in late.content.decode()


def test_a_late_change_is_made_good_in_the_next_list(civil_officer, civil_approver, platform_approver):
    """August's list is closed; from August the standard is another: September's pays the difference of August too."""
    family = HouseholdFactory()
    assistance(family, amount=600, since=BEGUN)
    august = make_list(program_code="MZ01", month=date(2026, 8, 1), by=civil_officer)
    close_list(list_id=august.pk, by=civil_approver)
    carried_out(proposed(civil_officer, month=date(2026, 8, 1)), platform_approver)
    [paid] = make_list(program_code="MZ01", month=SEPTEMBER, by=civil_officer).lines.all()
    assert (paid.change, paid.reason, paid.amount, paid.former_amount, paid.arrears) == ("more", "标准调整", 795, 600, 195)


def test_the_page_of_a_change(signed_in, civil_officer, platform_approver):
    """Sums over all lines, whoever sees which; the same number of statements for one family or three."""
    for _ in range(3):
        assistance(HouseholdFactory(alone=True), amount=600, since=BEGUN)
    change = proposed(civil_officer)
    client = signed_in(platform_approver)
    client.get(change.get_absolute_url())
    with CaptureQueriesContext(connection) as three:
        page = without_tokens(client.get(change.get_absolute_url()))
    assert "1,995.00" in page
    assert "确认并执行" in page
    assistance(HouseholdFactory(alone=True), amount=500, since=BEGUN)
    recount_standard(change_id=change.pk, by=civil_officer)
    with CaptureQueriesContext(connection) as four:
        client.get(change.get_absolute_url())
    assert len(four) == len(three)
    kept = client.post(
        reverse("standards:change_propose", args=[KEY]), {"value_urban": "", "value_rural": "580", "month": "x", "document": "文"}
    )
    assert kept.status_code == 422
    assert 'value="580"' in without_tokens(kept)


def test_few_of_a_sensitive_program_are_counted_before_its_department_alone(signed_in, civil_officer, platform_approver):
    """How many orphans there are is no secret; that there is one, and what it is given, is somebody's."""
    assistance(ResidentFactory(), "MZ09", amount=1277, since=BEGUN)
    change = proposed(civil_officer, "orphan_standard", {"scattered": 1300, "institution": 1500})
    own, platform = (ChangePage(change, post) for post in (civil_officer, platform_approver))
    assert [(page.sums["computed"], page.sums["former"], page.leaves_out_sensitive) for page in (own, platform)] == [
        (1, 1277, False), (0, 0, True),
    ]  # fmt: skip
    assert "不含敏感项目" in without_tokens(signed_in(platform_approver).get(change.get_absolute_url()))
    for _ in range(least_shown() - 1):
        assistance(ResidentFactory(), "MZ09", amount=1277, since=BEGUN)
    recount_standard(change_id=change.pk, by=civil_officer)
    assert ChangePage(change, platform_approver).sums["computed"] == least_shown()
    odd = assistance(ResidentFactory(), "MZ09", amount=999, since=BEGUN)
    recount_standard(change_id=change.pk, by=civil_officer)
    assert line(change, odd).problem
    assert (ChangePage(change, platform_approver).sums["computed"], ChangePage(change, platform_approver).problems) == (0, [])


def test_the_page_of_a_record_says_so(signed_in, civil_officer, clerk, platform_approver):
    record = assistance(HouseholdFactory(), amount=600, since=BEGUN)
    carried_out(proposed(civil_officer), platform_approver)
    page = without_tokens(signed_in(clerk).get(reverse("referrals:record_detail", args=[record.pk])))
    assert "自2026年9月起795.00元" in page
    assert "标准调整（忠民发〔2026〕9号）" in page
