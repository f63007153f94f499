"""The address a request came from, for the lock-out and the record."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The peer's address; behind our own proxy (`TRUST_PROXY`) the one it names in X-Real-IP. Empty over a Unix socket.

    X-Forwarded-For is never read: a client may write into it.
    """
    named = request.META.get("HTTP_X_REAL_IP", "") if settings.TRUST_PROXY else ""
    for candidate in (named, request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return ""
