"""The lock-out's figures, read by django-axes at each attempt, and the brake on an address that tries everybody."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse

from config import clock

from .figures import figure


def failure_limit(request: HttpRequest, credentials: dict[str, str] | None = None) -> int:
    """Wrong passwords for one user from one address before both are locked out together."""
    return int(figure("sign_in_failures_max"))


def cool_off(request: HttpRequest | None = None) -> timedelta:
    """How long that lock-out lasts."""
    return timedelta(minutes=figure("sign_in_lock_minutes"))


def locked_out(request: HttpRequest, answer: HttpResponse, credentials: dict[str, str] | None = None) -> HttpResponse:  # noqa: ARG001
    """The page as the view made it: it says in our words that this try was one too many."""
    return answer


def address_is_spraying(address: str) -> bool:
    """One address has failed on so many accounts within the lock-out's length that it is asked to wait (SECURITY #16)."""
    recent = AccessAttempt.objects.filter(ip_address=address or None, attempt_time__gte=clock.now() - cool_off())
    failures = recent.aggregate(n=Sum("failures_since_start"))["n"] or 0
    return failures >= int(figure("sign_in_failures_per_address"))
