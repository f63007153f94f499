"""Where a request came from: the machine, for the lock-out and the record, and the page, for the way back."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


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


def next_of(request: HttpRequest) -> str:
    """The page of ours that the form was opened for and leads back to; empty where it names none, or one of another host."""
    asked = request.POST if request.method == "POST" else request.GET
    page = asked.get("next", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()) else ""


def page_before(request: HttpRequest) -> str:
    """Path and query of the page of ours that the request was sent from; empty where it does not say."""
    came_from = request.META.get("HTTP_REFERER", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return ""
    return urlsplit(came_from)._replace(scheme="", netloc="").geturl()
