"""Comparing a fragment with its page, and going on from a page."""

import re
from html import unescape
from urllib.parse import urljoin

from django.http import HttpResponse


def without_tokens(response: HttpResponse) -> str:
    """The text of an answer without what differs by request: CSRF and one-time tokens."""
    return re.sub(r'value="(?:[A-Za-z0-9]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"', 'value=""', response.content.decode()).strip()


def next_of(response: HttpResponse) -> str:
    """The address of a list's next page, as a browser reads it from where the answer came."""
    found = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
    assert found, "no next page"
    return urljoin(str(response.request["PATH_INFO"]), unescape(found[1]))  # type: ignore[attr-defined]
