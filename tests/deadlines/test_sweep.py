"""The sweep: every reminder exactly once, whatever runs, stops or is set back."""

import random
from datetime import datetime, timedelta
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from config import clock as house_clock
from config import heartbeats
from config.models import Heartbeat
from config.verbs import TransitionError
from deadlines import counting, tasks, transitions
from deadlines.models import Duty, Reminder, ReminderRule
from deadlines.reminding import Dates, moments
from deadlines.rules import Limit, Rule
from deadlines.transitions import sweep, sweeping

from . import factories

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def made():
    return list(Reminder.objects.values_list("stage", flat=True))


def test_a_date_is_pointed_out_stage_by_stage_and_each_once(clerk, clock):
    """Ten working days from 24 September end on 15 October."""
    factories.open_duty(clerk)
    for moment, stages in {
        "2026-10-11 23:59": [],
        "2026-10-12 00:00": ["amber"],
        "2026-10-14 23:59": ["amber"],
        "2026-10-15 00:00": ["amber", "due_today"],
        "2026-10-15 23:58": ["amber", "due_today"],
        "2026-10-16 00:00": ["amber", "due_today", "overdue"],
        "2026-10-20 00:00": ["amber", "due_today", "overdue", "to_head"],
        "2026-10-22 00:00": ["amber", "due_today", "overdue", "to_head", "to_platform"],
        "2026-12-31 00:00": ["amber", "due_today", "overdue", "to_head", "to_platform"],
    }.items():
        clock.set(at(moment))
        sweep()
        sweep()
        assert made() == stages, moment
    assert {row.made_at for row in Reminder.objects.filter(stage="overdue")} == {at("2026-10-16 00:00")}


def test_after_an_outage_whatever_is_missing_is_made(clerk, clock):
    factories.open_duty(clerk)
    clock.set(at("2026-11-02 09:00"))
    assert sum(sweep().made.values()) == 5


def test_a_clock_set_back_unmakes_nothing_and_makes_nothing_twice(clerk, clock):
    factories.open_duty(clerk)
    clock.set(at("2026-10-19 09:00"))
    sweep()
    before = set(Reminder.objects.values_list("pk", "made_at", "told_at"))
    clock.set(at("2026-10-13 09:00"))
    assert sum(sweep().made.values()) == 0
    clock.set(at("2026-10-19 09:30"))
    sweep()
    assert set(Reminder.objects.values_list("pk", "made_at", "told_at")) == before


def test_a_date_that_moved_is_pointed_out_anew(clerk, approver, clock):
    about = factories.subject()
    factories.open_duty(clerk, about)
    clock.set(at("2026-10-14 09:00"))
    sweep()
    longer = Limit(Rule.WORKING_DAYS, 15)
    transitions.extend(subject=about, kind="decide", limit=longer, reason="异议", by=clerk, approved_by=approver)
    sweep()
    assert made() == ["amber"]
    clock.set(at("2026-10-22 09:00"))
    sweep()
    assert made() == ["amber", "amber", "due_today"]
    assert Reminder.objects.values("due_at").distinct().count() == 2


def test_nothing_is_pointed_out_while_the_clock_stands_or_after_the_end(clerk, clock):
    about, ended = factories.subject(), factories.subject()
    factories.paused(clerk, about)
    factories.closed(clerk, ended)
    clock.set(at("2026-12-01 09:00"))
    sweep()
    assert made() == []
    transitions.resume(subject=about, kind="decide", by=clerk)
    sweep()
    assert made() == []  # ten working days from today


def test_hours_at_night_and_on_rest_days(clerk, clock):
    clock.set(at("2026-10-01 22:30"))
    factories.open_duty(clerk, limit=Limit(Rule.HOURS, 24))
    for moment, count in {
        "2026-10-02 14:29": 0,
        "2026-10-02 14:30": 1,
        "2026-10-02 22:30": 2,
        "2026-10-03 22:30": 3,
        "2026-10-04 22:30": 4,
    }.items():
        clock.set(at(moment))
        sweep()
        assert len(made()) == count, moment
    assert made() == ["amber", "overdue", "to_head", "to_platform"]
    assert Reminder.objects.filter(is_urgent=True).count() == 4


def test_the_figures_in_force_on_the_day_decide(clerk, clock):
    """From 17 October the head hears on the first working day after: of a duty due on the 15th at once, on a rest day too."""
    factories.open_duty(clerk)
    rule = ReminderRule.objects.get(stage="to_head")
    ReminderRule.objects.filter(pk=rule.pk).update(valid_until=at("2026-10-16").date())
    rule.pk, rule.working_days, rule.valid_from = None, 1, at("2026-10-17").date()
    rule.save(force_insert=True)
    for moment, is_told in {"2026-10-16 23:59": False, "2026-10-17 00:00": True}.items():
        clock.set(at(moment))
        sweep()
        assert ("to_head" in made()) is is_told


def random_duties(by, number):
    """Of every kind and length, promises among them, written as rows with the dates of the rules."""
    random.seed(20261126)
    now = house_clock.now()
    calendar = counting.calendar_since(now.date())
    rows = []
    for n in range(number):
        rule = random.choice(list(Rule))
        until = now.date() + timedelta(days=random.randint(0, 60)) if rule == Rule.FIXED_DATE else None
        limit = Limit(rule, None if until else random.randint(1, 3 if rule == Rule.MONTHS else 40), until, random.random() < 0.5)
        duty = Duty(
            unit=by.unit, kind="decide", kind_name="审批", title=f"转办单{n}", subject_label="x.y", subject_id=str(n), rule=limit.rule,
            limit=limit.amount, until=limit.until, shifts=limit.shifts, opened_at=now, opened_by=by, is_promise=random.random() < 0.2,
            starts_at=now - timedelta(hours=random.randint(0, 300)),
        )  # fmt: skip
        counting.apply(duty, calendar)
        rows.append(duty)
    return Duty.objects.bulk_create(rows)


def test_the_statement_and_the_rule_agree(clerk, clock):
    """Over four months, holidays among them, at odd moments: what the sweep has made is what the pure rule says has come."""
    duties = random_duties(clerk, 150)
    expected = {}
    for duty in duties:
        for stage, when in _moments(duty).items():
            expected[str(duty.pk), stage] = when
    moment = house_clock.now()
    while moment < at("2027-01-20 00:00"):
        moment += timedelta(hours=random.choice([5, 19, 43, 131]), minutes=random.randint(0, 59))
        clock.set(moment)
        sweep()
        rows = {(str(duty), stage) for duty, stage in Reminder.objects.values_list("duty_id", "stage")}
        assert rows == {key for key, when in expected.items() if when <= moment}, moment
    assert len(expected) > 400


def _moments(duty):
    rules = {rule.stage: rule for rule in ReminderRule.objects.in_force(house_clock.today())}
    dates = Dates(duty.rule, duty.due_at, duty.amber_at, duty.is_promise)
    return moments(dates, rules, counting.calendar_for(duty))


def test_the_sweep_leaves_its_sign_of_life(db):
    Heartbeat.objects.filter(name="sweep").delete()
    assert heartbeats.silent_since("sweep") == heartbeats.NEVER
    sweep()
    assert heartbeats.silent_since("sweep") is None


def test_beat_a_command_and_cron_do_the_same(clerk, clock, settings, capsys):
    entry = settings.CELERY_BEAT_SCHEDULE["sweep"]
    assert (entry["task"], entry["schedule"]) == ("deadlines.tasks.sweep", 60)
    factories.open_duty(clerk)
    clock.set(at("2026-10-12 09:00"))
    assert tasks.sweep.apply().get() == "新产生提醒：临期提醒1件；告知1件。"
    call_command("sweep")
    assert capsys.readouterr().out == "新产生提醒：无；告知0件。\n"
    call_command("run_due")
    assert "提醒巡检：新产生提醒：无；告知0件。" in capsys.readouterr().out


def test_a_calendar_that_is_being_changed_is_waited_for_till_the_next_minute(clerk, clock, monkeypatch, capsys):
    factories.open_duty(clerk)
    clock.set(at("2026-10-12 09:00"))
    monkeypatch.setattr(sweeping, "hold_calendar", Mock(side_effect=TransitionError("工作日历正在调整，请稍后再试。")))
    assert tasks.sweep.apply().get() == "工作日历正在调整，请稍后再试。"
    with pytest.raises(CommandError, match="正在调整"):
        call_command("sweep")
    assert made() == []
    monkeypatch.undo()
    clock.set(at("2026-10-12 09:01"))
    sweep()
    assert made() == ["amber"]
