"""The one clock of the house. Verbs, duties and the sweep take time only from here.

Only seeding and tests may set it, with `set_clock`; a test greps the tree for any other source of time. Database `now()`
serves leases and claims alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_set_to: ContextVar[datetime | None] = ContextVar("clock_set_to", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; or the moment set by `set_clock`."""
    return _set_to.get() or timezone.now()


def today() -> date:
    """Today's date in Asia/Shanghai: the date office work is dated with."""
    return timezone.localdate(now())


@contextmanager
def set_clock(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware `moment`. For seeding and tests only."""
    if timezone.is_naive(moment):
        raise ValueError("the clock takes aware moments only")
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)


def local(moment: datetime) -> datetime:
    """The same moment on the wall clock of Asia/Shanghai."""
    return timezone.localtime(moment)
