"""Wake-ups from Celery: no fact travels, everything waits in the database."""

import logging

from celery import shared_task

from config.verbs import TransitionError

from . import running, transitions
from .transitions import jobs, outbox, periods

logger = logging.getLogger(__name__)


@shared_task(acks_late=True, reject_on_worker_lost=True, time_limit=120, soft_time_limit=100)
def drain() -> int:
    """Send what waits in the outbox. Any number may run at once; one killed halfway leaves its batch waiting."""
    return outbox.drain()


@shared_task(acks_late=True, reject_on_worker_lost=True, time_limit=600, soft_time_limit=570)
def sweep() -> str:
    """Make and tell the reminders that have come. Any number may run at once; one killed halfway leaves the rest to the next."""
    try:
        return str(transitions.sweep())
    except TransitionError as busy:  # somebody enters a holiday over many open dates: the next sweep makes up for this one
        logger.warning("the sweep waits for the next minute: %s", busy)
        return str(busy)


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
