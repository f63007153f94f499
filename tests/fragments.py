"""Comparing a fragment with its page."""

import re

from django.http import HttpResponse


def without_tokens(response: HttpResponse) -> str:
    """The text of an answer without what differs by request: CSRF and one-time tokens."""
    return re.sub(r'value="(?:[A-Za-z0-9]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"', 'value=""', response.content.decode()).strip()
