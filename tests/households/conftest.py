"""Words the tests of this room share."""

import pytest

from audit.models import Event


@pytest.fixture
def lines(db):
    """`lines("household.opened")`: the events of these verbs, oldest first."""
    return lambda *verbs: list(Event.objects.filter(verb__in=verbs).order_by("id"))


@pytest.fixture
def failing_record(monkeypatch):
    """`failing_record(module)`: the event of the verb cannot be written."""

    def break_in(module):
        def fail(*args, **kwargs):
            raise RuntimeError("no record")

        monkeypatch.setattr(module, "record", fail)

    return break_in
