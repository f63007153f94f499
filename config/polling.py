"""Pages that ask by themselves: to look again every other second is no use of the session, and keeps none alive (SECURITY A4)."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpResponse

View = TypeVar("View", bound=Callable[..., HttpResponse])


def poll(view: View) -> View:
    """Marks a view that scripts ask again and again. Gates above it hand the mark on (`functools.wraps`)."""
    view.is_poll = True  # type: ignore[attr-defined]
    return view


def is_poll(view: Callable[..., Any] | None) -> bool:
    return getattr(view, "is_poll", False)
