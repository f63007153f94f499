"""An entry that was confirmed and did not come about: something moved meanwhile, or it broke off."""

import dataclasses

import pytest
from django.db import IntegrityError

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
    page = BatchPage(batch, clerk)
    assert (page.held_up, page.remarks) == ("没有入库：比对之后有变动。已重新比对，请核对后再确认入库。", [])
    assert Job.objects.get(kind="spreadsheets.apply").step == "没有入库，原因见这个文件的页面。已重新比对，请核对后再确认入库。"
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


def test_where_a_second_person_confirms_he_is_the_next_step(clerk, approver, owner, monkeypatch):
    monkeypatch.setattr(people, "ADDED", dataclasses.replace(people.ADDED, always_second=True))
    batch = read([line("虚构乙")], by=clerk)
    owner.fails = IntegrityError("another came first")
    transitions.propose(batch_id=batch.pk, by=clerk)
    transitions.confirm(batch_id=batch.pk, by=approver)
    run()
    batch.refresh_from_db()
    held = "没有入库：入库时与刚刚办理的业务相冲突。已重新比对，请核对后再提交第二人确认。"
    assert (batch.status, BatchPage(batch, clerk).held_up) == (S.READY, held)


def test_however_much_is_said_against_it_what_to_do_now_is_said(clerk, owner):
    batch = read([line("虚构乙")], by=clerk)
    owner.fails = TransitionError("第2行已由他人办理；" * 100)
    transitions.propose(batch_id=batch.pk, by=clerk)
    run()
    batch.refresh_from_db()
    assert BatchPage(batch, clerk).held_up.endswith("…已重新比对，请核对后再确认入库。")
    assert len(Event.objects.get(verb="batch.held_up").note) == 500


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
