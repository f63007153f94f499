"""The test bed's first act, loaded with `-p tests.bed` before Django: without DATABASE_URL, the checkout's own PostgreSQL."""

import contextlib
import gc
import os

gc.disable()  # what is imported and collected stays: `tests/conftest.py` turns it on once that is done
_stack = contextlib.ExitStack()
# The template may stay on a server that is the checkout's own; somebody else's is left as it was found.
OWNS_SERVER = "ZX_TESTS_ON_OWN_SERVER"

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"  # before `config` is imported: its Celery app would name the demo's

if not os.environ.get("DATABASE_URL"):
    from config.local import TEST, own_servers

    _stack.enter_context(own_servers(TEST))
    os.environ[OWNS_SERVER] = "1"  # the xdist workers inherit it with DATABASE_URL


def pytest_unconfigure() -> None:
    _stack.close()
