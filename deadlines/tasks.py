"""Wake-ups from Celery: no fact travels, everything waits in the database."""

from datetime import timedelta

from celery import shared_task

from config import clock
from organization.figures import figure
from organization.models import Post

from . import running
from .transitions import ask_job, jobs, outbox


@shared_task(acks_late=True, reject_on_worker_lost=True, time_limit=120, soft_time_limit=100)
def drain() -> int:
    """Send what waits in the outbox. Any number may run at once; one killed halfway leaves its batch waiting."""
    return outbox.drain()


@shared_task
def run_jobs() -> bool:
    """Run one job, which may take the whole time of a task, and call for the next. Beat comes round for what a lost broker forgot."""
    has_run = running.run_next()
    if has_run:
        jobs.wake()
    return has_run


@shared_task
def forget_jobs() -> None:
    """Jobs that ended longer than `job_kept_days` ago go, by a job like any other. Idempotent."""
    before = clock.today() - timedelta(days=figure("job_kept_days"))
    ask_job("deadlines.drop_jobs", arguments={"before": before.isoformat()}, by=Post.objects.the_system())
