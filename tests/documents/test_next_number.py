"""Numbers of papers: consecutive per kind, scope and year, never the same twice."""

import threading
from collections import Counter
from datetime import date

import pytest
from django.db import connections, transaction

from documents import numbering
from documents.models import NumberSeries
from documents.transitions import next_number


class Broken(Exception):
    """A verb fails after its number was given."""


ON = date(2026, 9, 24)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    monkeypatch.setattr(numbering, "_SERIES", {})
    numbering.register("trial", "{prefix}试〔{year}〕{scope}-{number:05d}号")


def test_numbers_run_on_per_kind_scope_and_year():
    numbering.register("other", "{year}-{scope}-{number}")
    assert next_number("trial", "500233001", ON) == "忠民试〔2026〕500233001-00001号"
    assert next_number("trial", "500233001", ON) == "忠民试〔2026〕500233001-00002号"
    assert next_number("trial", "500233002", ON) == "忠民试〔2026〕500233002-00001号"
    assert next_number("trial", "500233001", date(2027, 1, 1)) == "忠民试〔2027〕500233001-00001号"
    assert next_number("other", "500233001", ON) == "2026-500233001-1"
    assert next_number("trial", "500233001", ON) == "忠民试〔2026〕500233001-00003号"


def test_what_fails_gives_its_number_back():
    def fail():
        with transaction.atomic():
            next_number("trial", "500233001", ON)
            raise Broken

    with pytest.raises(Broken):
        fail()
    assert next_number("trial", "500233001", ON).endswith("-00001号")


@pytest.mark.parametrize("scope", ["", "5" * 21])
def test_scope_is_a_code(scope):
    with pytest.raises(ValueError, match="scope"):
        next_number("trial", scope, ON)


def test_kind_that_nobody_numbers():
    with pytest.raises(LookupError, match="nobody"):
        next_number("nobody", "500233001", ON)


@pytest.mark.parametrize("pattern", ["{year}-{number}", "{scope}-{number}", "{scope}{year}", "{scope}{year}{number}{name}", "号"])
def test_numbers_that_could_meet_are_not_declared(pattern):
    with pytest.raises(ValueError, match="names its year"):
        numbering.register("bad", pattern)


def test_kind_is_declared_once():
    numbering.register("trial", "{prefix}试〔{year}〕{scope}-{number:05d}号")
    with pytest.raises(ValueError, match="numbered already"):
        numbering.register("trial", "{year}{scope}{number}")


@pytest.mark.django_db(transaction=True)
def test_number_belongs_to_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        next_number("trial", "500233001", ON)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_at_once_no_two_get_the_same():
    given: list[str] = []
    ready = threading.Barrier(4)

    def ask() -> None:
        try:
            for _ in range(10):
                if not given:
                    ready.wait(timeout=30)
                with transaction.atomic():
                    given.append(next_number("trial", "500233001", ON))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert Counter(Counter(given).values()) == {1: 40}
    assert sorted(given)[-1].endswith("-00040号")
    assert NumberSeries.objects.get().last == 40


@pytest.mark.django_db(transaction=True)
def test_second_waits_for_the_first_and_takes_its_number_when_it_fails():
    order: list[str] = []

    def second() -> None:
        try:
            with transaction.atomic():
                order.append(next_number("trial", "500233001", ON))
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)

    def first() -> None:
        with transaction.atomic():
            next_number("trial", "500233001", ON)
            thread.start()
            thread.join(timeout=0.5)
            assert order == []
            raise Broken

    with pytest.raises(Broken):
        first()
    thread.join(timeout=30)
    assert order == ["忠民试〔2026〕500233001-00001号"]
