"""The demo's closed ledger: the month before the last one, and what it would say otherwise by now."""

from contextlib import suppress

from config import clock
from config.dates import add_months
from config.verbs import TransitionError
from organization.models import Post

from .models import LedgerMonth
from .transitions.ledger_months import close_ledger_month


def load(by: Post) -> None:
    """Through the verb; safe to repeat. The last month is left to the button, and all of it where a file is being entered."""
    if LedgerMonth.objects.exists():
        return
    with suppress(TransitionError):
        close_ledger_month(month=add_months(clock.today().replace(day=1), -2), by=by)
