"""S10: rotation while the house is open."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from config.protection.keys import provider
from config.protection.sealing import open_sealed, seal
from tests.protection_app.models import ListedPerson, Person


@pytest.fixture
def on_key(settings):
    def change(kid, *, without=()):
        settings.FIELD_KEY_CURRENT = kid
        settings.FIELD_KEYS = {known: key for known, key in settings.FIELD_KEYS.items() if known not in without}
        provider.cache_clear()

    yield change
    provider.cache_clear()


@pytest.fixture(autouse=True)
def _read_settings_again_after():
    yield
    provider.cache_clear()


def people(count):
    rows = [Person(name=f"张{n}") for n in range(count)]
    for n, row in enumerate(rows):
        seal(row, id_number=f"{n:017}X", **({"diagnosis": f"病{n}"} if n % 2 else {}))
    return Person.objects.bulk_create(rows)


def run(**options):
    from io import StringIO

    said = StringIO()
    call_command("rotate_field_keys", stdout=said, stderr=said, **options)
    return said.getvalue()


@pytest.mark.django_db
def test_rotation_moves_every_value_and_changes_no_digest(on_key):
    on_key("test-1")
    people(23)
    listed = ListedPerson()
    seal(listed, id_number="00000000000000001X")
    listed.save()
    before = dict(Person.objects.values_list("pk", "id_number_digest"))
    on_key("test-2")
    said = run(batch=5)
    assert "protection_app_person.id_number：更换 23 项" in said
    assert "protection_app_person.diagnosis：更换 11 项" in said
    assert "protection_app_listedperson.id_number：更换 1 项" in said
    assert "旧密钥可以撤除" in said
    on_key("test-2", without=["test-1"])
    rows = Person.objects.order_by("name")
    assert dict(rows.values_list("pk", "id_number_digest")) == before
    assert sorted(open_sealed(row, "id_number") for row in rows) == [f"{n:017}X" for n in range(23)]
    assert sum(open_sealed(row, "diagnosis") != "" for row in rows) == 11


@pytest.mark.django_db
def test_second_run_does_nothing(on_key):
    on_key("test-1")
    people(3)
    on_key("test-2")
    run()
    tokens = list(Person.objects.order_by("pk").values_list("id_number_sealed", flat=True))
    assert "protection_app_person.id_number：更换 0 项" in run()
    assert list(Person.objects.order_by("pk").values_list("id_number_sealed", flat=True)) == tokens


@pytest.mark.django_db
def test_check_counts_and_moves_nothing(on_key):
    on_key("test-1")
    people(4)
    on_key("test-2")
    with pytest.raises(CommandError, match="还有 6 项未换到当前密钥"):
        run(check=True)
    assert Person.objects.filter(id_number_sealed__startswith="v1:test-1:").count() == 4


@pytest.mark.django_db
def test_stopped_in_the_middle_it_goes_on(on_key, monkeypatch):
    on_key("test-1")
    people(10)
    on_key("test-2")
    from config.protection import rotation

    write, batches = rotation._write, []

    def stop_at_third(*args):
        batches.append(args)
        if len(batches) == 3:
            raise KeyboardInterrupt
        write(*args)

    monkeypatch.setattr(rotation, "_write", stop_at_third)
    with pytest.raises(KeyboardInterrupt):
        run(batch=2)
    monkeypatch.setattr(rotation, "_write", write)
    moved = sum(len(tokens) for *_, tokens in batches[:2])
    assert moved == 4
    assert "旧密钥可以撤除" in run(batch=2)
    assert all(open_sealed(row, "id_number") for row in Person.objects.all())


@pytest.mark.django_db
def test_broken_value_stays_and_is_named(on_key):
    on_key("test-1")
    good, bad = people(2)
    Person.objects.filter(pk=bad.pk).update(id_number_sealed=good.id_number_sealed)
    on_key("test-2")
    with pytest.raises(CommandError, match="还有 1 项"):
        run()
    bad.refresh_from_db()
    assert bad.id_number_sealed == good.id_number_sealed
    good.refresh_from_db()
    assert good.id_number_sealed.startswith("v1:test-2:")


@pytest.mark.django_db(transaction=True)
def test_row_in_use_is_left_for_the_next_pass(on_key):
    """A verb that holds a row neither waits for the rotation nor is overwritten by it."""
    on_key("test-1")
    held, _ = people(2)
    on_key("test-2")
    locked, finish = threading.Event(), threading.Event()

    def verb():
        with transaction.atomic():
            row = Person.objects.select_for_update(no_key=True).get(pk=held.pk)
            locked.set()
            finish.wait(20)
            seal(row, id_number="00000000000000099X")
            row.save()
        connection.close()

    thread = threading.Thread(target=verb)
    thread.start()
    assert locked.wait(20)
    try:
        with pytest.raises(CommandError, match="还有 1 项"):
            run()
    finally:
        finish.set()
        thread.join(20)
    assert "旧密钥可以撤除" in run()
    assert open_sealed(Person.objects.get(pk=held.pk), "id_number") == "00000000000000099X"


def test_empty_batch_is_refused():
    with pytest.raises(CommandError, match="至少 1 行"):
        run(batch=0)
