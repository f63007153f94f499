"""The bell in the header."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .models import Notice

CAP = 99


def bell(request: HttpRequest) -> dict[str, object]:
    """`unread_notices`: "", "3" or "99+", counted only where a header asks."""
    return {"unread_notices": SimpleLazyObject(lambda: _count(request))}


def _count(request: HttpRequest) -> str:
    count = Notice.objects.count_unread(getattr(request, "posts", []), CAP + 1)
    return f"{CAP}+" if count > CAP else str(count or "")
