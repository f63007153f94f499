"""Wake-ups from Celery: no fact travels."""

from datetime import timedelta

from celery import shared_task

from config import clock, once

from .figures import figure


@shared_task
def forget_form_tokens() -> int:
    """Tokens of forms sent more than `idempotency_kept` hours ago (SECURITY D8)."""
    return once.forget(before=clock.now() - timedelta(hours=figure("idempotency_kept")))
