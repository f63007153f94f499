"""One id for all that a request writes to the logs, given back in the answer so that a clerk can quote it."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_NONE = "-"
_current: ContextVar[str] = ContextVar("request_id", default=_NONE)
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")


def current() -> str:
    """The id of the request being answered; "-" outside one."""
    return _current.get()


def is_known() -> bool:
    """Whether a request is being answered."""
    return current() != _NONE


class RequestIdMiddleware:
    """Takes nginx's X-Request-ID when it is well formed, else makes one: what a stranger sends cannot write into the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        named = request.headers.get("X-Request-ID", "")
        given = named if _WELL_FORMED.fullmatch(named) else uuid.uuid4().hex
        request.request_id = given  # type: ignore[attr-defined]  # for what Django logs after this middleware
        token = _current.set(given)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = given
            return response
        finally:
            _current.reset(token)
