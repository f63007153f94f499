"""Coming and going: who signed in from where, failures, lock-outs. Times come from the clock, addresses from the request."""

from django.contrib.sessions.models import Session
from django.db import transaction

from audit.transitions import record
from config import clock

from ..models import Post, Staff

SESSIONS_AT_ONCE = 2_000


@transaction.atomic
def arrive(*, staff: Staff, address: str, by: Post | None) -> None:
    """Note a sign-in; `last_login` is Django's own column."""
    staff.last_login, staff.last_login_address = clock.now(), address or None
    staff.save(update_fields=["last_login", "last_login_address"])
    record("staff.signed_in", staff, by=by)


@transaction.atomic
def leave(*, staff: Staff, reason: str, by: Post | None) -> None:
    """Note the end of a session: by choice, idle too long, or past the absolute limit."""
    record("staff.signed_out", staff, by=by, note=reason)


@transaction.atomic
def fail(*, username: str, locked: bool) -> None:
    """Note a wrong password against the account it was tried on; a name nobody bears leaves its trace in the lock-out log only."""
    staff = Staff.objects.filter(username=username).first()
    if staff is not None:
        record("staff.locked_out" if locked else "staff.sign_in_failed", staff, by=None)


def forget_sessions() -> int:
    """Sessions that have run out: nobody comes back to one, and each sign-in leaves one. Some at a time, each part for itself."""
    over, count = Session.objects.filter(expire_date__lt=clock.now()), 0
    while keys := list(over.order_by("expire_date").values_list("pk", flat=True)[:SESSIONS_AT_ONCE]):
        count += Session.objects.filter(pk__in=keys, expire_date__lt=clock.now()).delete()[0]
    return count
