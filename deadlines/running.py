"""The runner of jobs: claims one, does its work in one transaction, ends it (DESIGN 6).

While the work's transaction is open its progress stands on another connection, where everybody sees it; a thread renews the hold on the
job, also during a statement that takes minutes. A runner that is killed leaves a hold that runs out: the next one takes the job again.
Inside a transaction of the caller (a test, a command that undoes itself) nobody else could see the job: there its own connection does.
"""

import logging
import threading
import time
from types import TracebackType
from typing import Any, Self

import psycopg2.errors
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DEFAULT_DB_ALIAS, Error, InterfaceError, OperationalError, connection, connections, transaction
from django.http import Http404

from config.verbs import TransitionError
from organization.figures import figure

from .jobs import Cancelled, Context, Lost, Result, kind_of
from .models import Job
from .transitions import jobs as verbs

logger = logging.getLogger(__name__)
NO_ROOM = (psycopg2.errors.DiskFull, psycopg2.errors.ConfigurationLimitExceeded)  # tried again at once it would find none either
BETWEEN_WRITES = 0.5  # seconds: work may report each of a hundred thousand rows
TELL = """
    UPDATE deadlines_job SET heartbeat_at = statement_timestamp(), leased_until = statement_timestamp() + make_interval(secs => %s),
        done = %s, total = %s, step = %s
    WHERE id = %s AND lease = %s AND status = 'running' RETURNING cancel_asked_at IS NOT NULL
"""
BEAT = """
    UPDATE deadlines_job SET heartbeat_at = statement_timestamp(), leased_until = statement_timestamp() + make_interval(secs => %s)
    WHERE id = %s AND lease = %s AND status = 'running' RETURNING cancel_asked_at IS NOT NULL
"""
LOOK = "SELECT cancel_asked_at IS NOT NULL FROM deadlines_job WHERE id = %s AND lease = %s AND status = 'running'"
NAME_BACKEND = "UPDATE deadlines_job SET backend_pid = %s WHERE id = %s AND lease = %s AND status = 'running' RETURNING true"


def run_next() -> bool:
    """Run the job that waits longest; whether there was one. Never raises for what the work does."""
    job = verbs.claim()
    if job is None:
        return False
    run(job)
    return True


def run(job: Job) -> None:
    """Do the work of a claimed job and end it, or leave it to the runner that took it over."""
    with Reporter(job) as reporter:
        try:
            raised = _attempt(job, reporter)
            reporter.name_backend(None)  # nobody breaks off what follows
            if raised is not None:
                _end(job, raised)
        except Lost:
            logger.warning("job %s (%s) went to another runner, this try is undone", job.pk, job.kind)


def _attempt(job: Job, reporter: "Reporter") -> Exception | None:
    """What kept the work from being done; None where it is done and committed."""
    try:
        with transaction.atomic():
            reporter.begin()
            verbs.refuse_outsiders(job)
            kind = kind_of(job.kind)
            if kind is None:
                raise TransitionError("本平台的这个版本已没有这种任务。请在相应页面重新发起。")
            context = Context(job.pk, job.arguments, job.asked_by, reporter)
            verbs.finish(job, kind.work(context) or Result())
    except Lost:
        raise
    except Exception as raised:  # whatever it is: the job must not stand as running, nor the runner fall
        if reporter.is_apart and isinstance(raised, InterfaceError | OperationalError):
            connection.close()  # it may be dead; the next statement opens another
        return raised
    return None


def _end(job: Job, raised: Exception) -> None:
    """End a job whose work is undone. Once cancelling was asked for, whatever broke the work off was its end.

    Raises:
        Lost: it is another runner's.
    """
    job.refresh_from_db(fields=["cancel_asked_at"])
    if job.cancel_asked_at is not None or isinstance(raised, Cancelled):
        logger.info("job %s (%s) stopped at %s", job.pk, job.kind, type(raised).__name__)
        verbs.stop(job)
    elif isinstance(raised.__cause__, psycopg2.errors.QueryCanceled):
        logger.error("job %s (%s): a statement took too long", job.pk, job.kind, exc_info=raised)
        verbs.fail(job, "数据库运算用时超过上限，任务已撤回，没有留下任何改动。请缩小范围，或在夜间重新发起。")
    elif isinstance(raised.__cause__, NO_ROOM):
        logger.error("job %s (%s): the database has no room", job.pk, job.kind, exc_info=raised)
        verbs.fail(job, "数据库服务器磁盘空间不足，任务已撤回，没有留下任何改动。请联系系统管理员清理空间，再重新发起。")
    elif isinstance(raised, InterfaceError | OperationalError):
        logger.warning("job %s (%s): the database broke off try %s", job.pk, job.kind, job.tries, exc_info=raised)
        verbs.put_back(job)
    else:
        verbs.fail(job, _sentence(job, raised))


def _sentence(job: Job, raised: Exception) -> str:
    """Why, and what to do next. What nobody foresaw goes to the log with the job's number, and the number to whoever asked."""
    match raised:
        case TransitionError():
            return str(raised)
        case ValidationError():
            return "；".join(raised.messages)
        case Http404() | PermissionDenied():
            return "任务要用的内容已不存在，或已不在您的权限范围内。请核对后重新发起。"
        case SoftTimeLimitExceeded():
            logger.error("job %s (%s): over its time", job.pk, job.kind)
            return "任务用时超过上限，已撤回，没有留下任何改动。请缩小范围，或在夜间重新发起。"
    logger.error("job %s (%s) failed", job.pk, job.kind, exc_info=raised)
    return f"办理中出现故障，任务已撤回，没有留下任何改动。请稍后重新发起；仍不成功，请把任务编号{job.pk}告诉系统管理员。"


class Reporter:
    """Tells the job's row how far its work is, and holds the job, on a connection of its own."""

    def __init__(self, job: Job) -> None:
        self._job, self._seconds = job, figure("job_lease")
        self.is_apart = not connection.in_atomic_block
        self._connection: Any = connections.create_connection(DEFAULT_DB_ALIAS) if self.is_apart else connection
        self._guard, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._hold_on, daemon=True, name=f"job {job.pk}")
        self._told: tuple[int, int | None, str] = (job.done, job.total, job.step)
        self._written, self._asked = 0.0, False

    def __enter__(self) -> Self:
        if self.is_apart:
            self._connection.inc_thread_sharing()
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None) -> None:
        if self.is_apart:
            self._over.set()
            self._thread.join()
            self._connection.dec_thread_sharing()
            self._connection.close()

    def begin(self) -> None:
        """Inside the work's transaction: give its database process the name of this try, and tell the job its number.

        Raises:
            Lost: the job is another runner's.
        """
        if not self.is_apart:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, true), pg_backend_pid()", [f"job {self._job.lease}"])
            _, pid = cursor.fetchone()
        if not self.name_backend(pid):
            raise Lost(str(self._job.pk))

    def name_backend(self, pid: int | None) -> bool:
        """Which database process does the work, for whoever has to break it off; whether the job is still this runner's."""
        return not self.is_apart or self._run(NAME_BACKEND, pid, self._job.pk, self._job.lease) is not None

    def tell(self, done: int, total: int | None, step: str) -> bool:
        """Written at once where the step changes, else twice a second. Numbers beyond the total are the total."""
        step = (step or self._told[2])[:200]
        done = max(done, 0) if total is None else min(max(done, 0), total)
        is_new = step != self._told[2]
        self._told = (done, total, step)
        if is_new or done == total or time.monotonic() - self._written >= BETWEEN_WRITES:
            self._asked = self._answer(TELL, self._seconds, *self._told, self._job.pk, self._job.lease)
            self._written = time.monotonic()
        return self._asked

    def is_cancelled(self) -> bool:
        self._asked = self._answer(LOOK, self._job.pk, self._job.lease)
        return self._asked

    def _answer(self, statement: str, *values: Any) -> bool:
        """Whether cancelling was asked for. Raises Lost where the job is another runner's."""
        row = self._run(statement, *values)
        if row is None:
            raise Lost(str(self._job.pk))
        return bool(row[0])

    def _run(self, statement: str, *values: Any) -> Any:
        with self._guard, self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()

    def _hold_on(self) -> None:
        """Renew the hold three times within its length. What was asked to stop is broken off here too: it may have begun a statement since.

        A database that is away is tried again with the next beat; a hold that was lost shows itself at the next report.
        """
        while not self._over.wait(self._seconds / 3):
            try:
                row = self._run(BEAT, self._seconds, self._job.pk, self._job.lease)
                if row and row[0]:
                    with self._guard:
                        verbs.interrupt(self._job.pk, using=self._connection)
            except Error as error:
                logger.warning("no heartbeat of job %s: %s", self._job.pk, str(error).partition("\n")[0])
                with self._guard:
                    self._connection.close()
