"""What makes the bed strict: no network, no unknown template variable, no write behind a read (STYLE habits 8 and 11)."""

import functools
import ipaddress
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.base import FilterExpression
from django.template.context import Context
from django.template.defaultfilters import default, default_if_none

TEMPLATES = str(Path(__file__).resolve().parent.parent / "templates")


class NetworkRefused(RuntimeError):
    """A test spoke to another machine."""


_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex


def _is_local(sock: socket.socket, address: Any) -> bool:
    if sock.family == socket.AF_UNIX:
        return True
    host = address[0] if isinstance(address, tuple) else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def refuse_network() -> None:
    """Unix sockets and loopback only, for the whole process."""

    def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(sock: socket.socket, address: Any) -> Any:
            if not _is_local(sock, address):
                raise NetworkRefused(f"a test tried to reach {address!r}: tests speak to this machine only")
            return original(sock, address)

        return connect

    socket.socket.connect = guarded(_connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = guarded(_connect_ex)  # type: ignore[method-assign]


class UnknownVariable(AssertionError):
    """A template of ours names something the view did not give it."""


class RefuseUnknown(str):
    """`string_if_invalid` that raises in our own templates.

    Django does not ask it inside `{% if %}`, `{% for %}` and `{% firstof %}`; a variable whose first filter is `default` may be missing,
    since the template says what stands in its place; other people's templates (Django's forms, the API pages) keep their manners.
    """

    __slots__ = ()

    def __contains__(self, _: object) -> bool:
        return True

    def __mod__(self, variable: Any) -> Any:
        frame = sys._getframe(1)
        expression, context = frame.f_locals.get("self"), frame.f_locals.get("context")
        template = context.render_context.template if isinstance(context, Context) else None
        if not isinstance(expression, FilterExpression) or not isinstance(context, Context) or template is None:
            raise UnknownVariable(str(variable))
        origin = str(template.origin.name)
        has_default = bool(expression.filters) and expression.filters[0][0] in {default, default_if_none}
        if origin.startswith(TEMPLATES) and not has_default:
            raise UnknownVariable(f"{{{{ {expression.token} }}}} in {Path(origin).relative_to(TEMPLATES)}: no such variable")
        engine = template.engine
        engine.string_if_invalid = ""
        try:
            return expression.resolve(context)
        finally:
            engine.string_if_invalid = self


class WriteBehindRead(AssertionError):
    """A GET or HEAD changed, or locked, something."""


_HARMLESS = re.compile(
    r"\s*(?:SELECT|SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT|DECLARE|FETCH|CLOSE|WITH|EXPLAIN|SHOW)\b", re.IGNORECASE
)
_HIDDEN_WRITE = re.compile(
    r"\bFOR (?:NO KEY )?(?:UPDATE|SHARE)\b|^\s*SELECT\b[^']*\bINTO\b|^\s*WITH\b.*\b(?:INSERT INTO|UPDATE \S+ SET|DELETE FROM)\b",
    re.IGNORECASE | re.DOTALL,
)


def _refuse_writes(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    text = sql if isinstance(sql, str) else sql.as_string(context["connection"].connection)
    if not _HARMLESS.match(text) or _HIDDEN_WRITE.search(text):
        raise WriteBehindRead(f"a page that is only read ran: {text[:300]}")
    return execute(sql, params, many, context)


@contextmanager
def reading_only() -> Iterator[None]:
    """Refuse anything but SELECT on the default database."""
    with connection.execute_wrapper(_refuse_writes):
        yield


def read_only_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Innermost middleware of the bed: every view behind a GET or HEAD, of the test client and of the live server, is proven a read.

    What lies outside it may write: the session, its end with the event of it, the lock-out's log. A view has no exception.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return get_response(request)
        with reading_only():
            response = get_response(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = _read_only_stream(iter(response.streaming_content))
        return response

    return middleware


def _read_only_stream(chunks: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        with reading_only():
            try:
                chunk = next(chunks)
            except StopIteration:
                return
        yield chunk


class DeadEnd(AssertionError):
    """A page that came back from a form leads to the address of the form, which shows nothing."""


_TO_ITSELF = re.compile(rb'href="\?|hx-get=""|<form(?=[^>]*method="get")(?![^>]*action=)')


@functools.cache  # each client of a test loads the middleware anew
def _shown() -> set[str]:
    """The addresses that answer a GET, as the permission matrix says."""
    from tests.matrix.reading import rows

    return {url for url, found in rows().items() if "GET" in {row.method for row in found}}


def pages_that_lead_on(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware of the bed: where a form comes back in its page and its address takes nothing but forms, no link of it asks that address.

    What is only a part of a page (htmx) is put into one, and its links ask that one's address.
    """
    shown = _shown()

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if request.method != "POST" or match is None or match.view_name in shown:
            return response
        is_page = not response.streaming and "HX-Request" not in request.headers
        if is_page and (found := _TO_ITSELF.search(response.content)):
            raise DeadEnd(f"{match.view_name} answers with {found[0].decode()}")
        return response

    return middleware
