"""Wake-ups from Celery: no fact travels, everything waits in the database."""

from celery import shared_task

from .transitions import outbox


@shared_task(acks_late=True, reject_on_worker_lost=True, time_limit=120, soft_time_limit=100)
def drain() -> int:
    """Send what waits in the outbox. Any number may run at once; one killed halfway leaves its batch waiting."""
    return outbox.drain()
