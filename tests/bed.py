"""The test bed's first act, loaded with `-p tests.bed` before Django: without DATABASE_URL, the checkout's own PostgreSQL."""

import contextlib
import os

_stack = contextlib.ExitStack()

if not os.environ.get("DATABASE_URL"):
    from config.local import own_database

    _stack.enter_context(own_database())


def pytest_unconfigure() -> None:
    _stack.close()
