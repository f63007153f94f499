"""The checkout's own servers, PostgreSQL and Valkey from wheels, started and stopped by us (docs/operations.md)."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from . import keys, postgres, valkey
from .places import BENCH, DEMO, TEST, LocalServerError, Site, own_run_dir
from .servers import Server, use

__all__ = ["BENCH", "DEMO", "TEST", "LocalServerError", "own_servers", "site_of", "wants_database"]

# Commands that never ask a database; any other finds, or starts and stops, the checkout's own server.
WITHOUT_DATABASE = frozenset(
    {
        "help",
        "version",
        "diffsettings",
        "findstatic",
        "collectstatic",
        "makemessages",
        "compilemessages",
        "startapp",
        "startproject",
        "spectacular",
    }
)


def site_of(settings_module: str) -> Site | None:
    """Which servers a settings module uses when the environment names none: production has none of its own."""
    return {"dev": DEMO, "test": TEST}.get(settings_module.rpartition(".")[2])


def wants_database(argv: Sequence[str]) -> bool:
    if len(argv) < 2 or {"--help", "-h", "--version"} & set(argv[1:]):
        return False
    return argv[1] not in WITHOUT_DATABASE and not (argv[1] == "check" and "--database" not in argv)


@contextmanager
def own_servers(site: Site, *, broker: bool = False) -> Iterator[list[Server]]:
    """DATABASE_URL, and with `broker` CELERY_BROKER_URL: as set, else those of the site's own servers, which run at least as long as this.

    Yields the servers that are its own.

    Raises:
        LocalServerError: a sentence saying why there can be no such server here, and what to do.
    """
    own = {"DATABASE_URL": (postgres.describe, postgres.database_url(site))}
    if broker:
        own["CELERY_BROKER_URL"] = (valkey.describe, valkey.broker_url(site))
    missing = {name: what for name, what in own.items() if not os.environ.get(name)}
    with ExitStack() as stack:
        started: list[Server] = []
        if missing:
            own_run_dir()
            if site.is_durable:
                keys.ensure()  # before any data that they are to protect
            started = [describe(site) for describe, _ in missing.values()]
            stack.enter_context(use(site, started))
        os.environ.update({name: url for name, (_, url) in missing.items()})
        try:
            yield started
        finally:
            for name in missing:
                os.environ.pop(name, None)
