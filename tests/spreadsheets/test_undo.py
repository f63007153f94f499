"""An entry taken back leaves the tables as they were, octet by octet, whatever it did to them."""

import random
from importlib import import_module

import pytest
from django.db import connection, transaction

from audit.models import Event
from spreadsheets import declaration, effects, transitions
from spreadsheets.models import Batch
from tests.protection_app.models import Person
from tests.racing import race
from tests.spreadsheets import people
from tests.spreadsheets.factories import entered, handed_in, id_number, line, read, run


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    return people.register()


def dumped():
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text FROM protection_app_person AS p ORDER BY id")
        return cursor.fetchall()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_whatever_an_entry_does_is_undone_exactly(clerk, approver, seed):
    chance = random.Random(seed)  # noqa: S311
    known = [(f"虚构{word}", id_number()) for word in "乙丙丁戊己庚"]
    entered([line(name, number) for name, number in known], by=clerk)
    before, events = dumped(), Event.objects.count()
    rows = [line(name, number, phone=chance.choice(["13800138000", "13912345678", ""])) for name, number in known if chance.random() < 0.7]
    rows += [line("虚构新") for _ in range(chance.randint(1, 3))]
    batch = entered(rows, by=clerk, template="test:whole")
    if batch.status == Batch.Status.PROPOSED:
        transitions.confirm(batch_id=batch.pk, by=approver)
        run()
    assert dumped() != before
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=approver)
    run()
    batch.refresh_from_db()
    assert batch.status == Batch.Status.UNDONE
    assert dumped() == before
    assert Event.objects.count() > events, "the record grows, and forgets nothing"


@pytest.mark.django_db
def test_a_row_written_twice_is_put_back_as_it_was_before_the_first(clerk, owner, monkeypatch):
    number = id_number()
    entered([line("虚构乙", number)], by=clerk)
    before, once = dumped(), owner.apply

    def twice(batch, template, by):
        once(batch, template, by)
        effects.update(batch, Person, "UPDATE protection_app_person AS p SET name_initials = 'a' WHERE p.name = %s", ["虚构乙"])
        effects.update(batch, Person, "UPDATE protection_app_person AS p SET name_initials = 'b'", [])

    monkeypatch.setattr(owner, "apply", twice)
    batch = entered([line("虚构乙", number, phone="13912345678"), line("虚构丙")], by=clerk)
    assert set(Person.objects.values_list("name_initials", flat=True)) == {"b"}
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)
    run()
    assert dumped() == before


def set_by(owner, monkeypatch, *statements):
    """The next entry does this too: pairs of what a statement sets and the columns that it names."""
    once = owner.apply

    def more(batch, template, by):
        once(batch, template, by)
        for what, named in statements:
            effects.update(batch, Person, f"UPDATE protection_app_person AS p SET {what} WHERE p.name = '虚构乙'", sets=named)

    monkeypatch.setattr(owner, "apply", more)


@pytest.mark.django_db
def test_statements_that_kept_other_columns_of_a_row_are_put_back_together(clerk, owner, monkeypatch):
    number = id_number()
    entered([line("虚构乙", number)], by=clerk)
    before = dumped()
    initials, pinyin = (
        ("name_initials = 'a'", ("name_initials",)),
        ("name_pinyin = 'yi', name_initials = 'b'", ("name_pinyin", "name_initials")),
    )
    set_by(owner, monkeypatch, initials, pinyin)
    batch = entered([line("虚构乙", number, phone="13912345678")], by=clerk)
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)
    run()
    assert dumped() == before


@pytest.mark.django_db
def test_a_column_that_a_statement_set_and_did_not_name_lets_nothing_be_put_back(clerk, owner, monkeypatch):
    number = id_number()
    entered([line("虚构乙", number)], by=clerk)
    set_by(owner, monkeypatch, ("name_pinyin = 'yi', name_initials = 'b'", ("name_pinyin",)))
    batch = entered([line("虚构乙", number), line("虚构丙")], by=clerk)
    left = dumped()
    with pytest.raises(RuntimeError, match="protection_app_person: 1 rows are not what they were"), transaction.atomic():
        transitions.undo(batch_id=batch.pk, by=clerk)
    assert dumped() == left


@pytest.mark.django_db
def test_an_entry_is_undone_exactly_across_a_downgrade_and_an_upgrade(clerk, owner, monkeypatch):
    """The release before knows whole rows alone, and writes back all their columns."""
    number = id_number()
    entered([line("虚构乙", number)], by=clerk)
    before = dumped()
    set_by(owner, monkeypatch, ("name_initials = 'a'", ("name_initials",)), ("name_pinyin = 'yi'", ("name_pinyin",)))
    batch = entered([line("虚构乙", number, phone="13912345678"), line("虚构丙")], by=clerk)
    digests = import_module("spreadsheets.migrations.0004_effects_keep_a_digest_of_what_was_left")
    with connection.cursor() as cursor:
        cursor.execute(digests.SPELT)
        cursor.execute(
            "SELECT jsonb_populate_record(NULL::protection_app_person, before[1])::text FROM spreadsheets_effect "
            "WHERE batch_id = %s AND before <> '{}' ORDER BY id LIMIT 1",
            [batch.pk],
        )
        assert cursor.fetchall() == before
        cursor.execute(digests.DIGESTED)
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)
    run()
    assert dumped() == before


@pytest.mark.django_db(transaction=True)
def test_two_confirm_and_two_upload_at_once(clerk, second_clerk, approver, second_approver, monkeypatch):
    monkeypatch.setattr(
        "spreadsheets.transitions.comparing.figure", lambda key: {"import_two_people_above": 0, "roll_change_stop": 30}[key]
    )
    monkeypatch.setattr("deadlines.transitions.jobs.wake", lambda: None)
    rows = [line("虚构乙")]
    files = race(lambda: handed_in(rows, by=clerk), lambda: handed_in(rows, by=second_clerk))
    assert Batch.objects.count() == 1
    assert sum(isinstance(answer, Batch) for answer in files) == 1
    [told] = [str(answer) for answer in files if not isinstance(answer, Batch)]
    assert "同一个文件已经" in told
    run()
    batch = Batch.objects.get()
    assert batch.needs_second
    transitions.propose(batch_id=batch.pk, by=clerk)
    answers = race(*(lambda post=post: transitions.confirm(batch_id=batch.pk, by=post) for post in (approver, second_approver)))
    assert sum(isinstance(answer, Batch) for answer in answers) == 1
    assert any("现为“入库中”" in str(answer) for answer in answers)
    race(lambda: transitions.apply(batch_id=batch.pk), lambda: transitions.apply(batch_id=batch.pk))
    assert Person.objects.count() == 1
    assert Event.objects.filter(verb="batch.applied").count() == 1
    Person.objects.all().delete()


@pytest.mark.django_db
def test_a_row_put_back_is_told_in_its_story(clerk):
    batch = entered([line("虚构乙")], by=clerk)
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)
    run()
    told = Event.objects.get(verb="row.put_back")
    assert (told.subject_label, told.data, told.by_id) == ("protection_app.person", {"batch": str(batch.pk)}, clerk.staff_id)
    assert read([line("虚构丙")], by=clerk).status == Batch.Status.READY
