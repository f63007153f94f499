"""A whole roll with another sum, where a decision holds the aid or is about to change it: the decision stands, and the roll waits."""

from datetime import date
from decimal import Decimal

import pytest

from config.verbs import TransitionError
from deadlines.models import Duty
from households.models import AssistanceRecord, RecordChange
from households.transitions import standing_record
from households.transitions.payments import make_list
from households.transitions.standards import confirm_standard, propose_standard
from organization.models import Post
from organization.reference import load_parameters
from referrals import transitions
from referrals.tasks import open_due_reviews
from spreadsheets.preview import MARKS
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory
from tests.households.test_rolls import Roll, row
from tests.referrals.changing import decided, opened
from tests.spreadsheets.factories import run

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
ROLL_DAY = date(2026, 10, 5)


@pytest.fixture
def head(db):
    return factories.head_of(HouseholdFactory())


@pytest.fixture
def record(head):
    """Of a roll, since May."""
    Roll("MZ01", row(head, amount="600.00", since="2026-05-01"), as_of=date(2026, 9, 20)).apply()
    return AssistanceRecord.objects.get()


def october(head, clock, amount="650.00"):
    clock.forward(days=12)
    return Roll("MZ01", row(head, amount=amount), as_of=ROLL_DAY)


def stretches():
    return [(row.since, row.until, row.amount) for row in AssistanceRecord.objects.order_by("since")]


@pytest.mark.parametrize("month", [SEPTEMBER, OCTOBER])
def test_a_stop_that_is_on_its_way_stops_all_of_it(record, head, clock, month):
    stop = opened("stop", record, from_month=month)
    roll = october(head, clock)
    assert [(each.outcome, each.marks, each.before) for each in roll.rows] == [("same", ["changing"], {})]
    assert ("金额不同，正在办理变更（不改，办结后下期名册再改）", 1) in roll.compared.remarks
    roll.apply()
    assert stretches() == [(date(2026, 5, 1), None, Decimal(600))]
    decided(stop)
    assert stretches() == [(date(2026, 5, 1), date(2026, 8, 31) if month == SEPTEMBER else date(2026, 9, 30), Decimal(600))]


def test_who_leaves_is_out_of_it_for_good(record, head, clock):
    wife = head.memberships.get().household.memberships.get(relation="10").resident
    adjust = opened("adjust", record, leaver=wife, from_month=SEPTEMBER, amount=Decimal(1200))
    october(head, clock, "1810.00").apply()
    decided(adjust, amount=Decimal(1200))
    assert stretches() == [(date(2026, 5, 1), date(2026, 8, 31), Decimal(600)), (SEPTEMBER, None, Decimal(1200))]
    assert AssistanceRecord.objects.get(since=SEPTEMBER).coverage.filter(until=None).count() == 2


def test_what_is_on_hold_is_not_paid_by_another_sum_and_is_resumed(record, head, clock, civil_officer):
    decided(opened("hold", record))
    roll = october(head, clock)
    assert [(each.outcome, each.marks) for each in roll.rows] == [("same", ["held"])]
    assert ("金额不同，正在暂缓（不改，恢复后下期名册再改）", 1) in roll.compared.remarks
    roll.apply()
    listed = make_list(program_code="MZ01", month=OCTOBER, by=civil_officer)
    assert [(line.change, line.payable) for line in listed.lines.all()] == [("held", Decimal(0))]
    decided(opened("resume", record, from_month=NOVEMBER))
    assert RecordChange.objects.get(kind="hold").until == date(2026, 10, 31)
    assert Roll("MZ01", row(head, amount="650.00"), as_of=date(2026, 10, 20)).outcomes == ["same"], "October is still held"
    assert Roll("MZ01", row(head, amount="650.00"), as_of=date(2026, 11, 5)).outcomes == ["changed"]


def test_what_was_decided_the_next_roll_changes(record, head, clock):
    stop = opened("stop", record)
    assert october(head, clock).outcomes == ["same"]
    decided(stop, outcome="refused")
    assert october(head, clock).outcomes == ["changed"]


def test_both_are_said_of_one_that_is_held_and_about_to_be_stopped(record, head, clock):
    decided(opened("hold", record))
    opened("stop", record)
    [only] = october(head, clock).rows
    assert sorted(only.marks) == ["changing", "held"]
    assert set(only.marks) <= set(MARKS)


def test_a_change_that_came_between_brings_the_roll_back_to_its_preview(record, head, clock):
    roll = october(head, clock)
    assert roll.outcomes == ["changed"]
    opened("stop", record)
    with pytest.raises(TransitionError, match="比对之后有1行"):
        roll.apply()
    assert stretches() == [(date(2026, 5, 1), None, Decimal(600))]


def test_the_record_that_a_roll_put_in_its_place_is_found(record, head, clock):
    """With its review, on the same day: no second one is opened, and the page leads to what goes on."""
    open_due_reviews()
    review = Duty.objects.open().about(record, "review").get()
    october(head, clock).apply()
    new = AssistanceRecord.objects.get(since=OCTOBER)
    assert (new.former, standing_record(record), standing_record(new)) == (record, new, new)
    assert open_due_reviews() == 0
    [duty] = Duty.objects.open().filter(kind="review")
    assert (duty.pk, duty.due_at, duty.subject_id, duty.url) == (review.pk, review.due_at, str(new.pk), f"/records/{new.pk}/")
    transitions.review(record_id=new.pk, note="入户核实，没有变化。", by=cast.member("clerk"))


def test_a_record_that_follows_two_ways_is_followed_to_the_later(record, head, clock, civil_officer, platform_approver):
    """A standard of August, carried out after the roll of October, cuts once more what the roll had ended."""
    load_parameters(by=Post.objects.the_system(), demo=True)
    october(head, clock).apply()
    change = propose_standard(
        key="subsistence_standard", value={"urban": 700, "rural": 580}, month=date(2026, 8, 1), document="忠民发〔2026〕9号",
        by=civil_officer,
    )  # fmt: skip
    confirm_standard(change_id=change.pk, by=platform_approver)
    run()
    assert AssistanceRecord.objects.filter(since=date(2026, 8, 1)).exists()
    assert standing_record(record).since == OCTOBER
