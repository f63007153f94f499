"""明天会超期: the arithmetic, that the statement says the same, and who reads what."""

import random
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from config import clock as house_clock
from deadlines.models import Duty
from deadlines.transitions import close_duty
from monitoring import forecast, forecast_rules
from programs.models import Program
from referrals.models import Referral
from referrals.names import forget
from tests.referrals.factories import ReferralFactory

DAYS = st.integers(1, 40)


@given(st.integers(0, 2**32), st.integers(1, 200), DAYS)
def test_a_faster_unit_is_late_with_no_more(seed, closed, days):
    chance = random.Random(seed)  # noqa: S311
    left = sorted(chance.randrange(60) for _ in range(chance.randrange(40)))
    late = set(forecast_rules.late_places(left, closed=closed, days=days))
    assert late >= set(forecast_rules.late_places(left, closed=closed + 1, days=days))
    assert late >= set(forecast_rules.late_places([more + 1 for more in left], closed=closed, days=days))


@given(st.integers(1, 500), st.integers(1, 200), DAYS)
def test_as_many_as_the_speed_says_are_done_by_each_day(place, closed, days):
    number = forecast_rules.day_number(place, closed=closed, days=days)
    assert (number - 1) * closed < place * days <= number * closed


@given(st.integers(1, 500), DAYS, st.integers(0, 60))
def test_nothing_is_foretold_of_a_unit_without_history(place, days, left):
    assert forecast_rules.day_number(place, closed=0, days=days) is None
    assert forecast_rules.will_be_late(place, closed=0, days=days, workdays_left=left) is None
    assert "无法推算" in forecast_rules.speed_text(0, days)


@pytest.fixture
def queue(db, officer):
    """Three referrals at one department, one of them done: one in twenty working days."""
    rows = [ReferralFactory(program="CL01", in_hand=True) for _ in range(3)]
    close_duty(subject=rows[0], kind="stage", by=officer)
    return rows


def test_the_statement_says_what_the_rules_say(queue, officer, clock):
    clock.forward(days=1)
    now = house_clock.now()
    found = {row.subject_id: row for row in forecast.read(None, now, 20)}
    waiting = list(Duty.objects.open().filter(kind="stage", subject_id__in=[str(row.pk) for row in queue]).order_by("due_at", "id"))
    stages = [row for row in forecast.read([officer.unit_id], now, 20) if row.kind == "stage"]
    yesterday, calendar = now.date() - timedelta(days=1), forecast.calendar_since(now.date())
    left = [calendar.workdays_between(yesterday, forecast.due_on(duty.due_at)) for duty in waiting]
    late = forecast_rules.late_places(left, closed=1, days=20)
    assert [row.place for row in stages] == late == [1, 2][-len(late) :]
    assert {row.subject_id for row in stages} <= set(found)
    assert all(row.closed == 1 and row.length == 2 and row.late == len(stages) for row in stages)


def test_a_queue_counts_what_the_list_leaves_out(queue, officer, clock, monkeypatch):
    clock.forward(days=1)
    whole = forecast.forecast(officer, house_clock.now())
    monkeypatch.setattr(forecast, "MOST", 1)
    cut = forecast.forecast(officer, house_clock.now())
    assert (len(cut.lines), cut.total) == (1, whole.total)
    assert {(each.step, each.late) for each in cut.queues} <= {(each.step, each.late) for each in whole.queues}


def test_whoever_watches_is_not_told_where_a_sensitive_program_waits(queue, officer, platform, clock):
    Program.objects.filter(pk="CL01").update(is_sensitive=True)
    forget()
    clock.forward(days=1)
    watched, own = (forecast.forecast(post, house_clock.now()) for post in (platform, officer))
    assert {(line.program, line.step, line.unit) for line in watched.lines} == {("敏感项目", "办理", "—")}
    assert watched.queues == []
    assert {line.why for line in watched.lines} == {"按承办单位现在的速度推算"}  # not which place of how many
    assert {queue.unit for queue in own.queues} == {officer.unit.short_name}


def kept_of(queue, count=1):
    """More of the same queue, each a little earlier, of a program that is kept back from whoever watches."""
    rows = [ReferralFactory(program="CL01", in_hand=True) for _ in range(count)]
    first = Duty.objects.open().about(queue[1], "stage").get().due_at
    for at, referral in enumerate(rows, 1):
        Duty.objects.filter(subject_id=str(referral.pk), kind="stage").update(topic_code="MZ09", due_at=first - timedelta(minutes=at))
    return rows


def test_what_is_said_of_a_queue_is_of_its_named_matters_alone(queue, officer, platform, clock):
    """A place that nobody holds, one more late than are listed, or one more in the queue would be the one without a unit."""
    [other] = kept_of(queue)
    clock.forward(days=1)
    watched, own = (forecast.forecast(post, house_clock.now()) for post in (platform, officer))
    step = Duty.objects.open().about(other, "stage").get().kind_name
    named = [line for line in watched.lines if line.program != "敏感项目" and line.step == step]
    [seen], [whole] = ([row for row in found.queues if row.step == step] for found in (watched, own))
    assert [line.why for line in named] == ["排在第1件（共2件）", "排在第2件（共2件）"]
    assert (seen.length, seen.late, whole.length, whole.late) == (2, 2, 3, 3)
    [kept] = [line for line in watched.lines if line.number == other.number]
    assert (kept.unit, kept.step, kept.due, kept.expected, kept.why) == ("—", "办理", "—", "—", "按承办单位现在的速度推算")
    assert "排在第1件（共3件）" in {line.why for line in own.lines}


def test_of_which_the_day_is_withheld_is_not_cut_by_its_day(queue, platform, clock, monkeypatch):
    """What is listed of them, and what is not yet, would say between which days each lies: they are cut by key, and apart."""
    kept = kept_of(queue, 3)
    clock.forward(days=1)
    whole = [line.key for line in forecast.forecast(platform, house_clock.now()).lines if line.program == "敏感项目"]
    assert whole == sorted(str(row.pk) for row in kept)
    monkeypatch.setattr(forecast, "MOST", 1)
    cut = forecast.forecast(platform, house_clock.now())
    assert [line.key for line in cut.lines if line.program == "敏感项目"] == whole[:1]
    assert (len(cut.lines), cut.total, cut.hidden) == (2, 5, 3)


def test_pages_of_the_platform_and_of_the_own_unit(queue, platform, department_approver, neighbour_department_approver, signed_in):
    page = signed_in(platform).get(reverse("monitoring:forecast")).content.decode()
    number = Referral.objects.get(pk=queue[2].pk).number
    assert number in page
    assert "近20个工作日办结1件，平均每个工作日0.1件" in page
    assert "催办勾选的" in page
    own = signed_in(department_approver).get(reverse("monitoring:forecast")).content.decode()
    assert number in own
    assert "催办勾选的" not in own
    assert number not in signed_in(neighbour_department_approver).get(reverse("monitoring:forecast")).content.decode()


def test_without_history_what_is_due_tomorrow_is_listed(db, officer, clock):
    referral = ReferralFactory(program="CL01", in_hand=True)
    now = house_clock.now()
    assert not [row for row in forecast.read([officer.unit_id], now, 20) if row.kind == "stage"]
    due = Duty.objects.open().about(referral, "stage").get().due_at
    clock.set(due - timedelta(hours=20))
    [line] = forecast.forecast(officer, house_clock.now()).lines
    assert (line.number, line.expected) == (referral.number, "")
    assert "无法推算" in line.why


def test_a_fixed_number_of_statements(queue, platform, assert_queries):
    forecast.forecast(platform, house_clock.now())
    with assert_queries(9):
        forecast.forecast(platform, house_clock.now())
