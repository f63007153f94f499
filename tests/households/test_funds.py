"""资金: budgets by two people, and a year's sums against months counted one by one (TZ-36, LY-31)."""

import re
import uuid
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock
from config.dates import add_months
from config.verbs import AlreadyHandled, TransitionError
from deadlines.rules import ONE_DAY
from households.funds import figures, ledgers
from households.models import AssistanceRecord, Budget, RecordChange
from households.transitions import hold_record, resume_record
from households.transitions.funds import confirm_budget, enter_budget, refuse_budget, withdraw_budget
from organization.models import Unit
from programs.models import Program
from spreadsheets.ledgers import Asked
from tests.fragments import without_tokens
from tests.households.factories import HouseholdFactory, ResidentFactory, assistance
from tests.households.payments.conftest import closed
from tests.organization.factories import PostFactory

pytestmark = pytest.mark.django_db
YEAR, TODAY = 2026, date(2026, 9, 24)


def entered(by, program="MZ01", amount="120000", **changed):
    given = {"year": YEAR, "source": "central", "amount": Decimal(amount), "document": "忠财社〔2026〕1号", **changed}
    return enter_budget(program=Program.objects.get(pk=program) if program else None, by=by, **given)


def finance_post():
    return PostFactory(granted=True, unit=Unit.objects.get(kind="department", department__code="CZ"))


def line_of(post, code):
    return next(row for row in figures.lines(post, YEAR, TODAY) if row.code == code)


def test_a_budget_counts_once_a_second_person_confirmed_it(civil_officer, platform_approver):
    row = entered(civil_officer)
    assert not figures.lines(civil_officer, YEAR, TODAY)
    confirm_budget(budget_id=row.pk, by=platform_approver)
    entered(civil_officer, amount="50000")
    line = line_of(civil_officer, "MZ01")
    assert (line.budget, line.central, line.left) == (Decimal(120000), Decimal(120000), Decimal(120000))
    event = Event.objects.get(verb="budget.confirmed")
    assert (event.by, event.new) == (platform_approver.staff, "2026年最低生活保障 中央120000.00元")
    with pytest.raises(AlreadyHandled, match="裁定之"):
        confirm_budget(budget_id=row.pk, by=platform_approver)


def test_who_may(civil_officer, officer, platform, platform_approver, clerk):
    with pytest.raises(PermissionDenied):
        entered(officer)
    with pytest.raises(PermissionDenied):
        entered(platform)
    with pytest.raises(TransitionError, match="年份"):
        entered(civil_officer, year=2036)
    row = entered(civil_officer)
    with pytest.raises(Http404):
        confirm_budget(budget_id=row.pk, by=officer)
    with pytest.raises(PermissionDenied):
        confirm_budget(budget_id=row.pk, by=platform)
    assert Budget.objects.visible_to(finance_post()).get() == row
    assert not Budget.objects.visible_to(clerk).exists()
    assert withdraw_budget(budget_id=row.pk, reason="填错", by=civil_officer).status == "withdrawn"
    assert refuse_budget(budget_id=entered(civil_officer).pk, reason="文号不符", by=platform_approver).status == "refused"


def months_of(record, until):
    """Counted month by month: the independent count."""
    last = min(record.until or until, until)
    holds = list(RecordChange.objects.filter(record=record, kind="hold"))
    found, month = 0, date(YEAR, 1, 1)
    while month <= until:
        end = add_months(month, 1)
        stands = record.since < end and last >= month and (record.until is None or record.until >= record.since)
        held = any(hold.since < end and (hold.until is None or hold.until >= end - ONE_DAY) for hold in holds)
        found += stands and not held
        month = end
    return found


def test_sums_of_a_year_equal_a_count_of_each_month(civil_officer, platform):
    rng, system = Random(7), platform
    for number in range(12):
        since = date(2025 + number % 2, rng.randrange(1, 13), rng.randrange(1, 28))
        until = add_months(since, rng.randrange(0, 14)) if number % 3 == 0 else None
        assistance(ResidentFactory(), "MZ02", amount=rng.randrange(50, 200), since=since, until=until, unit=civil_officer.unit)
    held = assistance(HouseholdFactory(alone=True), "MZ01", amount=600, since=date(2026, 2, 1))
    hold_record(record=held, since=date(2026, 4, 1), reason="未找到", decision_id=uuid.uuid4(), by=system)
    resume_record(record=held, since=date(2026, 7, 1), reason="已找到", decision_id=uuid.uuid4(), by=system)
    lifted = assistance(HouseholdFactory(alone=True), "MZ01", amount=500, since=date(2026, 2, 1))
    for verb in (hold_record, resume_record):  # before it began: every month is paid
        verb(record=lifted, since=date(2026, 8, 1), reason="已配合核查", decision_id=uuid.uuid4(), by=system)
    assert months_of(lifted, date(2026, 9, 30)) == 8
    assistance(HouseholdFactory(alone=True), "MZ04", amount=900, cadence="once", since=date(2026, 3, 5), until=date(2026, 3, 5))
    for code in ("MZ01", "MZ02"):
        records = AssistanceRecord.objects.filter(program=code)
        line = line_of(civil_officer, code)
        assert line.granted == sum(row.amount * months_of(row, date(2026, 12, 31)) for row in records)
        assert line.due == sum(row.amount * months_of(row, date(2026, 9, 30)) for row in records) > 0
        assert line.forecast == line.granted
    once = line_of(civil_officer, "MZ04")
    assert (once.granted, once.due, once.forecast) == (900, 900, 1200)
    total = figures.total_of(figures.lines(platform, YEAR, TODAY), platform)
    assert (
        total.due
        == sum(row.due for row in figures.lines(civil_officer, YEAR, TODAY))
        == sum(row.due for row in figures.lines(finance_post(), YEAR, TODAY))
    )


def test_what_was_due_before_the_first_list_is_spent_too(civil_officer, platform_approver):
    """A house that begins its lists in August has paid seven months without them."""
    assistance(HouseholdFactory(alone=True), amount=600, since=date(2026, 1, 1))
    confirm_budget(budget_id=entered(civil_officer, amount="10000").pk, by=platform_approver)
    row = closed(date(2026, 8, 1))
    line = line_of(civil_officer, "MZ01")
    assert (line.paid, line.unlisted, line.left) == (0, 7 * 600, 10000 - 4200)
    row.lines.update(state="paid", paid_on=date(2026, 8, 9), reported_at=clock.now(), reported_by=civil_officer)
    line = line_of(civil_officer, "MZ01")
    assert (line.paid, line.left, line.due) == (600, 10000 - 4800, 9 * 600)


def test_a_sensitive_program_is_in_its_departments_sums_alone(civil_officer, platform, platform_approver, officer):
    """Whoever may not see its aid reads no sum that holds it: subtracted from what he sees, it would tell whose it is."""
    assistance(HouseholdFactory(alone=True), "MZ01", amount=600, since=date(2026, 1, 1))
    assistance(ResidentFactory(), "MZ09", amount=1277, since=date(2026, 8, 1))
    confirm_budget(budget_id=entered(civil_officer, "MZ09", "15000").pk, by=platform_approver)
    assert line_of(civil_officer, "MZ09").due == 2 * 1277
    for post in (platform, finance_post()):
        rows = figures.lines(post, YEAR, TODAY)
        total = figures.total_of(rows, post)
        assert ([row.code for row in rows], total.due, total.budget) == (["MZ01"], 9 * 600, 0)
        assert total.name == figures.WITHOUT_SENSITIVE
    assert figures.lines(officer, YEAR, TODAY) == []
    [_, papers] = ledgers.parts(Asked(by=platform, given={"year": "2026"}))
    assert [row[2] for row in papers.asked] == ["敏感项目"]


def test_the_page_warns_and_its_file_says_the_same(signed_in, civil_officer, platform_approver):
    assistance(HouseholdFactory(alone=True), "MZ01", amount=600, since=date(2026, 1, 1))
    confirm_budget(budget_id=entered(civil_officer, amount="5000").pk, by=platform_approver)
    page = without_tokens(signed_in(civil_officer).get(reverse("funds:fund_list")))
    assert "预算5,000.00元，预计7,200.00元" in page
    [sheet, _] = ledgers.parts(Asked(by=civil_officer, given={"year": "2026"}))
    assert [sheet.asked[0][place] for place in (1, 2, 7, 8, 9, 10, 11)] == ["最低生活保障", 5000, 7200, 5400, None, -400, 7200]
    assert sheet.asked[0][-1] == "预计超出预算"
    # Where nobody handed in a budget, nothing is left of it: neither there nor in the file, but in the total
    assistance(HouseholdFactory(alone=True), "MZ02", amount=500, since=date(2026, 9, 1))
    page = without_tokens(signed_in(civil_officer).get(reverse("funds:fund_list")))
    [sheet, _] = ledgers.parts(Asked(by=civil_officer, given={"year": "2026"}))
    assert [(row[10], row[12], row[13]) for row in sheet.asked] == [
        (-400, -2200, "预计超出预算"), (None, None, "未填预算"), (-900, -4200, ""),
    ]  # fmt: skip
    lines = re.findall(r'data-label="结余（元）" class="number">([^<]*)<', page)
    assert lines == ["-400.00", "—", "-900.00"]
    assert re.findall(r"(预计超出预算|未填预算|已用\d+%)\s*<", page[page.index("<tbody>") :]) == ["预计超出预算", "未填预算"]


@pytest.mark.parametrize(("asked", "is_told"), [("1999", True), ("明年", True), ("2026", False), ("", False), ("2025", False)])
def test_a_year_that_is_not_kept_is_said(asked, is_told, signed_in, civil_officer):
    page = signed_in(civil_officer).get("/funds/", {"year": asked}).content.decode()
    assert (f"没有“{asked}”年度的资金：可以查看2021年起到明年的，下面是2026年的。" in page) == is_told
    assert f"{asked if asked == '2025' else 2026}年资金" in page[page.index("<title>") : page.index("</title>")]


def test_truths_of_a_budget(civil_officer, platform_approver):
    row = entered(civil_officer)
    answered = {"answered_at": clock.now(), "answered_by": platform_approver, "answered_by_staff": platform_approver.staff}
    for constraint, changed in {
        "budget_is_some_amount": {"amount": 0},
        "budget_names_its_paper": {"document": ""},
        "budget_is_of_a_year": {"year": 2020},
        "answered_budget_says_who_and_when": {"status": "confirmed"},
        "nobody_confirms_a_budget_of_their_own": {"status": "confirmed", **answered, "answered_by_staff": F("entered_by_staff")},
        "budget_not_taken_says_why": {"status": "refused", **answered},
    }.items():
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Budget.objects.filter(pk=row.pk).update(**changed)
