"""The record is append-only for everybody, the application included (SECURITY S8, XX-09)."""

import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from audit.models import Event
from audit.transitions import record
from organization.models import Region


@pytest.fixture
def event(db) -> Event:
    with transaction.atomic():
        event = record("region.described", Region(code="999999", name="无此县", level="county"), by=None, new="旧话")
    connection.check_constraints()  # as after a commit: PostgreSQL truncates no table with checks outstanding
    return event


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET new = '新话'",
        "UPDATE audit_event SET at = at - interval '1 day'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "TRUNCATE audit_event CASCADE",
    ],
)
def test_application_can_change_no_event(event, sql):
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    event.refresh_from_db()
    assert event.new == "旧话"


def test_models_can_change_no_event(event):
    event.new = "新话"
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        event.save()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        event.delete()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        Event.objects.update(note="改过")

    assert Event.objects.get(pk=event.pk).new == "旧话"


def test_trigger_names_what_was_tried(event):
    with pytest.raises(ProgrammingError, match="DELETE on audit_event refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE id = %s", [event.pk])


def test_event_goes_with_the_change_that_failed(db):
    """No line without its change: what is rolled back leaves none."""
    region = Region(code="999999", name="无此县", level="county", valid_from="2021-01-01")

    with pytest.raises(RuntimeError, match="纸张用完"), transaction.atomic():
        region.save()
        record("region.created", region, by=None)
        raise RuntimeError("纸张用完")

    assert not Event.objects.about(region).exists()


def test_change_goes_with_the_event_that_failed(db):
    """No change without its line: an event the database refuses takes the change with it."""
    region = Region(code="999999", name="无此县", level="county", valid_from="2021-01-01")

    with pytest.raises(DataError, match="too long"), transaction.atomic():
        region.save()
        record("x" * 61, region, by=None)

    assert not Region.objects.filter(pk="999999").exists()


@pytest.mark.django_db(transaction=True)
def test_event_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="transaction of its change"):
        record("region.described", Region(code="999999", name="无此县"), by=None)

    assert not Event.objects.filter(verb="region.described").exists()
