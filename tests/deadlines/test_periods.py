"""Periodic work: each once in its period, made up after an outage, tried again after a failure, brought forward by hand (ADR 0026)."""

import contextlib
import threading
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import OperationalError, connection
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines import periods, tasks, transitions
from deadlines.models import PeriodRun
from deadlines.periods import Every, Period, Periodic, period_of
from deadlines.transitions import periods as verbs
from organization.transitions import phrases
from tests.racing import race

KEY = "deadlines.trial"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("every", "moment", "label", "first", "last"),
    [
        (Every.DAY, "2026-02-28T23:59", "2026-02-28", date(2026, 2, 28), date(2026, 2, 28)),
        (Every.WEEK, "2027-01-03T12:00", "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        (Every.MONTH, "2028-02-29T00:00", "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        (Every.QUARTER, "2026-12-31T23:59", "2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (Every.QUARTER, "2026-04-01T00:00", "2026-Q2", date(2026, 4, 1), date(2026, 6, 30)),
        (Every.YEAR, "2026-07-01T00:00", "2026", date(2026, 1, 1), date(2026, 12, 31)),
        (timedelta(minutes=30), "2026-09-24T10:59", "2026-09-24T10:30", date(2026, 9, 24), date(2026, 9, 24)),
        (timedelta(hours=6), "2026-09-24T23:59", "2026-09-24T18:00", date(2026, 9, 24), date(2026, 9, 24)),
    ],
)
def test_a_moment_lies_in_its_period(every, moment, label, first, last):
    period = period_of(every, at(moment))
    assert (period.label, period.first, period.last) == (label, first, last)
    following = period_of(every, period.ends_at)
    assert (following.starts_at, following.label > label or every is Every.WEEK) == (period.ends_at, True)


def trial(every=Every.MONTH, **given):
    return Periodic(KEY, "试办", lambda period: None, every, **given)


def test_a_work_is_due_at_its_moment_of_the_period():
    monthly = trial(at=timedelta(days=4, hours=6))
    assert monthly.latest_due(at("2026-09-05T05:59")).label == "2026-08"
    assert monthly.latest_due(at("2026-09-05T06:00")).label == "2026-09"
    assert monthly.next_due(at("2026-09-05T06:00")) == at("2026-10-05T06:00")
    told = trial(at=lambda first: at(f"{first + timedelta(days=9)}T08:30"))
    assert told.due_at(period_of(Every.MONTH, at("2026-09-20T00:00"))) == at("2026-09-10T08:30")


def test_missed_periods_are_made_up_or_the_latest_alone():
    since = period_of(Every.MONTH, at("2026-05-10T00:00"))
    now = at("2026-09-24T10:00")
    labels = lambda work, most=36: [period.label for period in work.missed(since, now, most)]  # noqa: E731
    assert labels(trial(makes_up=True)) == ["2026-06", "2026-07", "2026-08", "2026-09"]
    assert labels(trial(makes_up=True), most=2) == ["2026-06", "2026-07"]
    assert labels(trial()) == ["2026-09"]
    assert trial().missed(since, at("2026-04-01T00:00"), 36) == [], "a clock set back makes nothing"


def test_back_off_doubles_up_to_an_hour():
    assert [periods.wait_after(tries) / MINUTE for tries in (1, 2, 3, 6, 7, 500)] == [1, 2, 4, 32, 60, 60]


@pytest.mark.parametrize(
    ("every", "makes_up"), [(timedelta(minutes=7), False), (timedelta(seconds=30), False), ("hour", True), ("fortnight", False)]
)
def test_a_rhythm_that_makes_no_sense_is_not_registered(every, makes_up):
    with pytest.raises(ValueError, match=r"trial|fortnight"):
        periods.register(KEY, "试办", lambda period: None, every=every, makes_up=makes_up)


def test_every_registered_work_says_what_it_is():
    works = {work.key: work for work in periods.works()}
    assert {"referrals.send_opened", "organization.forget_form_tokens", "documents.sweep_attachments"} <= set(works)
    assert all(len(key) <= 60 and work.title and work.rhythm.startswith("每") for key, work in works.items())
    assert works["referrals.send_opened"].rhythm == "每30分钟"
    assert works["organization.forget_form_tokens"].rhythm == "每小时"
    assert works["organization.forget_sessions"].rhythm.startswith("每日")


# ── rounds ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def work(monkeypatch):
    """The only registered works are those of the test."""
    monkeypatch.setattr(periods, "_works", {})
    monkeypatch.setattr(verbs, "wake", lambda: None)

    def does(function, key=KEY, every=Every.DAY, **given):
        periods.register(key, "试办", function, every=every, **given)

    return does


def runs(key=KEY):
    return list(PeriodRun.objects.filter(key=key).order_by("starts_at"))


@pytest.mark.django_db
def test_a_work_is_done_once_in_its_period_and_says_what_came_of_it(work, clock):
    seen = []
    work(lambda period: seen.append(period) or "3件")
    assert [transitions.run_due().done, tasks.run_due()] == [1, 0]
    (run,) = runs()
    assert (run.period, run.text, run.tries, run.error) == ("2026-09-24", "3件", 1, "")
    assert (run.finished_at, run.tried_at) == (house_clock.now(), house_clock.now())
    assert seen == [Period("2026-09-24", at("2026-09-24T00:00"), at("2026-09-25T00:00"))]
    clock.forward(days=-1)
    assert transitions.run_due().done == 0, "a clock set back makes nothing"
    clock.forward(days=9)
    assert transitions.run_due().done == 1
    assert [period.label for period in seen] == ["2026-09-24", "2026-10-02"], "after an outage the latest alone"


@pytest.mark.django_db
def test_a_work_of_each_minute_is_done_in_each_round(work, clock, monkeypatch):
    """Under a clock that goes on meanwhile: a round later it is the next minute, whose period would have come in between."""
    seen, begun, told = [], house_clock.now().replace(second=42), iter(range(10_000))
    work(lambda period: seen.append(period.label), every=MINUTE)
    for minutes in range(3):
        clock.set(begun + minutes * MINUTE)
        here = house_clock.now()
        with monkeypatch.context() as going:
            going.setattr(house_clock, "now", lambda here=here: here + timedelta(milliseconds=next(told)))
            assert transitions.run_due().done == 1
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.django_db
def test_a_month_missed_is_made_up_in_order_each_once(work, clock):
    seen = []
    work(lambda period: seen.append(period.label), every="month", makes_up=True, at=timedelta(days=4))
    transitions.run_due()
    clock.set(at("2027-01-04T12:00"))
    transitions.run_due()
    transitions.run_due()
    assert seen == ["2026-09", "2026-10", "2026-11", "2026-12"]


@pytest.mark.django_db
def test_a_new_work_does_not_begin_with_what_was_before_it(work, clock):
    work(lambda period: None, every="month", at=timedelta(days=27))
    assert transitions.run_due().done == 0
    clock.set(at("2026-09-28T00:00"))
    assert transitions.run_due().done == 1


@pytest.mark.django_db
def test_one_that_fails_says_so_waits_longer_and_keeps_nobody(work, clock, caplog, officer):
    done, ways = [], iter([TransitionError("名册还没有导入，请先导入。"), ZeroDivisionError("张三"), None, None])

    def fall(period):
        phrases.keep(text="同意。", by=officer)
        if raised := next(ways):
            raise raised

    work(fall)
    work(lambda period: done.append(period.label), key="deadlines.other")
    tally = transitions.run_due()
    assert (tally.done, tally.failed, len(done)) == (1, 1, 1)
    (run,) = runs()
    assert (run.error, run.finished_at, run.next_try_at) == ("名册还没有导入，请先导入。", None, house_clock.now() + MINUTE)
    assert not officer.staff.phrases.exists(), "what it had written is undone"
    assert transitions.run_due().failed == 0, "not before its next try"
    clock.forward(minutes=1)
    assert transitions.run_due().failed == 1
    (run,) = runs()
    assert (run.tries, "张三" in run.error, f"编号{run.pk}" in run.error) == (2, False, True)
    assert "ZeroDivisionError" in caplog.text
    clock.forward(minutes=2)
    assert transitions.run_due().done == 1
    (run,) = runs()
    assert (run.tries, run.error, run.finished_at) == (3, "", house_clock.now())


@pytest.mark.django_db
def test_one_of_each_minute_that_goes_on_failing_is_not_tried_each_minute(work, clock):
    tried = []

    def fall(period):
        tried.append(period.label[-5:])
        raise TransitionError("还不行。")

    work(fall, every=MINUTE)
    for _ in range(16):
        transitions.run_due()
        clock.forward(minutes=1)
    assert tried == ["10:00", "10:01", "10:03", "10:07", "10:15"]


@pytest.mark.django_db
def test_time_that_is_over_is_said_and_ends_the_round(work):
    def long(period):
        raise SoftTimeLimitExceeded

    work(long)
    work(lambda period: None, key="deadlines.other")
    with pytest.raises(SoftTimeLimitExceeded):
        transitions.run_due()
    assert "用时超过上限" in runs()[0].error
    assert transitions.run_due().done == 1, "the next round goes on with the others"


@pytest.mark.django_db
def test_the_command_does_all_that_the_beat_does(work, monkeypatch):
    work(lambda period: "好")
    said = StringIO()
    call_command("run_due", stdout=said)
    assert "定期工作：办成 1 项" in said.getvalue()
    assert "消息：已送达 0 条" in said.getvalue()
    monkeypatch.setattr(transitions, "drain", lambda: (_ for _ in ()).throw(OperationalError("x")))
    monkeypatch.setattr(transitions, "sweep", lambda: 1 / 0)
    monkeypatch.setattr(connection, "close", lambda: None)
    with pytest.raises(Exception, match="未办成：提醒巡检、消息"):
        call_command("run_due", stdout=said, stderr=said)
    assert "提醒巡检：出现故障，原因见日志。" in said.getvalue()
    assert "消息：数据库中断。" in said.getvalue()
    assert said.getvalue().count("后台任务：已办理 0 个") == 2, "the other parts had their turn"


@pytest.mark.django_db
def test_what_is_past_goes_but_the_last_of_each_and_what_is_owed(work, clock):
    work(lambda period: None, every="month", makes_up=True)
    work(lambda period: None, key="deadlines.part", every="hour")
    for days in (0, 1, 40):
        clock.forward(days=days)
        transitions.run_due()
    PeriodRun.objects.filter(key=KEY, period="2026-09").update(finished_at=None)
    parts_before = house_clock.now() - timedelta(days=2)
    assert transitions.drop_runs(parts_before=parts_before, before=at("2026-10-01T00:00")) == 2
    assert [run.period for run in runs()] == ["2026-09", "2026-10", "2026-11"]
    assert len(runs("deadlines.part")) == 1


# ── brought forward by hand ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_ask_for_run_tries_what_failed_now_and_leaves_one_event(work, system_administrator, platform):
    ways = iter([TransitionError("还不行。"), None])

    def fall(period):
        if raised := next(ways):
            raise raised

    work(fall)
    transitions.run_due()
    run = transitions.ask_for_run(key=KEY, by=system_administrator)
    assert (run.asked_by, run.asked_at, run.next_try_at) == (system_administrator, house_clock.now(), house_clock.now())
    event = Event.objects.get(verb="period.asked")
    assert (event.by_id, event.subject_text, event.new) == (system_administrator.staff_id, "试办", "2026-09-24")
    assert transitions.run_due().done == 1
    with pytest.raises(AlreadyHandled, match=r"本期（2026-09-24）已于2026-09-24 10:00办成"):
        transitions.ask_for_run(key=KEY, by=platform)


@pytest.mark.django_db
def test_ask_for_run_brings_forward_what_is_due_later_and_it_is_not_done_again_then(work, platform, clock):
    seen = []
    work(lambda period: seen.append(period.label), every="month", at=timedelta(days=27))
    transitions.ask_for_run(key=KEY, by=platform)
    transitions.run_due()
    clock.set(at("2026-09-29T00:00"))
    transitions.run_due()
    assert seen == ["2026-09"]


@pytest.mark.django_db
def test_what_must_wait_for_its_moment_is_not_brought_forward_but_tried_again_when_it_failed(work, system_administrator, signed_in, clock):
    ways = iter([None, TransitionError("还不行。"), None])

    def fall(period):
        if raised := next(ways):
            raise raised

    work(fall, every="month", at=timedelta(days=5, hours=2), makes_up=True, only_when_due=True)
    page = lambda: signed_in(system_administrator).get("/deadlines/periods/").content.decode()  # noqa: E731
    clock.set(at("2026-09-03T10:00"))
    refusal = r"“试办”本期（2026-09）到2026-09-06 02:00自动办理，不能提前。"
    with pytest.raises(TransitionError, match=refusal):
        transitions.ask_for_run(key=KEY, by=system_administrator)
    assert "立即办理" not in page()
    clock.set(at("2026-09-06T03:00"))
    assert transitions.run_due().done == 1
    clock.set(at("2026-10-01T09:00"))
    with pytest.raises(TransitionError, match="2026-10-06 02:00自动办理"):
        transitions.ask_for_run(key=KEY, by=system_administrator)
    assert "立即办理" not in page()
    assert [run.period for run in runs()] == ["2026-09"]
    clock.set(at("2026-10-06T03:00"))
    assert transitions.run_due().failed == 1
    assert "立即办理" in page()
    clock.set(at("2026-11-01T09:00"))  # what failed of the month before is still owed
    assert transitions.ask_for_run(key=KEY, by=system_administrator).period == "2026-10"
    assert transitions.run_due().done == 1
    assert [run.period for run in runs()] == ["2026-09", "2026-10"]


@pytest.mark.django_db
def test_ask_for_run_is_not_for_everybody(work, officer, supervision, platform, monkeypatch):
    work(lambda period: None)
    for somebody in (officer, supervision):
        with pytest.raises(Http404):
            transitions.ask_for_run(key=KEY, by=somebody)
    with pytest.raises(Http404):
        transitions.ask_for_run(key="nobody.knows", by=platform)
    monkeypatch.setattr(verbs, "can_ask_for_a_run", lambda by, run: False)
    with pytest.raises(PermissionDenied):
        transitions.ask_for_run(key=KEY, by=platform)
    assert not PeriodRun.objects.exists()


@pytest.mark.django_db
def test_event_failing_undoes_the_asking(work, platform, monkeypatch):
    work(lambda period: None)
    monkeypatch.setattr(verbs, "record", lambda *args, **given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        transitions.ask_for_run(key=KEY, by=platform)
    assert not PeriodRun.objects.exists()


# ── several schedulers, and those that die ──────────────────────────────────────────────────────────────────────────
def naive_round(function):
    """Look, do, note: what a scheduler without row and lock does."""
    for work in periods.works():
        if not PeriodRun.objects.filter(key=work.key, finished_at__isnull=False).exists():
            work.work(work.period_at(house_clock.now()))
            now = house_clock.now()
            PeriodRun.objects.get_or_create(
                key=work.key,
                period="2026-09-24",
                defaults={"starts_at": now, "next_try_at": now, "finished_at": now, "tried_at": now, "tries": 1},
            )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("commits_itself", [False, True])
def test_three_schedulers_at_once_do_each_once_where_a_naive_one_doubles(work, commits_itself):
    effects, meeting, patience = [], threading.Barrier(3), [30.0]

    def effect(period):
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(patience[-1])  # whoever else has come so far is at the work now too
        effects.append(period.label)

    work(effect, commits_itself=commits_itself)
    race(*[lambda: naive_round(effect)] * 3)
    assert len(effects) == 3, "the check finds a doubled effect where there is one"
    effects.clear()
    PeriodRun.objects.all().delete()
    patience.append(0.7)  # nobody else comes
    tallies = race(*[transitions.run_due] * 3)
    assert (len(effects), sum(tally.done for tally in tallies), len(runs())) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_runner_that_is_killed_leaves_its_work_to_the_next(work, officer, clock):
    ways = iter([True, False])

    def killed(period):
        phrases.keep(text="同意。", by=officer)
        if next(ways):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                (pid,) = cursor.fetchone()
            settings = {k: v for k, v in connection.get_connection_params().items() if k not in {"cursor_factory", "context"}}
            killer = psycopg2.connect(**settings)
            with killer.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
            killer.close()
            PeriodRun.objects.count()

    work(killed)
    work(lambda period: None, key="deadlines.other")
    tally = transitions.run_due()
    assert (tally.done, tally.failed) == (1, 1), "the other work had its turn, on another connection"
    assert not officer.staff.phrases.exists()
    clock.forward(minutes=1)
    assert transitions.run_due().done == 1
    (run,) = runs()
    assert (run.tries, officer.staff.phrases.count(), run.error) == (2, 1, "")


@pytest.mark.django_db(transaction=True)
def test_whoever_lost_the_hold_undoes_what_it_did(work, officer):
    """The session died with the hold, another runner did the work, then the first comes to its end."""

    def overtaken(period):
        phrases.keep(text="同意。", by=officer)
        PeriodRun.objects.filter(key=KEY).update(tries=7)

    work(overtaken, commits_itself=True)
    tally = transitions.run_due()
    assert (tally.done, tally.failed) == (0, 0)
    assert runs()[0].finished_at is None
