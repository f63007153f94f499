"""`migrate`, whole and alone: Django's own command, with what a kill in the middle or a second start would otherwise break."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

_apply_of = MigrationExecutor.apply_migration


class Command(migrate.Command):
    help = f"{migrate.Command.help} Each migration stands together with the line that says so, and one process migrates at a time."

    def handle(self, *args: Any, **options: Any) -> None:
        with one_at_a_time(options["database"]), whole():
            super().handle(*args, **options)


@contextmanager
def one_at_a_time(database: str) -> Iterator[None]:
    """Waits for whoever is migrating: also for the server's end of a process that was killed, which may still be committing a step.

    Without it a second start reads which steps are done, and then meets the table that the first one left behind.
    """
    connection = connections[database]
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # a step on a county's tables takes its time, and so does waiting for it
        cursor.execute("SET lock_timeout = 0")  # the other's steps take minutes, and who waits for a row is told after seconds
        cursor.execute("SELECT pg_advisory_lock(hashtext('migrate'))")
        cursor.execute("RESET lock_timeout")  # a step that waits for a table in use gives up as before: behind it everybody would queue
    try:
        yield
    finally:
        connection.close()  # with its session go the lock and the setting, also after an error


@contextmanager
def whole() -> Iterator[None]:
    """Django notes a step that has foreign keys after it has committed it: killed in between, it would be done a second time."""

    def apply_migration(self: Any, state: Any, migration: Any, fake: bool = False, fake_initial: bool = False) -> Any:  # noqa: FBT001, FBT002
        if not migration.atomic:
            return _apply_of(self, state, migration, fake, fake_initial)
        with transaction.atomic(using=self.connection.alias):
            return _apply_of(self, state, migration, fake, fake_initial)

    MigrationExecutor.apply_migration = apply_migration  # type: ignore[method-assign]
    try:
        yield
    finally:
        MigrationExecutor.apply_migration = _apply_of  # type: ignore[method-assign]
