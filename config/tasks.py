from celery import shared_task

from . import heartbeats


@shared_task
def tick() -> None:
    """Proof that beat, broker, worker and database work together."""
    heartbeats.write(heartbeats.QUEUE)
