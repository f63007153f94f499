"""Long work: asked for, claimed by a runner, ended once (DESIGN 6).

The verbs of people are `ask_job` and `cancel_job`. The others are the runner's (`deadlines.running`): each of them proves by the lease that
the job is still this runner's, so that of two that ran the same job one alone leaves anything.
"""

import json
import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from audit.transitions import record
from config import clock
from config.remembered import Remembered
from config.verbs import TransitionError, clean, edge, lock, recheck, save
from organization.figures import figure
from organization.models import Post

from ..jobs import Cancelled, Lost, Result, kind_of
from ..models import Job
from ..permissions import can_cancel_job
from .outbox import Wake, announce

logger = logging.getLogger(__name__)
S = Job.Status
EDGES: Mapping[str, frozenset[str]] = {
    S.QUEUED: frozenset({S.RUNNING, S.FAILED, S.CANCELLED}),
    S.RUNNING: frozenset({S.RUNNING, S.QUEUED, S.DONE, S.FAILED, S.CANCELLED}),
}
ARGUMENTS_SIZE, RESULT_SIZE = 1_000, 20_000
CLAIMS = 0x10B5
# The statement of a job that was asked to stop, and of no other: the row stands locked while its backend is looked for by the name that the
# job's own transaction gave it, so that neither the next job of that backend nor anybody who got its number later is hit.
INTERRUPT = """
    WITH held AS (
        SELECT backend_pid, lease FROM deadlines_job
        WHERE id = %s AND status = 'running' AND cancel_asked_at IS NOT NULL FOR NO KEY UPDATE
    )
    SELECT pg_cancel_backend(active.pid) FROM held JOIN pg_stat_activity active ON active.pid = held.backend_pid
    WHERE active.application_name = 'job ' || held.lease AND active.pid <> pg_backend_pid()
"""

ASKED = Remembered(lambda on, pk: Post.objects.effective(on).filter(pk=pk).select_related("unit", "staff"))

wake = Wake("run_jobs")


@transaction.atomic
def ask_job(kind: str, *, arguments: Mapping[str, Any], by: Post, title: str = "") -> Job:
    """Ask for long work; it starts after the commit. Asked again by the same post while it is open, it is the same job.

    Arguments are ids, codes and dates; the title, Chinese and without personal data, is the kind's where none is given.

    Raises:
        LookupError: no room has registered such a kind.
        ValueError: arguments too long to be ids.
    """
    registered = kind_of(kind)
    if registered is None:
        raise LookupError(f"no job of kind {kind}: a room registers it in AppConfig.ready")
    if len(json.dumps(arguments)) > ARGUMENTS_SIZE:
        raise ValueError(f"{kind}: arguments of a job are a few ids")
    job = Job(
        kind=kind, title=title or registered.title, arguments=dict(arguments), asked_at=clock.now(), asked_by=by, asked_by_staff=by.staff
    )
    clean(job)
    standing = _stand(job)
    if standing.pk == job.pk:
        record("job.asked", job, by=by, data={"kind": kind})
        transaction.on_commit(wake)
    return standing


def _stand(job: Job) -> Job:
    """The row itself, or the open one like it. ON CONFLICT DO NOTHING waits for a rival that has not ended."""
    alike = Job.objects.open().filter(kind=job.kind, arguments=job.arguments, asked_by=job.asked_by)
    while True:
        Job.objects.bulk_create([job], ignore_conflicts=True)
        standing = alike.first()
        if standing is not None:  # None: the one alike ended in between
            return standing


@transaction.atomic
def cancel_job(*, job_id: UUID | str, by: Post) -> Job:
    """Cancel a job: at once while it waits; one that runs stops at its next check, and the statement it is at is broken off.

    Raises:
        AlreadyHandled: it has ended.
    """
    job: Job = Job.objects.visible_to(by).get_or_404(job_id)
    job = lock(job)
    edge(job.status, S.CANCELLED, EDGES, refusal=lambda: _ended(job))
    recheck(job, can_cancel_job, by)
    if job.cancel_asked_at is not None:
        return job
    job.cancel_asked_at, job.cancel_asked_by = clock.now(), by
    if job.status == S.QUEUED:
        _end(job, S.CANCELLED, "cancel_asked_at", "cancel_asked_by")
        record("job.cancelled", job, by=by)
    else:
        save(job, "cancel_asked_at", "cancel_asked_by")
        record("job.cancel_asked", job, by=by)
        transaction.on_commit(lambda: interrupt(job.pk), robust=True)  # the next check stops it anyway
    return job


def _ended(job: Job) -> str:
    return f"这个任务已于{clock.local(job.finished_at or job.asked_at):%Y-%m-%d %H:%M}结束（{job.get_status_display()}），不用再取消。"


def interrupt(job_id: UUID, using: Any = None) -> bool:
    """Break off the statement that a job which was asked to stop is at; whether there was one."""
    with (using or connection).cursor() as cursor:
        cursor.execute(INTERRUPT, [job_id])
        return any(hit for (hit,) in cursor.fetchall())


@transaction.atomic
def claim() -> Job | None:
    """The next job, held by a new lease; None where nothing waits or enough are at work. By the database's clock.

    One whose runner died again and again is given up. One that was asked to stop while its runner died ends as cancelled.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMS])
    if Job.objects.at_work().count() >= figure("job_running_max"):
        return None
    while job := Job.objects.to_claim().first():
        if job.status == S.RUNNING:
            _end_orphan(job)
        if job.cancel_asked_at is not None:
            _cancel(job)
        elif job.tries >= figure("job_tries_max"):
            _give_up(job)
        else:
            return _take(job)
    return None


def _take(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).hold(
        figure("job_lease"),
        status=S.RUNNING,
        lease=uuid4(),
        backend_pid=None,
        tries=job.tries + 1,
        started_at=clock.now(),
        done=0,
        total=None,
    )
    job.refresh_from_db()
    return job


def _end_orphan(job: Job) -> None:
    """A runner that was killed may leave its database process at a long statement: it is ended, and with it whatever it had written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND application_name = %s AND pid <> pg_backend_pid()",
            [job.backend_pid, f"job {job.lease}"],
        )
    logger.warning("job %s (%s): its runner was not heard of any more, try %s", job.pk, job.kind, job.tries)


def held(job: Job) -> Job:
    """The same job under its row lock, still this runner's.

    Raises:
        Lost: another runner took it over, or it has ended.
    """
    row = lock(job)
    if row.status != S.RUNNING or row.lease != job.lease:
        raise Lost(str(job.pk))
    return row


@transaction.atomic
def finish(job: Job, result: Result) -> Job:
    """The work is done: inside the work's own transaction, so that its writes and this mark stand or fall together.

    Raises:
        Lost: not this runner's any more. Cancelled: somebody asked to cancel. ValueError: a result that belongs into a table.
    """
    job = held(job)
    if job.cancel_asked_at is not None:
        raise Cancelled
    if len(json.dumps(dict(result.data))) > RESULT_SIZE:
        raise ValueError(f"{job.kind}: the result of a job is a few numbers and ids")
    job.result, job.result_url, job.step = dict(result.data), result.url, result.text[:200]
    job.done = job.done if job.total is None else job.total
    _end(job, S.DONE, "result", "result_url", "step", "done")
    record("job.finished", job, by=Post.objects.the_system(), new=job.step)
    _tell(job, f"后台任务已完成：{job.title}", job.step)
    return job


@transaction.atomic
def fail(job: Job, sentence: str) -> Job:
    """The work could not be done; the sentence is for whoever asked. Raises Lost as `finish` does."""
    job = held(job)
    _fail(job, sentence)
    return job


@transaction.atomic
def stop(job: Job) -> Job:
    """Somebody asked to cancel, and the work was undone. Raises Lost as `finish` does."""
    job = held(job)
    _cancel(job)
    return job


@transaction.atomic
def put_back(job: Job) -> Job:
    """The database broke off the try: the job waits for another, or is given up after enough of them. Raises Lost as `finish` does."""
    job = held(job)
    if job.cancel_asked_at is not None:
        _cancel(job)
    elif job.tries >= figure("job_tries_max"):
        _give_up(job)
    else:
        job.status, job.lease, job.leased_until, job.backend_pid = S.QUEUED, None, None, None
        save(job, "status", "lease", "leased_until", "backend_pid")
    return job


@transaction.atomic
def drop_jobs(*, before: date) -> int:
    """Forget jobs that ended before that day, with their results; how many. Inner, of the job: what was done has its line in the record."""
    moment = datetime.combine(before, datetime.min.time(), tzinfo=clock.local(clock.now()).tzinfo)
    return Job.objects.ended().filter(finished_at__lt=moment).delete()[0]


def _give_up(job: Job) -> None:
    _fail(job, f"后台进程连续{job.tries}次中断，任务没有办成，也没有留下任何改动。请联系系统管理员查看后台日志，排除故障后重新发起。")


def _fail(job: Job, sentence: str) -> None:
    job.error = sentence[:500]
    _end(job, S.FAILED, "error")
    record("job.failed", job, by=Post.objects.the_system(), note=job.error)
    _tell(job, f"后台任务未完成：{job.title}", job.error)


def _cancel(job: Job) -> None:
    if job.cancel_asked_at is None:  # the work stopped of its own accord
        _fail(job, "任务中途停止，没有留下任何改动。请重新发起；仍不成功，请联系系统管理员。")
        return
    _end(job, S.CANCELLED)
    record("job.cancelled", job, by=Post.objects.the_system())


def _end(job: Job, status: str, *changed: str) -> None:
    """Raises TransitionError for a step outside the table: a bug of the runner."""
    edge(job.status, status, EDGES, refusal=lambda: _ended(job))
    job.status, job.finished_at = status, clock.now()
    job.lease, job.leased_until, job.backend_pid = None, None, None
    save(job, "status", "finished_at", "lease", "leased_until", "backend_pid", *changed)


def _tell(job: Job, title: str, body: str) -> None:
    """Whoever asked hears of it; the house itself does not."""
    if not job.asked_by_staff.is_system:
        announce("job.ended", job, to=job.asked_by_staff, title=title, body=body, url=job.get_absolute_url())


def refuse_outsiders(job: Job) -> None:
    """Work runs with the eyes of a post: one that has ended sees nothing any more.

    Raises:
        TransitionError: the post that asked does not stand today.
    """
    stands = ASKED.rows(clock.today(), job.asked_by_id)
    if not stands:
        raise TransitionError("发起任务的岗位已经终止或到期，任务不再办理。需要时请由现任人员重新发起。")
    [job.asked_by] = stands  # with its unit and person, which every line of the record names
