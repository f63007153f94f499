"""No plain number of anybody: in no table, no event, no job, no log, no message (SECURITY R9, D7); and what is sealed opens again."""

import io
import logging

import pytest
from django.db import connection

from config.protection.numbers import without_id_numbers
from config.protection.sealing import seal
from spreadsheets import declaration, staging, transitions
from spreadsheets.models import Effect, StagedRow
from tests.protection_app.models import Person
from tests.spreadsheets import people
from tests.spreadsheets.factories import HEADS, entered, id_number, line, read, run

pytestmark = pytest.mark.django_db
PHONE, CARD = "13912345678", "6222021234567890123"


@pytest.fixture(autouse=True)
def owner(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    return people.register()


def everything():
    """The text of every table that a file on its way in may touch."""
    tables = ("spreadsheets_batch", "spreadsheets_upload", "spreadsheets_stagedrow", "spreadsheets_effect", "spreadsheets_mapping")
    others = ("audit_event", "deadlines_job", "deadlines_notice", "deadlines_outboxmessage", "protection_app_person")
    out = io.StringIO()
    with connection.cursor() as cursor:
        for table in (*tables, *others):
            cursor.copy_expert(f"COPY (SELECT t::text FROM {table} AS t) TO STDOUT", out)
    return out.getvalue()


def test_a_number_typed_anywhere_stands_nowhere_plain(clerk, approver, caplog):
    caplog.set_level(logging.DEBUG)
    numbers = [id_number() for _ in range(9)]
    own, in_note, spaced, wide, short, as_amount, in_head, misread, card = numbers
    wide_typed = "".join(chr(ord(character) + 0xFEE0) for character in wide)
    rows = [
        line("虚构乙", own, phone=PHONE, card=CARD),
        line("虚构丙", id_number(), note=f"妻子{in_note}"),
        line("虚构丁", id_number(), note=f"{spaced[:6]} {spaced[6:14]} {spaced[14:]}"),
        line("虚构戊", id_number(), note=wide_typed),
        line("虚构己", short[:17]),
        line("虚构庚", id_number(), amount=as_amount, since=misread),
        line("虚构辛", id_number(), note=f"残疾证{card}41"),
    ]
    batch = read(rows, by=clerk, heads=[*HEADS[:-1], HEADS[-1]], file_name=f"{in_head}.csv")
    notes = StagedRow.objects.filter(batch=batch, number__in=(3, 4, 5, 8))
    assert [[key for key, _ in row.problems] for row in notes.order_by("number")] == [["note"]] * 4
    headed = read([line("虚构乙", own)], by=clerk, heads=[*HEADS[:-1], in_head])
    transitions.propose(batch_id=batch.pk, by=clerk)
    run()
    transitions.ask_undo(batch_id=batch.pk, reason="报错了", by=clerk)
    run()
    assert Effect.objects.filter(batch=batch).exists()
    assert headed.columns["unknown"] == [without_id_numbers(in_head)]
    text = everything() + caplog.text
    for number in [*numbers, short[:17], PHONE, CARD, wide_typed]:
        assert number not in text, "a plain number reached a table or the log"
        assert number[:17] not in text
    assert "虚构乙" in text, "the search itself finds what is there"


def test_what_is_sealed_opens_for_its_row_alone(clerk):
    number = id_number()
    batch = read([line("虚构乙", number, phone=PHONE, card=CARD), line("虚构丙")], by=clerk)
    row, other = StagedRow.objects.filter(batch=batch).order_by("number")
    opened = {key: staging.opened(row, people.ADDED.field(key)) for key in ("id_number", "phone", "card")}
    assert opened == {"id_number": number, "phone": PHONE, "card": CARD}
    other.sealed["card"] = row.sealed["card"]
    assert staging.opened(other, people.ADDED.field("card")) == ""


def test_what_is_sealed_for_a_model_moves_as_it_is(clerk):
    from config.protection.sealing import open_sealed

    number = id_number()
    entered([line("虚构乙", number, phone=PHONE)], by=clerk)
    person = Person.objects.get()
    assert (open_sealed(person, "id_number"), open_sealed(person, "phone")) == (number, PHONE)


def test_of_people_in_the_register_no_second_ciphertext_is_kept(clerk):
    """A row has one of its own where it is wrong, or names nobody there; all of them open for the file of wrong rows."""
    numbers = known, misnamed, new, short = [id_number(), id_number(), id_number(), id_number()[:17]]
    entered([line("虚构乙", known), line("虚构丙", misnamed)], by=clerk)
    rows = [line("虚构乙", known), line("虚构丁", misnamed), line("虚构戊", new), line("虚构己", short)]
    batch = read(rows, by=clerk, template="test:kept")
    staged = list(StagedRow.objects.filter(batch=batch).order_by("number"))
    assert [row.outcome for row in staged] == ["same", "error", "new", "error"]
    assert ["s" in row.sealed["id_number"] for row in staged] == [False, True, True, True]
    assert [staging.opened(row, people.KEPT.field("id_number")) for row in staged] == numbers
    text = everything()
    assert not any(number in text for number in numbers)


def test_a_number_that_was_corrected_after_the_reading_is_asked_for_anew(clerk):
    """Its ciphertext stood with the person alone, who has another now: the row says so, and is put right in place."""
    number, corrected = id_number(), id_number()
    entered([line("虚构乙", number)], by=clerk)
    batch = read([line("虚构乙", number), line("虚构丙")], by=clerk, template="test:kept")
    person = Person.objects.get()
    seal(person, id_number=corrected)
    person.save()
    row, other = StagedRow.objects.filter(batch=batch).order_by("number")
    assert staging.opened(row, people.KEPT.field("id_number")) == "", "another number than was typed is nobody's to see"
    transitions.mend_row(batch_id=batch.pk, row_id=other.pk, values={"name": "虚构丁"}, by=clerk)
    row.refresh_from_db()
    assert (row.outcome, row.problems[0][0]) == ("error", "id_number")
    transitions.mend_row(
        batch_id=batch.pk, row_id=row.pk, values={"name": "虚构乙", "id_number": corrected, "township": "忠州街道"}, by=clerk
    )
    row.refresh_from_db()
    assert (row.outcome, row.person_id) == ("same", person.pk) or row.outcome == "changed"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("户主000000198001011234", True),
        ("000000 19800101 123x", True),
        ("91500233MA5U0000X1", False),
        ("915002337659135542", False),
        ("510222800101123", True),
        ("金额 12345.67 元", False),
        ("023-54231234转8001", False),
        ("13800138000 000000 19800101 1234", True),
        ("13800138000 000000198001011234", True),
        ("13800138000000000198001011231", False),
        ("ZH500233001000123 000000198001011234", True),
        ("6222 0212 3456 7890 123", False),
    ],
)
def test_what_looks_like_a_number_of_somebody(text, hidden):
    assert (without_id_numbers(text) != text) is hidden
