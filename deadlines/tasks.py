"""Wake-ups from Celery: no fact travels, everything waits in the database."""

from celery import shared_task

from . import running
from .transitions import jobs, outbox, periods


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


@shared_task(acks_late=True, reject_on_worker_lost=True)
def run_due() -> int:
    """Do the periodic works that are due (`deadlines.periods`); how many were done. Any number may run at once."""
    return periods.run_due().done
