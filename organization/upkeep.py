"""What comes round in this room. The room above, which has the clocks, registers it."""

from datetime import timedelta

from django.contrib.sessions.models import Session

from config import clock, once

from .figures import figure

SESSIONS_AT_ONCE = 2_000


def forget_form_tokens() -> int:
    """Tokens of forms sent more than `idempotency_kept` hours ago (SECURITY D8)."""
    return once.forget(before=clock.now() - timedelta(hours=figure("idempotency_kept")))


def forget_sessions() -> int:
    """Sessions that have run out: nobody comes back to one, and each sign-in leaves one. Some at a time, each part for itself."""
    over, count = Session.objects.filter(expire_date__lt=clock.now()), 0
    while keys := list(over.order_by("expire_date").values_list("pk", flat=True)[:SESSIONS_AT_ONCE]):
        count += Session.objects.filter(pk__in=keys, expire_date__lt=clock.now()).delete()[0]
    return count
