"""Duties opened, stopped, lengthened, taken and closed, each with its line in the record."""

from datetime import date, timedelta
from threading import Barrier, Thread
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError
from deadlines import counting, lamps, transitions
from deadlines.models import CalendarYear, Duty, DutyPause
from deadlines.rules import Limit, Rule, due_on, end_of
from tests.cast import member

from . import factories

pytestmark = pytest.mark.django_db
WAITING = {"kind": "decide"}


def verbs_of(duty):
    return list(Event.objects.about(duty).order_by("id").values_list("verb", flat=True))


def test_open_dates_the_duty_from_the_calendar(clerk):
    duty = factories.open_duty(clerk)
    assert due_on(duty.due_at) == date(2026, 10, 15)
    assert (duty.calendar_version, duty.falls_back) == (CalendarYear.objects.version(), False)
    event = Event.objects.about(duty).get()
    assert (event.verb, event.new, event.by_id, event.post_id) == ("duty.opened", "2026-10-15", clerk.staff_id, clerk.pk)


def test_open_counts_a_promise_from_acceptance(clerk):
    duty = factories.open_duty(clerk, starts_at=house_clock.now() - timedelta(days=7))
    assert due_on(duty.due_at) == date(2026, 10, 8)


def test_open_says_when_its_year_has_no_calendar(clerk):
    assert factories.open_duty(clerk, limit=Limit(Rule.WORKING_DAYS, 90)).falls_back


def test_open_in_the_future_is_refused(clerk):
    with pytest.raises(ConstraintBroken) as broken, transaction.atomic():
        factories.open_duty(clerk, starts_at=house_clock.now() + timedelta(minutes=1))
    assert broken.value.name.startswith("clock_starts_no_later")


def test_second_open_of_a_kind_is_already_handled(clerk):
    about = factories.subject()
    factories.open_duty(clerk, about)
    with pytest.raises(AlreadyHandled, match="已经在办"):
        factories.open_duty(clerk, about)
    assert Duty.objects.about(about).count() == 1
    factories.open_duty(clerk, about, kind="feed_back", kind_name="反馈")


def test_a_closed_duty_makes_room_for_the_next(clerk):
    about = factories.subject()
    factories.closed(clerk, about)
    factories.open_duty(clerk, about)
    assert Duty.objects.about(about).count() == 2


def test_a_duty_after_an_outage_may_be_late_when_it_opens(clerk):
    """The sweep opens what an outage missed; the fixed date is gone, and the lamp says so."""
    duty = factories.open_duty(clerk, limit=Limit(Rule.FIXED_DATE, until=date(2026, 9, 5)))
    assert Duty.objects.overdue(house_clock.now()).get() == duty


def test_close_ends_it_on_time(clerk, clock):
    about = factories.subject()
    factories.open_duty(clerk, about)
    clock.forward(days=3)
    duty = transitions.close_duty(subject=about, by=clerk, **WAITING)
    assert (duty.outcome, duty.closed_by, duty.closed_at) == ("done", clerk, house_clock.now())
    assert verbs_of(duty) == ["duty.opened", "duty.closed"]
    assert not Duty.objects.open().about(about).exists()


def test_second_close_says_who_was_first_and_when(clerk, second_clerk):
    about = factories.subject()
    factories.closed(clerk, about)
    with pytest.raises(AlreadyHandled, match=f"{clerk.staff.name}.*2026-09-24 10:00"):
        transitions.close_duty(subject=about, by=second_clerk, **WAITING)


def test_close_of_what_never_was_is_refused(clerk):
    with pytest.raises(TransitionError, match="没有这样的在办事项"):
        transitions.close_duty(subject=factories.subject(), by=clerk, **WAITING)


def test_close_ends_the_pause_and_dates_the_duty(clerk, clock):
    about = factories.subject()
    factories.paused(clerk, about)
    clock.forward(days=40)
    duty = transitions.close_duty(subject=about, by=clerk, **WAITING)
    assert DutyPause.objects.get(duty=duty).ended_at == house_clock.now()
    assert duty.closed_at < duty.due_at
    assert lamps.closed_word(closed_at=duty.closed_at, due_at=duty.due_at, outcome="done", outcome_label="") == "按期办结"


def test_close_all_cancels_every_clock_of_a_subject(clerk):
    about, other = factories.subject(), factories.open_duty(clerk)
    factories.open_duty(clerk, about)
    factories.open_duty(clerk, about, kind="feed_back", kind_name="反馈")
    closed = transitions.close_all(subject=about, by=clerk)
    assert [duty.outcome for duty in closed] == ["cancelled", "cancelled"]
    assert Duty.objects.open().get() == other


def test_pause_takes_the_date_away_and_resume_brings_a_later_one(clerk, clock):
    about = factories.subject()
    duty = factories.paused(clerk, about)
    assert (duty.due_at, duty.amber_at) == (None, None)
    clock.forward(days=4)  # Monday 09-28 10:00
    duty = transitions.resume(subject=about, by=clerk, **WAITING)
    assert due_on(duty.due_at) == date(2026, 10, 15)  # a Friday off and a weekend: nothing was lost
    transitions.pause(subject=about, reason="等待鉴定", by=clerk, **WAITING)
    clock.forward(days=2)
    duty = transitions.resume(subject=about, by=clerk, **WAITING)
    assert due_on(duty.due_at) == date(2026, 10, 19)
    assert verbs_of(duty) == ["duty.opened", "duty.paused", "duty.resumed", "duty.paused", "duty.resumed"]
    assert Event.objects.about(duty).get(verb="duty.paused", note="等待补正").new == "暂停计时"


def test_pause_refuses_what_stands_already_and_what_cannot_stand(clerk):
    about = factories.subject()
    factories.paused(clerk, about)
    with pytest.raises(AlreadyHandled, match="暂停计时"):
        transitions.pause(subject=about, reason="再次", by=clerk, **WAITING)
    fixed = factories.subject()
    factories.open_duty(clerk, fixed, limit=Limit(Rule.FIXED_DATE, until=date(2026, 10, 5)))
    with pytest.raises(TransitionError, match="固定日期"):
        transitions.pause(subject=fixed, reason="补正", by=clerk, **WAITING)


def test_resume_refuses_a_running_clock(clerk):
    about = factories.subject()
    factories.open_duty(clerk, about)
    with pytest.raises(AlreadyHandled, match="没有暂停"):
        transitions.resume(subject=about, by=clerk, **WAITING)


def test_a_pause_does_not_heal_lateness(clerk, clock):
    about = factories.subject()
    due_at = factories.open_duty(clerk, about).due_at
    clock.set(due_at)
    duty = transitions.pause(subject=about, reason="补正", by=clerk, **WAITING)
    assert duty.due_at == due_at
    assert Duty.objects.overdue(house_clock.now()).get() == duty


def test_extend_gives_a_longer_whole_limit(clerk, approver):
    """30 working days to 45 in all, for a named cause (C-01)."""
    about = factories.subject()
    factories.open_duty(clerk, about, limit=Limit(Rule.WORKING_DAYS, 30))
    longer = Limit(Rule.WORKING_DAYS, 45)
    duty = transitions.extend(subject=about, limit=longer, reason="公示有异议", by=clerk, approved_by=approver, **WAITING)
    assert duty.due_at == factories.open_duty(clerk, limit=longer).due_at
    assert counting.limit_of(duty) == longer
    assert duty.original_limit == Limit(Rule.WORKING_DAYS, 30)
    assert "原时限30个工作日，已延至45个工作日。" in counting.explain(duty).notes


@pytest.mark.parametrize("limit", [Limit(Rule.WORKING_DAYS, 10), Limit(Rule.WORKING_DAYS, 9), Limit(Rule.CALENDAR_DAYS, 60)])
def test_extend_refuses_what_is_no_longer_limit(clerk, limit):
    about = factories.subject()
    factories.open_duty(clerk, about)
    with pytest.raises(TransitionError, match="必须长于"):
        transitions.extend(subject=about, limit=limit, reason="人户分离", by=clerk, **WAITING)


def test_extend_refuses_what_is_late_and_who_approves_himself(clerk, clock):
    about = factories.subject()
    duty = factories.open_duty(clerk, about)
    longer = Limit(Rule.WORKING_DAYS, 20)
    with pytest.raises(TransitionError, match="不能是同一人"):
        transitions.extend(subject=about, limit=longer, reason="人户分离", by=clerk, approved_by=clerk, **WAITING)
    clock.set(duty.due_at)
    with pytest.raises(TransitionError, match="时限已过"):
        transitions.extend(subject=about, limit=longer, reason="人户分离", by=clerk, **WAITING)


def test_extend_moves_a_fixed_date(clerk):
    about = factories.subject()
    factories.open_duty(clerk, about, limit=Limit(Rule.FIXED_DATE, until=date(2026, 10, 5)))
    later = Limit(Rule.FIXED_DATE, until=date(2026, 10, 9))
    assert transitions.extend(subject=about, limit=later, reason="系统故障", by=clerk, **WAITING).due_at == end_of(date(2026, 10, 9))


def test_take_and_put_back(clerk, second_clerk):
    duty = transitions.take(duty_id=factories.open_duty(clerk).pk, by=clerk)
    assert (duty.taken_by, duty.taken_at) == (clerk, house_clock.now())
    with pytest.raises(AlreadyHandled, match=f"{clerk.staff.name}.*领办"):
        transitions.take(duty_id=duty.pk, by=second_clerk)
    transitions.put_back(duty_id=duty.pk, by=second_clerk)
    assert transitions.take(duty_id=duty.pk, by=second_clerk).taken_by == second_clerk
    assert verbs_of(duty) == ["duty.opened", "duty.taken", "duty.put_back", "duty.taken"]


def test_put_back_of_what_nobody_took_is_already_handled(clerk):
    with pytest.raises(AlreadyHandled, match="没有人领办"):
        transitions.put_back(duty_id=factories.open_duty(clerk).pk, by=clerk)


def test_take_is_for_the_unit_alone(clerk, neighbour_clerk, platform, system_administrator):
    duty = factories.open_duty(clerk)
    for outside in (neighbour_clerk, system_administrator):
        with pytest.raises(Http404):
            transitions.take(duty_id=duty.pk, by=outside)
    with pytest.raises(PermissionDenied):
        transitions.take(duty_id=duty.pk, by=platform)


def test_take_of_what_is_closed_is_already_handled(clerk):
    with pytest.raises(AlreadyHandled, match="办结"):
        transitions.take(duty_id=factories.closed(clerk).pk, by=clerk)


@pytest.mark.parametrize("verb", ["close_duty", "pause", "extend", "open_duty"])
def test_without_its_event_nothing_changes(clerk, verb):
    """Atomic: the event is made to fail, and no row has moved (STYLE habit 4)."""
    about, other = factories.subject(), factories.subject()
    before = factories.open_duty(clerk, about)
    given = {
        "close_duty": {},
        "pause": {"reason": "补正"},
        "extend": {"limit": Limit(Rule.WORKING_DAYS, 20), "reason": "异议"},
        "open_duty": {"kind_name": "审批", "unit": clerk.unit, "title": "新", "limit": factories.TEN_DAYS},
    }[verb]
    with patch("deadlines.transitions.duties.record", side_effect=RuntimeError("no ink")), pytest.raises(RuntimeError, match="no ink"):
        getattr(transitions, verb)(subject=other if verb == "open_duty" else about, by=clerk, **WAITING, **given)
    assert Duty.objects.values().get() == {field: getattr(before, field) for field in Duty.objects.values().get()}
    assert not DutyPause.objects.exists()
    assert verbs_of(before) == ["duty.opened"]


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_take_at_once_one_wins(clerk):
    duty = factories.open_duty(clerk)
    barrier, answers = Barrier(8), []

    def race() -> None:
        barrier.wait()
        try:
            transitions.take(duty_id=duty.pk, by=member("clerk"))
            answers.append("taken")
        except AlreadyHandled:
            answers.append("late")
        finally:
            connection.close()

    _run([Thread(target=race) for _ in range(8)])
    assert sorted(answers) == ["late"] * 7 + ["taken"]
    assert verbs_of(duty) == ["duty.opened", "duty.taken"]


@pytest.mark.django_db(transaction=True)
def test_of_six_who_open_at_once_one_wins(clerk):
    about = factories.subject()
    barrier, answers = Barrier(6), []

    def race() -> None:
        barrier.wait()
        try:
            factories.open_duty(clerk, about)
            answers.append("opened")
        except AlreadyHandled:
            answers.append("late")
        finally:
            connection.close()

    _run([Thread(target=race) for _ in range(6)])
    assert sorted(answers) == ["late"] * 5 + ["opened"]


def _run(threads) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
