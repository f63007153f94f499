"""A record covers somebody once at a time, whoever writes it and however many together (`config.overlaps`)."""

from datetime import date
from threading import Event

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, NotSupportedError, connection, transaction

from households.models import AssistanceRecord, Coverage
from households.transitions.carrying import carry_of_resident
from tests.racing import race

from . import factories
from .factories import HouseholdFactory, ResidentFactory

NAME = "a_record_covers_somebody_once_at_a_time"
JANUARY, FEBRUARY, MARCH, APRIL = (date(2020, month, 1) for month in range(1, 5))
PATIENCE = 20


def refused():
    return pytest.raises(IntegrityError, match=NAME)


@pytest.fixture
def record(db):
    """It covers nobody yet."""
    row = AssistanceRecord.objects.get(pk=factories.assistance(HouseholdFactory()).pk)
    row.coverage.all().delete()
    return row


@pytest.fixture
def person(db):
    return ResidentFactory()


def reach(record, who, since, until=None):
    return Coverage(record=record, resident=who, since=since, until=until)


def test_not_twice_within_a_statement(record, person):
    with refused() as told, transaction.atomic():
        Coverage.objects.bulk_create([reach(record, person, JANUARY, MARCH), reach(record, person, MARCH)])
    assert told.value.__cause__.diag.constraint_name == NAME
    assert told.value.__cause__.diag.table_name == "households_coverage"
    assert told.value.__cause__.pgcode == "23P01"
    Coverage.objects.bulk_create(
        [reach(record, person, JANUARY, FEBRUARY), reach(record, person, MARCH), reach(record, ResidentFactory(), MARCH)]
    )
    assert record.coverage.count() == 3


def test_not_within_a_long_stretch_that_others_follow(record, person):
    """One that lies within an earlier one is found, though its neighbour lies before it."""
    reach(record, person, JANUARY, date(2020, 1, 31)).save()
    reach(record, person, FEBRUARY, APRIL).save()
    with refused(), transaction.atomic():
        reach(record, person, MARCH, MARCH).save()
    reach(factories.assistance(HouseholdFactory()), person, MARCH, MARCH).save()


def test_not_by_an_update(record, person):
    early, late = reach(record, person, JANUARY, FEBRUARY), reach(record, person, MARCH, APRIL)
    other = reach(record, ResidentFactory(), JANUARY, APRIL)
    Coverage.objects.bulk_create([early, late, other])
    for row, changed in (
        (early, {"until": MARCH}), (early, {"until": None}), (late, {"since": FEBRUARY}), (other, {"resident": person}),
        (late, {"since": JANUARY, "until": None}),
    ):  # fmt: skip
        with refused(), transaction.atomic():
            Coverage.objects.filter(pk=row.pk).update(**changed)
    Coverage.objects.filter(pk=early.pk).update(until=JANUARY)
    Coverage.objects.filter(pk=late.pk).update(since=FEBRUARY, until=None)


def test_not_by_an_update_of_the_record(record, person):
    elsewhere = factories.assistance(HouseholdFactory())
    reach(record, person, JANUARY).save()
    moved = reach(elsewhere, person, MARCH)
    moved.save()
    with refused(), transaction.atomic():
        Coverage.objects.filter(pk=moved.pk).update(record=record)


def test_rows_that_change_places_in_one_statement_may(record, person):
    """What counts is how the statement leaves them."""
    reach(record, person, JANUARY, FEBRUARY).save()
    reach(record, person, MARCH, APRIL).save()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE households_coverage SET since = since + 60, until = until + 60 WHERE record_id = %s", [record.pk])


def test_a_form_says_it_in_the_constraints_words(record, person):
    reach(record, person, JANUARY).save()
    with pytest.raises(ValidationError, match="此人在这段时间已被这项救助覆盖"):
        reach(record, person, MARCH).validate_constraints()


def test_two_rows_of_one_person_that_become_one(record, person, officer):
    """Where a record reaches both, the double's row stays its own and ends; where it does not, it goes over."""
    gone = ResidentFactory()
    Coverage.objects.bulk_create([reach(record, person, JANUARY), reach(record, gone, JANUARY)])
    alone = reach(AssistanceRecord.objects.get(pk=factories.assistance(HouseholdFactory()).pk), gone, JANUARY)
    alone.save()
    with transaction.atomic():
        carry_of_resident(gone, person, officer)
    assert Coverage.objects.get(pk=alone.pk).resident_id == person.pk
    assert record.coverage.filter(until=None).get().resident_id == person.pk
    assert record.coverage.exclude(until=None).get().resident_id == gone.pk


def at_the_same_time(first, second):
    """`second` begins when `first` has written and not committed; which of them ended first."""
    written, ended = Event(), []

    def one():
        with transaction.atomic():
            first.save()
            written.set()
            connection.cursor().execute("SELECT pg_sleep(0.3)")
            ended.append("first")

    def other():
        written.wait(PATIENCE)
        with transaction.atomic():
            second.save()
            ended.append("second")

    return race(one, other), ended


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_time_the_second_waits_and_is_refused(record, person):
    answers, ended = at_the_same_time(reach(record, person, JANUARY), reach(record, person, MARCH))
    assert ended == ["first"]
    assert answers[0] is None
    assert NAME in str(answers[1])
    Coverage.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_time_that_leave_each_other_room_both_go_through(record, person):
    answers, ended = at_the_same_time(reach(record, person, JANUARY, FEBRUARY), reach(record, person, MARCH))
    assert ended == ["first", "second"]
    assert answers == [None, None]
    Coverage.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_of_one_that_covers_and_one_that_moves_there_the_second_is_refused(record, person):
    moved = reach(record, ResidentFactory(), JANUARY)
    moved.save()
    moved.resident = person
    answers, ended = at_the_same_time(reach(record, person, MARCH), moved)
    assert ended == ["first"]
    assert NAME in str(answers[1])
    Coverage.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_who_reads_as_of_a_beginning_does_not_write(record, person):
    with transaction.atomic():
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(NotSupportedError, match="read what is committed"), transaction.atomic():
            reach(record, person, JANUARY).save()
    Coverage.objects.all().delete()
