"""Every truth of the tables, broken once."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from config import clock as house_clock
from deadlines import transitions
from deadlines.models import Duty, DutyExtension, DutyPause, Job, Notice, OutboxMessage, PeriodRun, Reminder, ReminderRule
from deadlines.rules import Limit, Rule

from . import factories

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def refuses(constraint):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("closed_duty_has_closer_outcome_and_date", {"closed_at": F("opened_at")}),
        ("closed_duty_has_closer_outcome_and_date", {"outcome": "done"}),
        ("closed_duty_has_closer_outcome_and_date", {"closed_by": F("opened_by")}),
        ("closed_duty_has_closer_outcome_and_date", {"closed_at": F("opened_at"), "closed_by": F("opened_by")}),
        (
            "closed_duty_has_closer_outcome_and_date",
            {"closed_at": F("opened_at"), "closed_by": F("opened_by"), "outcome": "done", "due_at": None, "amber_at": None},
        ),
        ("taken_duty_has_its_taker", {"taken_at": F("opened_at")}),
        ("taken_duty_has_its_taker", {"taken_by": F("opened_by")}),
        ("duty_rule_has_its_limit", {"limit": None}),
        ("duty_rule_has_its_limit", {"until": date(2026, 10, 5)}),
        ("duty_rule_has_its_limit", {"rule": "fixed_date"}),
        ("duty_rule_is_known", {"rule": "moons"}),
        ("amber_comes_with_due_and_not_after_it", {"due_at": None}),
        ("amber_comes_with_due_and_not_after_it", {"amber_at": None}),
        ("amber_comes_with_due_and_not_after_it", {"amber_at": F("due_at") + HOUR}),
        ("clock_starts_no_later_than_the_duty_opens", {"starts_at": F("opened_at") + HOUR}),
        (
            "duty_closes_after_it_opens",
            {"closed_at": F("opened_at") - HOUR, "closed_by": F("opened_by"), "outcome": "done"},
        ),
    ],
)
def test_duty(clerk, constraint, changed):
    duty = factories.open_duty(clerk)
    with refuses(constraint), transaction.atomic():
        Duty.objects.filter(pk=duty.pk).update(**changed)


def test_fixed_date_never_stands(clerk):
    duty = factories.open_duty(clerk, limit=Limit(Rule.FIXED_DATE, until=date(2026, 10, 5)))
    with refuses("fixed_date_never_stands"), transaction.atomic():
        Duty.objects.filter(pk=duty.pk).update(due_at=None, amber_at=None)


def test_one_open_duty_per_subject_and_kind(clerk):
    first, second = factories.open_duty(clerk), factories.open_duty(clerk)
    with refuses("one_open_duty_per_subject_and_kind"), transaction.atomic():
        Duty.objects.filter(pk=second.pk).update(subject_id=first.subject_id)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("pause_has_its_reason", {"reason": ""}),
        ("ended_pause_has_its_ender", {"ended_at": F("began_at") + HOUR}),
        ("ended_pause_has_its_ender", {"ended_by": F("began_by")}),
        ("pause_ends_after_it_begins", {"ended_at": F("began_at") - HOUR, "ended_by": F("began_by")}),
    ],
)
def test_pause(clerk, constraint, changed):
    factories.paused(clerk)
    with refuses(constraint), transaction.atomic():
        DutyPause.objects.update(**changed)


@pytest.mark.parametrize("ended", [None, HOUR])
def test_pauses_of_a_duty_do_not_overlap(clerk, ended):
    """Neither two that stand, nor one that begins before the other has ended."""
    duty = factories.paused(clerk)
    began = house_clock.now() - HOUR / 2
    end = {"ended_at": began + ended, "ended_by": clerk} if ended else {}
    with refuses("pauses_of_a_duty_do_not_overlap"), transaction.atomic():
        DutyPause.objects.create(duty=duty, reason="补正", began_at=began, began_by=clerk, **end)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("extension_has_its_reason", {"reason": ""}),
        ("extension_has_limit_or_date", {"limit": None}),
        ("extension_has_limit_or_date", {"until": date(2026, 12, 1)}),
        ("approval_of_an_extension_names_post_and_person", {"approved_by_staff": None}),
        ("nobody_approves_an_extension_of_their_own", {"approved_by_staff": F("extended_by_staff")}),
    ],
)
def test_extension(clerk, approver, constraint, changed):
    about = factories.subject()
    factories.open_duty(clerk, about)
    longer = Limit(Rule.WORKING_DAYS, 20)
    transitions.extend(subject=about, kind="decide", limit=longer, reason="异议", by=clerk, approved_by=approver)
    with refuses(constraint), transaction.atomic():
        DutyExtension.objects.update(**changed)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("notice_goes_to_a_unit_or_a_person", {"unit": None}),
        ("notice_goes_to_a_unit_or_a_person", {"staff": 1}),
        ("read_notice_was_delivered_and_has_its_reader", {"read_at": F("created_at")}),
        ("read_notice_was_delivered_and_has_its_reader", {"read_at": F("created_at"), "read_by": 1}),
    ],
)
def test_notice(clerk, constraint, changed):
    given = {"staff": clerk.staff, "read_by": clerk}
    transitions.announce("x.said", factories.subject(), to=clerk.unit, title="通知")
    with refuses(constraint), transaction.atomic():
        Notice.objects.update(**{name: given.get(name, value) if value else None for name, value in changed.items()})


def test_message_is_not_both_delivered_and_parked(clerk):
    transitions.announce("x.said", factories.subject(), to=clerk.unit, title="通知")
    transitions.drain()
    with refuses("message_is_not_both_delivered_and_parked"), transaction.atomic():
        OutboxMessage.objects.update(parked_at=house_clock.now())


def test_message_key_is_unique(clerk):
    for key in ("a", "b"):
        transitions.announce("x.said", factories.subject(), to=clerk.unit, title="通知", dedupe=key)
    with pytest.raises(IntegrityError, match="dedupe_key"), transaction.atomic():
        OutboxMessage.objects.update(dedupe_key="one")


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("ended_job_has_its_moment", {"finished_at": F("asked_at")}),
        ("ended_job_has_its_moment", {"status": "done"}),
        ("ended_job_has_its_moment", {"status": "asleep"}),
        ("running_job_has_its_lease_and_no_other_has", {"status": "running"}),
        ("running_job_has_its_lease_and_no_other_has", {"leased_until": F("asked_at")}),
        ("running_job_has_its_lease_and_no_other_has", {"backend_pid": 1}),
        ("failed_job_says_why", {"error": "没有办成"}),
        ("failed_job_says_why", {"status": "failed", "finished_at": F("asked_at")}),
        ("cancelling_of_a_job_has_its_asker", {"cancel_asked_at": F("asked_at")}),
        ("cancelled_job_was_asked_to_stop", {"status": "cancelled", "finished_at": F("asked_at")}),
        ("job_is_done_within_its_total", {"done": 2, "total": 1}),
        ("one_open_job_per_kind_arguments_and_asker", {"arguments": {"before": "2026-01-02"}}),
    ],
)
def test_job(clerk, constraint, changed):
    job = transitions.ask_job("deadlines.drop_jobs", arguments={"before": "2026-01-01"}, by=clerk)
    transitions.ask_job("deadlines.drop_jobs", arguments={"before": "2026-01-02"}, by=clerk)
    with refuses(constraint), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**changed)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("reminder_rule_has_its_source", {"source": ""}),
        ("escalation_says_after_how_long_and_no_other_stage_does", {"working_days": None}),
        ("escalation_says_after_how_long_and_no_other_stage_does", {"full_days": 0}),
        ("escalation_says_after_how_long_and_no_other_stage_does", {"stage": "amber"}),
        ("reminder_rule_ends_after_it_begins", {"valid_until": F("valid_from") - timedelta(days=1)}),
    ],
)
def test_reminder_rule(constraint, changed):
    with refuses(constraint), transaction.atomic():
        ReminderRule.objects.filter(stage="to_head").update(**changed)


def test_one_reminder_rule_per_stage_at_a_time(clerk):
    """The row in force has no end: whatever begins later overlaps it."""
    first = ReminderRule.objects.get(stage="overdue")
    with refuses("one_reminder_rule_per_stage_at_a_time"), transaction.atomic():
        ReminderRule.objects.create(stage="overdue", valid_from=date(2027, 1, 1), source="依据", made_at=first.made_at, made_by=clerk)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("reminder_stage_is_known", {"stage": "someday"}),
        ("reminder_is_not_both_told_and_lapsed", {"told_at": F("made_at"), "lapsed_at": F("made_at")}),
        ("one_reminder_per_duty_stage_and_date", {"stage": "overdue"}),
    ],
)
def test_reminder(clerk, constraint, changed):
    duty = factories.open_duty(clerk)
    for stage in ("amber", "overdue"):
        Reminder.objects.create(duty=duty, stage=stage, due_at=duty.due_at, is_urgent=False, made_at=house_clock.now())
    with refuses(constraint), transaction.atomic():
        Reminder.objects.filter(stage="amber").update(**changed)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("one_run_per_work_and_period", {"period": "2026-08"}),
        (
            "finished_run_has_no_error_and_was_tried",
            {"finished_at": house_clock.now, "tried_at": house_clock.now, "tries": 1, "error": "坏"},
        ),
        ("finished_run_has_no_error_and_was_tried", {"finished_at": house_clock.now}),
        ("asking_for_a_run_has_its_asker", {"asked_at": house_clock.now}),
    ],
)
def test_period_run(db, constraint, changed):
    now = house_clock.now()
    for period in ("2026-08", "2026-09"):
        run = PeriodRun.objects.create(key="deadlines.trial", period=period, starts_at=now, next_try_at=now)
    with refuses(constraint), transaction.atomic():
        PeriodRun.objects.filter(pk=run.pk).update(**{name: value() if callable(value) else value for name, value in changed.items()})


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("dropped_message_has_its_dropper_and_reason", {"drop_reason": "不发"}),
        ("dropped_message_has_its_dropper_and_reason", {"dropped_at": house_clock.now}),
        ("dropped_message_was_not_delivered", {"dropped_at": house_clock.now, "drop_reason": "不发", "delivered_at": house_clock.now}),
    ],
)
def test_dropped_message(clerk, constraint, changed):
    transitions.announce("x.said", factories.subject(), to=clerk.unit, title="通知")
    dropper = {"dropped_by": clerk} if len(changed) > 1 else {}
    with refuses(constraint), transaction.atomic():
        OutboxMessage.objects.update(**{name: value() if callable(value) else value for name, value in changed.items()}, **dropper)
