"""Migrations with less rendered send what Django's send, also where a changed model is pointed at from afar."""

import threading
import time
from contextlib import AbstractContextManager, nullcontext, suppress

import pytest
from django.conf import settings
from django.db import connection, connections, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from config.local import migrating
from config.management.commands.migrate import one_at_a_time, whole


def key(to: str) -> models.Field:
    return models.ForeignKey(f"house.{to}", models.PROTECT)


def steps() -> list[migrations.operations.base.Operation]:
    return [
        migrations.CreateModel("Unit", [("id", models.AutoField(primary_key=True)), ("code", models.CharField(max_length=9, unique=True))]),
        migrations.CreateModel("Post", [("id", models.AutoField(primary_key=True)), ("unit", key("Unit"))]),
        migrations.CreateModel("Duty", [("id", models.AutoField(primary_key=True)), ("post", key("Post"))]),
        migrations.AddField("Unit", "size", models.IntegerField(default=1)),
        migrations.AddField("Duty", "unit", key("Unit")),
        migrations.AddField("Post", "duties", models.ManyToManyField("house.Duty")),
        migrations.AddIndex("Duty", models.Index(fields=["unit", "post"], name="by_unit")),
        migrations.AddConstraint("Unit", models.CheckConstraint(condition=models.Q(size__gt=0), name="some")),
        migrations.AlterField("Post", "unit", models.ForeignKey("house.Unit", models.PROTECT, null=True)),
        migrations.AlterField("Unit", "id", models.BigAutoField(primary_key=True)),
        migrations.RenameModel("Unit", "Office"),
        migrations.RemoveField("Duty", "post"),
    ]


def sent(how: AbstractContextManager[None]) -> list[str]:
    state = ProjectState()
    assert state.apps
    with how, connection.schema_editor(collect_sql=True, atomic=False) as editor:
        for step in steps():
            before = state.clone()
            step.state_forwards("house", state)
            step.database_forwards("house", editor, before, state)
    return editor.collected_sql


@pytest.mark.django_db
def test_the_same_statements_are_sent():
    djangos, ours = sent(nullcontext()), sent(migrating._less_rendered())
    assert ours == djangos
    assert sum('"unit_id" TYPE bigint' in sql for sql in ours) == 2, "both keys follow the column they point at"


def test_code_that_queries_sees_every_class_anew():
    """The neighbour of a changed model keeps the class of before until `RunPython` asks."""
    state = ProjectState()
    assert state.apps
    with migrating._less_rendered():
        for step in steps()[:4]:
            step.state_forwards("house", state)
        state.clear_delayed_apps_cache()
        post, unit = (state.apps.get_model("house", name) for name in ("Post", "Unit"))
    assert post._meta.get_field("unit").remote_field.model is unit
    assert unit._meta.get_field("size")


def test_djangos_ways_are_put_back():
    before = [getattr(place, name) for place, name, _ in migrating.OURS]
    with migrating._less_rendered():
        assert [getattr(place, name) for place, name, _ in migrating.OURS] == [ours for *_, ours in migrating.OURS]
    assert [getattr(place, name) for place, name, _ in migrating.OURS] == before


class Killed(Exception):
    pass


def step_with_a_key() -> migrations.Migration:
    step = migrations.Migration("0001_initial", "house")
    step.operations = steps()[:2]
    return step


@pytest.mark.django_db
@pytest.mark.parametrize(("how", "stands"), [(nullcontext, True), (whole, False)])
def test_a_step_stands_together_with_the_line_that_says_so(monkeypatch, how, stands):
    """Killed before the line is written: by Django's way the tables stay, and the next start stumbles over them."""

    def killed(*_args: object) -> None:
        raise Killed

    monkeypatch.setattr(MigrationRecorder, "record_applied", killed)
    with suppress(Killed), how():
        MigrationExecutor(connection).apply_migration(ProjectState(), step_with_a_key())
    assert ("house_post" in connection.introspection.table_names()) is stands


@pytest.mark.django_db(transaction=True)
def test_one_process_migrates_at_a_time():
    entered, leave, second = threading.Event(), threading.Event(), threading.Event()

    def first_start() -> None:
        with one_at_a_time("default"):
            entered.set()
            leave.wait(20)

    def second_start() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")  # as the house's own five seconds, which are fewer than a migration takes
        with one_at_a_time("default"):
            second.set()

    starts = [threading.Thread(target=first_start), threading.Thread(target=second_start)]
    starts[0].start()
    assert entered.wait(20)
    starts[1].start()
    try:
        assert not second.wait(0.3)
    finally:
        leave.set()
    assert second.wait(20)
    for start in starts:
        start.join()
    give_up = time.monotonic() + 30  # the server ends a session in its own time
    while holders() and time.monotonic() < give_up:
        time.sleep(0.05)
    assert holders() == 0, "nobody who has ended holds it"


def holders() -> int:
    """Of our own database: others on this server migrate when they like."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = (hashtext('migrate')::bigint & 4294967295)::oid
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
        )
        return cursor.fetchone()[0]


def test_every_migration_of_the_house_stands_whole():
    """One that is not would wait for a second start, which waits for it, and could not be begun again where it was broken off."""
    steps = MigrationLoader(None).disk_migrations.values()
    ours = [step for step in steps if (settings.BASE_DIR / step.__module__.split(".")[0]).is_dir()]
    assert len(ours) > 100
    assert [str(step) for step in ours if not step.atomic] == []
