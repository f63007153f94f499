"""Wake-ups from Celery."""

from celery import shared_task

from organization.models import Post

from .transitions import sweep


@shared_task(acks_late=True, reject_on_worker_lost=True, time_limit=840, soft_time_limit=820)
def sweep_attachments() -> int:
    """Remove what failed verbs left on the disk, quarantine rows whose file is gone. Any number may run at once."""
    return len(sweep(by=Post.objects.the_system()).removed)
