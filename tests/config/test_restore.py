"""R13: the commands of docs/operations.md bring a whole database back into an empty one, with all that keeps it true."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection, connections
from psycopg2.sql import SQL, Identifier

from config.local.places import BASE_DIR
from config.local.postgres import ROLE, binaries, drop_database
from households.models import Resident
from tests.households.factories import HouseholdFactory

pytestmark = pytest.mark.django_db(transaction=True)
HANDBOOK = BASE_DIR / "docs/operations.md"
# What keeps the rows true. The text of a constraint is written anew by each reading (casts come in): its name and kind tell.
KEPT_BY = (
    "SELECT conrelid::regclass::text, conname, contype, convalidated FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT indexrelid::regclass::text, indisunique, indisvalid FROM pg_index WHERE indrelid IN (SELECT relid FROM pg_stat_user_tables)",
    "SELECT extname::text, extversion FROM pg_extension",
)


def told(tool: str) -> list[str]:
    """The options that the handbook gives to a tool, without the name of the database."""
    [line] = re.findall(rf"^docker compose exec -T db {tool} (.*?) [<>] \S+", HANDBOOK.read_text(encoding="utf-8"), flags=re.M)
    return [word for word in shlex.split(line.replace("$(date +%F)", "")) if word not in {"-U", "postgres", "-d", "assistance"}]


def run(tool: str, name: str, *words: str, **options: Any) -> None:
    params = connection.get_connection_params()
    where = ["-h", params["host"], "-p", str(params["port"]), "-U", params["user"]]
    subprocess.run([binaries() / tool, *where, *told(tool), *words, *([name] if name else [])], check=True, timeout=240, **options)


def opened(name: str) -> Any:
    params = {key: value for key, value in connection.get_connection_params().items() if key not in {"cursor_factory", "context"}}
    found = psycopg2.connect(**(params | {"dbname": name}))
    found.autocommit = True
    return found


@pytest.fixture
def empty() -> Iterator[str]:
    """A database as the image's script leaves it: of the application's role, with nothing in it."""
    name = f"{connection.settings_dict['NAME']}_restored"
    admin = opened("postgres")
    drop_database(admin, name)
    with admin.cursor() as cursor:
        cursor.execute(SQL("CREATE DATABASE {} TEMPLATE template0 OWNER {}").format(Identifier(name), Identifier(ROLE)))
    yield name
    drop_database(admin, name)
    admin.close()


def contents(name: str) -> dict[str, Any]:
    """Every row of every table by its digest, and what keeps them true."""
    found: dict[str, Any] = {}
    place = opened(name)
    with place.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            rows = SQL("SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t").format(Identifier(table))
            cursor.execute(rows)
            found[table] = cursor.fetchone()
        for question in KEPT_BY:
            cursor.execute(question)
            found[question] = sorted(cursor.fetchall())
    place.close()
    return found


def test_dumped_and_restored_by_the_handbook_it_is_the_same_house(empty: str, tmp_path: Path) -> None:
    household = HouseholdFactory()
    number = str(Resident.objects.filter(memberships__household=household).earliest("pk").id_number)
    own = connection.settings_dict["NAME"]
    dump = tmp_path / "assistance.dump"
    with dump.open("wb") as out:
        run("pg_dump", own, stdout=out)
    with dump.open("rb") as source:
        run("pg_restore", "", "-d", empty, stdin=source)
    before, after = contents(own), contents(empty)
    assert before["households_resident"][0] > 0
    assert {name for name in before if before[name] != after.get(name)} == set()
    assert before.keys() == after.keys()

    place = opened(empty)
    with place.cursor() as cursor, pytest.raises(psycopg2.Error, match="append-only"):
        cursor.execute("DELETE FROM audit_event")
    place.close()
    connections.close_all()
    connections.settings["default"]["NAME"] = empty
    try:
        call_command("migrate", check_unapplied=True, stdout=StringIO())
        assert str(Resident.objects.filter(memberships__household=household).earliest("pk").id_number) == number
    finally:
        connections.close_all()
        connections.settings["default"]["NAME"] = own
