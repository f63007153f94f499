"""SECURITY D12, S8: a person sees a plain value only together with the line that says so."""

import pytest
from django.db import transaction
from django.http import Http404

from audit import reading
from audit.models import Event
from audit.presenters import phrase
from config.protection.keys import SealBroken
from config.protection.sealing import seal
from config.verbs import TransitionError
from tests.protection_app.models import Person

NUMBER = "00000019900101123X"


@pytest.fixture
def person(db):
    person = Person(name="张小芳")
    seal(person, id_number=NUMBER)
    person.save()
    return person


def revealed():
    return Event.objects.filter(verb="personal_data.revealed")


def test_reveal_gives_the_value_and_leaves_one_line(person, clerk):
    assert reading.reveal(row=person, field="id_number", by=clerk, reason=" 核对低保申请 ") == NUMBER
    event = revealed().get()
    assert (event.subject_id, event.by_id, event.post_id, event.note) == (str(person.pk), clerk.staff_id, clerk.pk, "核对低保申请")
    assert event.data["field"] == "id_number"
    assert phrase(event) == "查看完整证件号码：核对低保申请"


def test_the_line_never_holds_the_value(person, clerk):
    reading.reveal(row=person, field="id_number", by=clerk, reason="核对")
    event = revealed().get()
    assert not any(NUMBER in str(value) for value in vars(event).values())
    assert "000000********123X" in event.subject_text


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_reveal_asks_the_reason(person, clerk, reason):
    with pytest.raises(TransitionError, match="请填写查看原因"):
        reading.reveal(row=person, field="id_number", by=clerk, reason=reason)
    assert not revealed().exists()


def test_what_is_not_visible_does_not_exist(person, clerk, monkeypatch):
    monkeypatch.setattr(type(Person.objects.all()), "visible_to", lambda rows, post: rows.none())
    with pytest.raises(Http404):
        reading.reveal(row=person, field="id_number", by=clerk, reason="核对")
    assert not revealed().exists()


def test_no_value_without_its_line(person, clerk, monkeypatch):
    """The event fails: nothing is handed out."""

    def fail(*args, **kwargs):
        raise RuntimeError("no record")

    monkeypatch.setattr(reading, "record", fail)
    with pytest.raises(RuntimeError, match="no record"):
        reading.reveal(row=person, field="id_number", by=clerk, reason="核对")


def test_what_does_not_open_is_not_recorded_as_seen(person, clerk):
    Person.objects.filter(pk=person.pk).update(id_number_sealed="v1:test-2:AAAA")
    with pytest.raises(SealBroken), transaction.atomic():
        reading.reveal(row=person, field="id_number", by=clerk, reason="核对")
    assert not revealed().exists()


def test_stored_value_is_shown_not_the_callers(person, clerk):
    stale = Person.objects.get(pk=person.pk)
    seal(person, id_number="000000199001011248")
    person.save()
    assert reading.reveal(row=stale, field="id_number", by=clerk, reason="核对") == "000000199001011248"


def test_unprotected_field_is_refused(person, clerk):
    with pytest.raises(TypeError, match="not a protected value"):
        reading.reveal(row=person, field="name", by=clerk, reason="核对")
