"""Chromium against a live server on the test's own clone: two widths, a cast that signs in, and no error that goes unseen."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from config import clock as house_clock
from organization.models import Post, Staff
from tests import cast, replay
from tests.conftest import Clock

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
PICTURES = Path(settings.BASE_DIR) / "test-results" / "pictures"
KEEPS_PICTURES = os.environ.get("PICTURES") == "1"
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WIDTHS = {"desktop": DESKTOP, "phone": PHONE}
# Who walks on a desktop and has every page that is looked at shown as narrow as a phone's too: one walk instead of two.
BOTH = "both"
STILL = "Promise.allSettled(document.getAnimations().filter(a => isFinite(a.effect.getComputedTiming().endTime)).map(a => a.finished))"
PATIENCE = 15_000  # milliseconds: a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)
# Seconds for which each answer is held back: a test that does not wait for the page it means fails (docs/testing.md).
SLOW = float(os.environ.get("SLOW", "0"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def _database_beside_the_event_loop() -> Iterator[None]:
    """Playwright keeps an event loop in this thread; Django would take the test for a coroutine and refuse the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


class _Lines:
    """The live server's connections: a request takes one that another has left, so that not every page begins with a new backend."""

    def __init__(self) -> None:
        self._free: list[BaseDatabaseWrapper] = []

    @contextmanager
    def taken(self) -> Iterator[None]:
        free = self._free
        line = free.pop() if free else self._opened()
        if line.settings_dict["NAME"] != connections.settings["default"]["NAME"]:  # left by a request that outlived its test
            line.close()
            line = self._opened()
        replay.watch_anew(line)
        connections["default"] = line
        try:
            yield
        finally:
            del connections["default"]
            if free is self._free:
                free.append(line)
            else:  # the test is over, and whoever was still connected has been ended
                line.close()

    def _opened(self) -> BaseDatabaseWrapper:
        line = connections.create_connection("default")
        line.settings_dict = {**line.settings_dict, "CONN_MAX_AGE": None}
        line.inc_thread_sharing()
        return line

    def close(self) -> None:
        """Before the database of a test goes."""
        free, self._free = self._free, []
        for line in free:
            line.close()


_lines = _Lines()


def _slowly(application: Callable[..., Any]) -> Callable[..., Any]:
    """Every answer waits; of a page the upper half stands a while alone, and then a while without its scripts, which nobody keeps."""

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        is_script = environ["PATH_INFO"].endswith(".js")

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            kept = [(name, value) for name, value in headers if name != "Cache-Control"]
            return start_response(status, [*kept, ("Cache-Control", "no-store")] if is_script else headers, *more)

        if is_script or not environ["PATH_INFO"].startswith(settings.STATIC_URL):
            time.sleep(SLOW)
        with closing(application(environ, begin)) as answer:
            for part in answer:
                half = len(part) // 2 if b"<html" in part[:200] else 0
                if half:
                    yield part[:half]
                    time.sleep(SLOW)
                yield part[half:]

    return slow


@pytest.fixture(scope="session")
def _server() -> Iterator[str]:
    application = _slowly(get_wsgi_application()) if SLOW else get_wsgi_application()

    def at_the_tests_time(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        """The line is held until the last octet is sent: a workbook is read from the database while it leaves."""
        with house_clock.set_clock(Clock.moment), _lines.taken(), closing(application(environ, start_response)) as answer:
            yield from answer

    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.set_app(at_the_tests_time)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server(_server: str, transactional_db: None) -> Iterator[str]:
    """Address of the live server; it works in this test's clone."""
    yield _server
    _lines.close()


class Visitor:
    """One person at one browser. Whatever goes wrong behind the page is kept and fails the test at its end."""

    def __init__(self, context: BrowserContext, address: str, width: str) -> None:
        self._looks = list(WIDTHS) if width == BOTH else [width]
        self.context, self.address, self.width = context, address, width
        context.set_default_timeout(PATIENCE)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        # A refused form comes back with 422, a refused step with 409: Chromium calls every such answer an error of the console.
        self.refusals: set[int] = {422}
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        expected = any(f"status of {status} " in message.text for status in self.refusals)
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(f"console {message.type}: {message.text} ({message.location.get('url')})")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.complaints.append(f"request to another host: {request.url}")

    def _on_response(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.refusals:
            self.complaints.append(f"{response.status} at {response.url}")

    def sign_in_as(self, post: Post) -> "Visitor":
        """Come with the session a sign-in leaves."""
        client = cast.sign_in(Client(), post.staff, post)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self.address}])
        return self

    def sign_in(self, staff: Staff, password: str = cast.PASSWORD) -> None:
        """Sign in as people do."""
        self.open("organization:sign_in")
        self.page.get_by_label("登录名").fill(staff.username)
        self.page.get_by_label("密码", exact=True).fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()

    def open(self, url: str, **kwargs: Any) -> Page:
        query = kwargs.pop("query", "")
        self.page.goto(f"{self.address}{reverse(url, kwargs=kwargs or None)}{query}")
        return self.page

    def picture(self, name: str) -> None:
        """Keep what the page looks like, whole, for people to look at: where they ask for it, since it costs as much as walking there."""
        if not KEEPS_PICTURES:
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        for width in self._looked_at():
            self.page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)

    def assert_accessible(self) -> None:
        """No violation of WCAG 2.1 A and AA that axe-core can see, and no sideways scrolling of the page."""
        for _width in self._looked_at():
            self._assert_accessible()

    def _looked_at(self) -> Iterator[str]:
        """The widths this visitor looks at the page in; in the first one afterwards."""
        for width in self._looks:
            if len(self._looks) > 1:
                self.page.set_viewport_size(WIDTHS[width]["viewport"])
            yield width
        if len(self._looks) > 1:
            self.page.set_viewport_size(WIDTHS[self._looks[0]]["viewport"])

    def _assert_accessible(self) -> None:
        self.page.wait_for_load_state()  # of a page that has half come, half is judged
        self.page.evaluate(STILL)  # half-way through a change of colour nothing has its contrast
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"], "preload": False}
        found = self.page.evaluate("options => axe.run(document, options).then(result => result.violations)", options)
        told = [f"{v['id']} ({v['impact']}): {v['help']}: {[n['target'] for n in v['nodes'][:4]]}" for v in found]
        assert not told, "\n".join([self.page.url, *told])
        wide = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], f"{self.page.url} scrolls sideways: {wide[0]} px in {wide[1]} px"

    def leave(self) -> None:
        complaints, self.complaints = self.complaints, []
        assert not complaints, "\n".join(["behind the page:", *complaints])


def choose(page: Page, field: str, words: str) -> None:
    """An option of a searchable list, from its own list: the one before it may still be closing."""
    page.locator(f"#id_{field}-ts-control").fill(words)
    page.locator(f"#id_{field}-ts-dropdown").get_by_role("option", name=words).first.click()


@pytest.fixture
def arrive(server: str, new_context: Callable[..., BrowserContext], browser: Browser) -> Iterator[Callable[[str], Visitor]]:
    """`arrive("phone")`: somebody new at the door."""
    visitors: list[Visitor] = []

    def one(width: str) -> Visitor:
        size = DESKTOP if width == BOTH else WIDTHS[width]
        context = new_context(base_url=server, locale="zh-CN", timezone_id="Asia/Shanghai", **size)
        visitors.append(Visitor(context, server, width))
        return visitors[-1]

    yield one
    for visitor in visitors:
        visitor.leave()


@pytest.fixture
def visitor(arrive: Callable[[str], Visitor]) -> Visitor:
    """Somebody at the door at 1366 wide; what is looked at is looked at 390 wide too."""
    return arrive(BOTH)


@pytest.fixture(params=list(WIDTHS))
def walker(request: pytest.FixtureRequest, arrive: Callable[[str], Visitor]) -> Visitor:
    """Somebody who walks the whole test on a desktop and again on a phone with its touches: for what people do on both."""
    return arrive(request.param)


@pytest.fixture
def desktop(arrive: Callable[[str], Visitor]) -> Visitor:
    return arrive("desktop")


@pytest.fixture
def phone(arrive: Callable[[str], Visitor]) -> Visitor:
    return arrive("phone")
