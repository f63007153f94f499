"""An entry that was confirmed and did not come about: something moved meanwhile, or it broke off."""

import pytest

from audit.models import Event
from config.verbs import TransitionError
from deadlines.models import Job
from spreadsheets import declaration, transitions
from spreadsheets.models import Batch, Effect
from spreadsheets.preview import BatchPage
from tests.protection_app.models import Person
from tests.spreadsheets import people
from tests.spreadsheets.factories import line, read, run

pytestmark = pytest.mark.django_db
S = Batch.Status


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    monkeypatch.setattr(declaration, "_doors", dict(declaration._doors))
    return people.register()


def test_what_moved_since_brings_the_file_back_to_its_preview(clerk, owner):
    batch = read([line("虚构乙")], by=clerk)
    owner.moved()
    transitions.propose(batch_id=batch.pk, by=clerk)
    run()
    batch.refresh_from_db()
    assert (batch.status, batch.confirmed_by, batch.proposed_by) == (S.READY, None, None)
    assert ["比对之后有变动。", 0] in batch.remarks
    page = BatchPage(batch, clerk)
    assert (page.held_up, page.remarks) == ("比对之后有变动。", [])
    assert not Person.objects.exists()
    assert not Effect.objects.exists()
    last = Event.objects.filter(subject_id=str(batch.pk)).latest("pk")
    assert (last.verb, last.note) == ("batch.held_up", "比对之后有变动。")


def test_what_was_entered_after_all_is_not_said_to_be_held_up(signed_in, clerk, owner):
    batch = read([line("虚构乙")], by=clerk)
    owner.moved()
    transitions.propose(batch_id=batch.pk, by=clerk)
    run()
    held = "比对之后有变动。"
    assert held in signed_in(clerk).get(batch.get_absolute_url()).content.decode()
    owner.fails = None
    transitions.propose(batch_id=batch.pk, by=clerk)
    assert held not in signed_in(clerk).get(batch.get_absolute_url()).content.decode(), "it is being entered again"
    run()
    batch.refresh_from_db()
    assert batch.status == S.APPLIED
    assert held not in signed_in(clerk).get(batch.get_absolute_url()).content.decode()


def test_a_bug_in_the_middle_leaves_nothing_and_the_step_can_be_asked_again(clerk, owner):
    batch = read([line("虚构乙")], by=clerk)
    owner.fails = ZeroDivisionError("a bug")
    transitions.propose(batch_id=batch.pk, by=clerk)
    run()
    batch.refresh_from_db()
    assert batch.status == S.APPLYING
    assert not Person.objects.exists()
    assert not Event.objects.filter(verb="person.listed").exists()
    assert Job.objects.get(kind="spreadsheets.apply").status == "failed"
    owner.fails = None
    transitions.resume(batch_id=batch.pk, by=clerk)
    with pytest.raises(TransitionError, match="正在入库，不能退回"):
        transitions.send_back(batch_id=batch.pk, reason="改用新表", by=clerk)
    run()
    assert Person.objects.count() == 1


def test_an_entry_that_broke_off_can_be_sent_back(clerk, owner):
    batch = read([line("虚构乙")], by=clerk)
    owner.fails = ZeroDivisionError("a bug")
    transitions.propose(batch_id=batch.pk, by=clerk)
    run()
    transitions.send_back(batch_id=batch.pk, reason="换一份表重报", by=clerk)
    batch.refresh_from_db()
    assert (batch.status, batch.confirmed_by, batch.proposed_by) == (S.READY, None, None)
    transitions.drop(batch_id=batch.pk, reason="换一份表重报", by=clerk)
