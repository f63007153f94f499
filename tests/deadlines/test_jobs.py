"""Long work: asked once, run once, seen while it runs, cancelled in the middle, taken over from the dead (DESIGN 6)."""

import threading
from datetime import timedelta
from io import StringIO
from unittest.mock import patch
from uuid import uuid4

import psycopg2
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines import jobs, periods, running, tasks, transitions, upkeep
from deadlines.models import Job, Notice, OutboxMessage
from deadlines.transitions import jobs as verbs
from organization.models import Parameter, Post
from organization.transitions import phrases
from tests.racing import race

pytestmark = pytest.mark.django_db
KIND = "deadlines.trial"


@pytest.fixture
def work(monkeypatch):
    """A kind of work whose doing the test says."""

    def does(function):
        monkeypatch.setitem(jobs._kinds, KIND, jobs.Kind(KIND, function, "试算"))

    does(lambda context: jobs.Result(url="/programs/", text="12户", data={"now": 12}))
    monkeypatch.setattr(verbs, "wake", lambda: None)
    return does


def ask(by, number=1):
    return transitions.ask_job(KIND, arguments={"number": number}, by=by)


def verbs_of(job):
    return list(Event.objects.filter(subject_label="deadlines.job", subject_id=str(job.pk)).order_by("pk").values_list("verb", flat=True))


def test_a_job_is_asked_run_and_told(officer, work):
    seen = {}

    def count(context):
        seen.update(context.arguments, by=context.asked_by, job=context.job_id)
        context.progress(5, 3, "逐户核对")
        seen["row"] = Job.objects.values_list("status", "done", "total", "step").get()
        return jobs.Result(url="/programs/", text="12户", data={"now": 12})

    work(count)
    job = ask(officer)
    assert (job.status, job.title, job.asked_by_staff, job.asked_at) == ("queued", "试算", officer.staff, house_clock.now())
    assert running.run_next()
    assert not running.run_next()
    job.refresh_from_db()
    assert seen == {"number": 1, "by": officer, "job": job.pk, "row": ("running", 3, 3, "逐户核对")}  # beyond the total is the total
    assert (job.status, job.result, job.result_url, job.step, job.done, job.total) == ("done", {"now": 12}, "/programs/", "12户", 3, 3)
    assert (job.finished_at, job.tries, job.lease, job.backend_pid) == (house_clock.now(), 1, None, None)
    assert verbs_of(job) == ["job.asked", "job.finished"]
    notice = Notice.objects.get()
    assert (notice.staff, notice.title, notice.url) == (officer.staff, "后台任务已完成：试算", f"/jobs/{job.pk}/")


def test_asked_again_while_it_is_open_it_is_the_same_job(officer, clerk, work):
    job = ask(officer)
    assert ask(officer) == job
    assert verbs_of(job) == ["job.asked"]
    assert len({ask(officer, 2), ask(clerk), job}) == 3
    while running.run_next():
        pass
    assert ask(officer) != job  # it has ended: this is a new question


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        (jobs.JobFailed("规则草稿已被撤下，请重新起草。"), "规则草稿已被撤下，请重新起草。"),
        (TransitionError("现在不能试算。"), "现在不能试算。"),
        (Http404(), "不在您的权限范围内"),
        (PermissionDenied(), "不在您的权限范围内"),
        (ZeroDivisionError("张三"), "把任务编号"),
    ],
)
def test_what_goes_wrong_is_undone_and_said(officer, work, caplog, raised, sentence):
    def fall(context):
        phrases.keep(text="同意。", by=officer)
        raise raised

    work(fall)
    job = ask(officer)
    running.run_next()
    job.refresh_from_db()
    assert (job.status, sentence in job.error, "张三" in job.error) == ("failed", True, False)
    assert verbs_of(job) == ["job.asked", "job.failed"]
    assert not officer.staff.phrases.exists()
    assert ("ZeroDivisionError" in caplog.text) == isinstance(raised, ZeroDivisionError)


def test_what_cannot_be_asked_or_run_any_more(officer, work, monkeypatch):
    with pytest.raises(LookupError):
        transitions.ask_job("nobody.knows", arguments={}, by=officer)
    with pytest.raises(ValueError, match="few ids"):
        transitions.ask_job(KIND, arguments={"names": "长" * 1000}, by=officer)
    job = ask(officer)
    monkeypatch.delitem(jobs._kinds, KIND)
    running.run_next()
    job.refresh_from_db()
    assert "已没有这种任务" in job.error


def test_work_of_a_post_that_ended_is_not_done(officer, work, clock):
    job = ask(officer)
    clock.forward(days=4000)
    with patch.object(verbs, "figure", lambda key: {"job_running_max": 1, "job_tries_max": 3, "job_lease": 60}[key]):
        running.run_next()
    job.refresh_from_db()
    assert "岗位已经终止或到期" in job.error


def test_cancel_before_it_runs(officer, platform, neighbour_officer, work):
    job = ask(officer)
    with pytest.raises(Http404):
        transitions.cancel_job(job_id=job.pk, by=neighbour_officer)
    job = transitions.cancel_job(job_id=job.pk, by=platform)
    assert (job.status, job.cancel_asked_by, job.cancel_asked_at) == ("cancelled", platform, house_clock.now())
    assert verbs_of(job) == ["job.asked", "job.cancelled"]
    assert not running.run_next()
    with pytest.raises(AlreadyHandled, match="已取消"):
        transitions.cancel_job(job_id=job.pk, by=officer)


def test_the_house_sees_a_job_but_may_not_cancel_it(officer, work):
    with pytest.raises(PermissionDenied):
        transitions.cancel_job(job_id=ask(officer).pk, by=Post.objects.the_system())


def test_work_that_stops_although_nobody_asked_has_failed(officer, work):
    def stop(context):
        raise jobs.Cancelled

    work(stop)
    job = ask(officer)
    running.run_next()
    job.refresh_from_db()
    assert (job.status, job.cancel_asked_by) == ("failed", None)


def test_event_failing_undoes_the_asking(officer, work, monkeypatch):
    monkeypatch.setattr(verbs, "record", lambda *args, **given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask(officer)
    assert not Job.objects.exists()


def test_kept_jobs_go_after_their_days_by_a_job(officer, work, clock):
    job = ask(officer)
    running.run_next()
    clock.forward(days=Parameter.objects.county_wide(house_clock.today())["job_kept_days"] + 1)
    standing = ask(officer, 2)
    upkeep.forget_jobs(periods.period_of(periods.Every.DAY, house_clock.now()))
    out = StringIO()
    with patch.object(verbs, "refuse_outsiders", lambda job: None):
        call_command("run_jobs", stdout=out)
    assert out.getvalue() == "已办理 2 个任务。\n"
    assert not Job.objects.filter(pk=job.pk).exists()
    assert Job.objects.filter(pk=standing.pk).exists()
    own = Job.objects.get(kind="deadlines.drop_jobs")
    assert (own.status, own.result) == ("done", {"count": 1})
    assert OutboxMessage.objects.count() == 2  # the house tells itself nothing


def test_beat_comes_round_for_jobs(settings, work, officer):
    entry = settings.CELERY_BEAT_SCHEDULE["run-jobs"]
    assert (entry["task"], entry["schedule"]) == (tasks.run_jobs.name, 60)
    ask(officer)
    assert tasks.run_jobs()
    assert not tasks.run_jobs()


def test_the_commit_wakes_the_worker(officer, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setitem(jobs._kinds, KIND, jobs.Kind(KIND, lambda context: None, "试算"))
    with patch.object(tasks.run_jobs, "apply_async") as sent, django_capture_on_commit_callbacks(execute=True):
        ask(officer)
        assert not sent.called
    assert sent.call_count == 1


# ── what several processes do at once ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_two_runners_and_two_clicks_make_one_job_of_it(officer, work):
    asked = race(lambda: ask(officer), lambda: ask(officer))
    assert asked[0] == asked[1]
    done = []
    work(lambda context: done.append(context.job_id))
    assert sorted(race(running.run_next, running.run_next)) == [False, True]
    assert done == [asked[0].pk]


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_and_a_statement_broken_off_from_another_connection(officer, work):
    """The work's own transaction is open all the while; what it wrote is undone."""
    reached, seen = threading.Event(), {}

    def long(context):
        phrases.keep(text="同意。", by=officer)
        context.progress(3, 53, "第三条规则")
        reached.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(25)")

    work(long)
    job = ask(officer)

    def look_and_cancel():
        assert reached.wait(20)
        seen.update(Job.objects.values("status", "done", "total", "step").get(pk=job.pk))
        transitions.cancel_job(job_id=job.pk, by=officer)

    answers = race(running.run_next, look_and_cancel)
    assert answers == [True, None]
    assert seen == {"status": "running", "done": 3, "total": 53, "step": "第三条规则"}
    job.refresh_from_db()
    assert (job.status, job.cancel_asked_by) == ("cancelled", officer)
    assert verbs_of(job) == ["job.asked", "job.cancel_asked", "job.cancelled"]
    assert not officer.staff.phrases.exists()
    assert not verbs.interrupt(job.pk)  # an ended job has no statement to break off


@pytest.mark.django_db(transaction=True)
def test_a_runner_that_died_leaves_its_job_to_the_next_and_its_late_end_counts_for_nothing(officer, work):
    """Its hold ran out; another took over; then the first comes back to life and wants to finish."""
    job = ask(officer)
    late = verbs.claim()
    assert verbs.claim() is None  # held, and alive
    job.refresh_from_db()
    for seconds, is_silent in ((25, False), (35, True)):  # of a hold of sixty, renewed each twenty
        job.heartbeat_at = house_clock.now() - timedelta(seconds=seconds)
        job.leased_until = job.heartbeat_at + timedelta(seconds=60)
        assert job.is_silent is is_silent
        assert ("自动重新开始" in job.standing) is is_silent
    Job.objects.filter(pk=job.pk).hold(-1)
    assert running.run_next()
    job.refresh_from_db()
    assert (job.status, job.tries, job.result) == ("done", 2, {"now": 12})
    running.run(late)
    with pytest.raises(jobs.Lost):
        verbs.finish(late, jobs.Result(text="再来一次"))
    job.refresh_from_db()
    assert job.step == "12户"
    assert verbs_of(job) == ["job.asked", "job.finished"]


@pytest.mark.django_db(transaction=True)
def test_a_runner_whose_connection_is_killed_tries_again_and_in_the_end_says_so(officer, work):
    def killed(context):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        killer = psycopg2.connect(**{k: v for k, v in connection.get_connection_params().items() if k not in {"cursor_factory", "context"}})
        with killer.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        killer.close()
        Job.objects.count()

    work(killed)
    job = ask(officer)
    assert [running.run_next() for _ in range(4)] == [True, True, True, False]
    job.refresh_from_db()
    assert (job.status, job.tries) == ("failed", 3)
    assert "连续3次中断" in job.error


@pytest.mark.django_db(transaction=True)
def test_a_long_statement_keeps_its_hold_and_an_orphan_is_ended(officer, work):
    """The hold is renewed while the work says nothing; a killed runner's database process is ended by whoever takes over."""
    job = ask(officer)
    held = verbs.claim()
    before = Job.objects.values_list("leased_until", flat=True).get()
    with patch.object(running, "figure", lambda key: 0.3), running.Reporter(held) as reporter:
        threading.Event().wait(0.4)
        assert Job.objects.values_list("heartbeat_at", flat=True).get() > before.replace(year=2000)
        assert not reporter.is_cancelled()
    orphan = connections.create_connection("default")
    try:
        with orphan.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, false), pg_backend_pid()", [f"job {held.lease}"])
            pid = cursor.fetchone()[1]
        Job.objects.filter(pk=job.pk).hold(-1, backend_pid=pid)
        assert running.run_next()
        with pytest.raises(OperationalError), orphan.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        orphan.close()
    held.lease = uuid4()
    assert not running.Reporter(held).name_backend(None)


def test_a_database_without_room_is_said_at_once(officer, work):
    """Not tried three times, and not told as a runner that broke off: what helps is room."""

    def full(_):
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$")

    work(full)
    job = ask(officer)
    assert [running.run_next() for _ in range(2)] == [True, False]
    job.refresh_from_db()
    assert (job.status, job.tries) == ("failed", 1)
    assert "磁盘空间不足，任务已撤回，没有留下任何改动" in job.error
