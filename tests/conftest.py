"""Fixtures every test may use: its database, the clock, the cast, and how strict the bed is (see docs/testing.md)."""

import gc
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config import clock as house_clock
from config.local.migrating import migrate
from tests import cast, chromium, quick, replay, strict
from tests.bed import OWNS_SERVER
from tests.databases import Bed, clone_instead_of_flushing

# Thursday before Mid-Autumn and the October holiday: the calendar has something to say right away.
NOW = datetime(2026, 9, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

strict.refuse_network()
quick.be_quick()
quick.tell_no_refusals()
globals().update({name: getattr(cast, name) for name in cast.FIXTURES})  # the cast's fixtures, under their names


def pytest_configure(config: pytest.Config) -> None:
    chromium.demand()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chromium.deselect_without_chromium(config, items)


def pytest_collection_finish() -> None:
    """What has been imported stays: the collector need not look through it again and again, a tenth of a test's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
    gc.enable()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not chromium.chromium():
        terminalreporter.write_line(chromium.SENTENCE)


def _build_template() -> None:

    with house_clock.set_clock(NOW):
        migrate()
        call_command("load_reference", stdout=io.StringIO())
        cast.assemble()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[Bed]:
    """This process's clone of the template, in place of pytest-django's test database."""
    with django_db_blocker.unblock():
        bed = Bed(_build_template, keep_template=OWNS_SERVER in os.environ)
        clone_instead_of_flushing(bed)
    yield bed
    with django_db_blocker.unblock():
        bed.close()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium.chromium(), "args": chromium.arguments()}


class Clock:
    """The test's clock: stands still at `NOW` until the test moves it; the live server's threads read `moment`."""

    moment = NOW

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.set(NOW)

    def set(self, moment: datetime) -> None:
        self.stop()
        Clock.moment = moment
        self._stack.enter_context(house_clock.set_clock(moment))

    def forward(self, **by: float) -> None:
        """`clock.forward(days=1, minutes=5)`."""
        self.set(house_clock.now() + timedelta(**by))

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    """The house's clock stands still in every test; ask for it by name to move it."""
    clock = Clock()
    yield clock
    clock.stop()


@pytest.fixture
def assert_queries() -> Callable[[int], AbstractContextManager[CaptureQueriesContext]]:
    """`with assert_queries(7): client.get(...)` pins the queries of a list page; savepoints are not counted."""

    @contextmanager
    def pinned(number: int) -> Iterator[CaptureQueriesContext]:
        with CaptureQueriesContext(connection) as captured:
            yield captured
        queries = [q["sql"] for q in captured.captured_queries if "SAVEPOINT" not in q["sql"]]
        listing = "\n".join(f"  {n}. {sql[:240]}" for n, sql in enumerate(queries, 1))
        assert len(queries) == number, f"{len(queries)} queries, {number} pinned:\n{listing}"

    return pinned


@pytest.fixture(scope="session", autouse=True)
def _files_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests upload, and what the workers walk for each other, goes when their run is forgotten."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    if "PYTEST_XDIST_WORKER" in os.environ:
        replay.share(tmp_path_factory.getbasetemp().parent / "walks")


@pytest.fixture(autouse=True)
def _figures_afresh(clock: Clock) -> Iterator[None]:  # noqa: ARG001
    """Figures and names are held in the process for half a minute; a test's clock stands still, so each test begins without them.

    On its first day no unit has ended, and no banner stands over its pages: nothing is read for them, whether a state was walked to or
    laid down. A test of a banner calls `banners.forget()`."""
    from config import banners
    from config.navigation import EVERYBODY
    from organization import figures, lineage
    from referrals import names

    replay.begin_test()
    lineage.hold(lineage.Lineage(house_clock.today(), time.monotonic()))
    for role in EVERYBODY:
        banners.hold(role, [])
    for held in (figures, names):
        held.forget()
    yield
    lineage.hold(None)
    for held in (figures, names):
        held.forget()
