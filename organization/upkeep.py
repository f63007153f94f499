"""What comes round in this room. The room above, which has the clocks, registers it."""

from datetime import timedelta

from config import clock, once

from .figures import figure


def forget_form_tokens() -> int:
    """Tokens of forms sent more than `idempotency_kept` hours ago (SECURITY D8)."""
    return once.forget(before=clock.now() - timedelta(hours=figure("idempotency_kept")))
