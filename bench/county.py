"""The county of `manage.py seed_county` in a scratch database, for the measurements that need one."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from bench.harness import scratch_database


@contextmanager
def county(name: str, households: int, referrals: int | None = None) -> Iterator[str]:
    """Migrations, reference data and a seeded county; yields what seeding said. About four minutes for 350,000 households."""
    with scratch_database(name):
        from django.core.management import call_command

        call_command("load_reference", stdout=io.StringIO())
        said = io.StringIO()
        call_command("seed_county", households=households, referrals=referrals, stdout=said)
        yield said.getvalue()
