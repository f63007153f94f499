"""Wake-ups from Celery: no fact travels."""

from celery import shared_task

from config import clock

from .transitions.progress import forget_tries, hours


@shared_task
def forget_progress_tries() -> int:
    """Wrong tries of the progress page that no lock counts any longer: a lock reaches back twice its length."""
    return forget_tries(before=clock.now() - 2 * hours())
