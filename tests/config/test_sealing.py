"""DESIGN 3, SECURITY D7, S9, S10: protected values on a model, by every door."""

import copy
import logging
import pickle
import sys
import uuid

import pytest
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.views.debug import ExceptionReporter

from config.checks import protected_models
from config.protection.fields import FREE_TEXT, ID_NUMBER, PHONE, protected_columns
from config.protection.keys import SealBroken, SoftwareKeyProvider
from config.protection.sealing import (
    Columns,
    digest_many,
    digest_texts,
    matching,
    open_sealed,
    seal,
    seal_again,
    seal_many,
    seal_texts,
    split,
    unseal_many,
)
from tests.protection_app.models import ListedPerson, Person

NUMBER = "00000019900101123X"
CANARIES = {"id_number": NUMBER, "phone": "13800138123", "bank_account": "6222020200012345678", "diagnosis": "金丝雀病"}


@pytest.fixture
def person():
    person = Person(name="张小芳")
    seal(person, **CANARIES)
    return person


@pytest.mark.django_db
def test_sealed_values_open_again(person):
    person.save()
    stored = Person.objects.get(pk=person.pk)
    assert {name: open_sealed(stored, name) for name in CANARIES} == CANARIES


def test_row_reads_as_masks(person):
    assert (str(person.id_number), str(person.phone), str(person.bank_account), str(person.diagnosis)) == (
        "000000********123X",
        "138****8123",
        "尾号5678",
        "已填写",
    )
    assert person.id_number
    assert not Person().id_number


def test_plain_value_is_never_an_attribute(person):
    with pytest.raises(AttributeError, match=r"seal\(row, id_number=...\)"):
        person.id_number = NUMBER
    with pytest.raises(TypeError, match="unexpected keyword"):
        Person(id_number=NUMBER)


@pytest.mark.parametrize("show", [repr, str, lambda p: repr(vars(p)), lambda p: repr(p.id_number), lambda p: repr(pickle.dumps(p))])
def test_no_canary_in_what_a_row_says_of_itself(person, show):
    assert not any(value in show(person) for value in CANARIES.values())


def test_row_survives_pickle_and_copy(person):
    for twin in (pickle.loads(pickle.dumps(person)), copy.deepcopy(person)):  # noqa: S301
        assert open_sealed(twin, "id_number") == NUMBER


@pytest.mark.django_db
def test_no_canary_in_any_column_of_any_table(person):
    """S9."""
    person.save()
    listed = ListedPerson()
    seal(listed, id_number=NUMBER)
    listed.save()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')
            text = "\n".join(line for (line,) in cursor.fetchall())
            assert not any(value in text for value in CANARIES.values()), table
    assert not any(value in serializers.serialize("json", Person.objects.all()) for value in CANARIES.values())


@pytest.mark.django_db
def test_no_canary_in_sql_or_logs(person, caplog, django_assert_num_queries):
    """S9: a look-up sends the digest, not the value."""
    with caplog.at_level(logging.DEBUG), django_assert_num_queries(4) as queries, transaction.atomic():
        person.save()
        assert Person.objects.filter(matching(Person, id_number=NUMBER)).get() == person
    spoken = caplog.text + "".join(query["sql"] for query in queries.captured_queries)
    assert "protection_app_person" in spoken
    assert not any(value in spoken for value in CANARIES.values())


@pytest.mark.django_db
def test_no_canary_in_error_report(person, rf):
    """S9: neither the values in the frames nor what was posted."""
    person.id_number_sealed = person.phone_sealed
    request = rf.post("/", {"id_number": NUMBER})
    try:
        typed = request.POST["id_number"]
        open_sealed(person, "id_number" if typed else "")
    except SealBroken:
        reporter = ExceptionReporter(request, *sys.exc_info())
        said = reporter.get_traceback_text() + reporter.get_traceback_html()
    assert "SealBroken" in said
    assert not any(value in said for value in CANARIES.values())


def test_wrong_place_is_refused(person):
    """D7: a token moved to another row, column or table does not open."""
    other = Person(name="李四", id_number_sealed=person.id_number_sealed)
    with pytest.raises(SealBroken, match="拒绝解密"):
        open_sealed(other, "id_number")
    with pytest.raises(SealBroken):
        open_sealed(ListedPerson(id=person.id, id_number_sealed=person.id_number_sealed), "id_number")
    person.phone_sealed = person.id_number_sealed
    with pytest.raises(SealBroken):
        open_sealed(person, "phone")
    assert open_sealed(person, "id_number") == NUMBER


@pytest.mark.parametrize("token", ["", "v1", "v1:test-2", "v1:test-2:", "v1:test-2:@@", "v2:test-2:AAAA", NUMBER])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(SealBroken, match="无法识别") as refused:
        split(token)
    assert NUMBER not in str(refused.value)


def test_token_tells_version_and_key(person):
    assert person.id_number_sealed.startswith("v1:test-2:")


def test_key_written_another_way_is_the_same_row(person):
    person.id = str(person.id).replace("-", "").upper()
    assert open_sealed(person, "id_number") == NUMBER


def test_sealed_again_it_opens_in_the_other_row_alone(person):
    other = uuid.uuid4()
    [token] = seal_again(Person, "phone", [(str(person.pk), person.phone_sealed, other)])
    assert unseal_many(Person, "phone", [(other, token), (person.pk, person.phone_sealed)]) == [CANARIES["phone"]] * 2
    for row, kept in ((person.pk, token), (other, person.phone_sealed)):
        with pytest.raises(SealBroken, match="所在记录不符"):
            unseal_many(Person, "phone", [(row, kept)])
    with pytest.raises(SealBroken, match="所在记录不符"):
        seal_again(Person, "phone", [(other, person.phone_sealed, person.pk)])


def test_row_without_key_is_refused():
    with pytest.raises(ValueError, match="primary key"):
        seal(Person(id=None), id_number=NUMBER)


def test_unprotected_name_is_refused(person):
    with pytest.raises(TypeError, match="Person.name is not a protected value"):
        seal(person, name="x")


def test_empty_value_empties_the_columns(person):
    seal(person, id_number="  ")
    assert (person.id_number_sealed, person.id_number_digest, person.id_number_masked) == ("", None, "")
    assert open_sealed(person, "id_number") == ""


@pytest.mark.django_db
def test_look_up_by_digest(person):
    person.save()
    find = Person.objects.filter
    assert find(matching(Person, id_number=" ００００００ 19900101 123x ")).get() == person
    assert find(matching(Person, id_number=NUMBER, phone="+86 138-0013-8123")).get() == person
    assert not find(matching(Person, id_number=NUMBER, phone="13800138124")).exists()
    assert not find(matching(Person, id_number="")).exists()


def test_look_up_without_digest_is_refused():
    with pytest.raises(TypeError, match="free_text has no digest"):
        matching(Person, diagnosis="金丝雀病")


def test_same_number_matches_across_tables_and_labels_do_not(person):
    listed = ListedPerson()
    seal(listed, id_number=NUMBER)
    assert listed.id_number_digest == person.id_number_digest == digest_many(ID_NUMBER, [NUMBER])[0]
    assert listed.id_number_sealed != person.id_number_sealed
    assert digest_many(PHONE, ["13800138123"]) != digest_many(ID_NUMBER, ["13800138123"])


@pytest.mark.django_db
def test_one_person_per_id_number(person):
    person.save()
    twin = Person(name="张小芳")
    seal(twin, id_number=NUMBER)
    with pytest.raises(ValidationError, match="已经登记过"):
        twin.full_clean()
    with pytest.raises(IntegrityError, match="one_person_per_id_number") as refused, transaction.atomic():
        twin.save()
    assert NUMBER not in str(refused.value)
    Person.objects.create(name="无证一")
    Person.objects.create(name="无证二")


@pytest.mark.django_db
@pytest.mark.parametrize("broken", [{"id_number_masked": ""}, {"id_number_digest": None}, {"id_number_sealed": ""}])
def test_id_number_is_sealed_whole(person, broken):
    for column, value in broken.items():
        setattr(person, column, value)
    with pytest.raises(IntegrityError, match="person_id_number_is_sealed_whole"), transaction.atomic():
        person.save()


@pytest.mark.django_db
def test_diagnosis_is_sealed_whole(person):
    person.diagnosis_masked = ""
    with pytest.raises(IntegrityError, match="person_diagnosis_is_sealed_whole"), transaction.atomic():
        person.save()


@pytest.mark.django_db
def test_seal_many_feeds_bulk_create():
    people = [Person(id=uuid.uuid4(), name=f"张{n}") for n in range(500)]
    numbers = [f"{n:017}X" for n in range(499)] + [""]
    rows = seal_many(Person, "id_number", [(p.pk, number) for p, number in zip(people, numbers, strict=True)])
    assert rows[-1] == Columns("", None, "")
    for person, row in zip(people, rows, strict=True):
        person.id_number_sealed, person.id_number_digest, person.id_number_masked = row
    Person.objects.bulk_create(people)
    assert [open_sealed(person, "id_number") for person in people] == numbers
    assert digest_many(ID_NUMBER, numbers) == [row.digest for row in rows]


def test_lists_never_decrypt(person, monkeypatch):
    """No implicit decryption: reading rows in every usual way never asks for a key."""

    def refuse(*args):
        raise AssertionError("decrypted")

    monkeypatch.setattr(SoftwareKeyProvider, "decrypt", refuse)
    assert "000000********123X" in f"{person} {person.id_number} {person.phone} {list(vars(person).values())}"
    with pytest.raises(AssertionError, match="decrypted"):
        open_sealed(person, "id_number")


def test_masked_text_fits_its_column():
    [row] = seal_many(Person, "phone", [(uuid.uuid4(), "x" * 300)])
    assert len(row.masked) == 40


def test_registry_and_checks():
    found = {(model.__name__, declaration.name) for model, declaration in protected_columns()}
    assert found >= {("Person", name) for name in CANARIES} | {("ListedPerson", "id_number")}
    assert protected_models(None) == []
    assert FREE_TEXT.has_digest is False
    assert Person.id_number.columns == ("id_number_sealed", "id_number_digest", "id_number_masked")
    assert Person.diagnosis.columns == ("diagnosis_sealed", "diagnosis_masked")


def test_model_without_uuid_or_constraint_fails_the_check(monkeypatch):
    from django.db import models

    from config import checks
    from config.protection.fields import Protected

    class Careless(models.Model):
        note = Protected(FREE_TEXT, "备注")

        class Meta:
            app_label = "protection_app"
            managed = False

        def __str__(self):
            return ""

    try:
        monkeypatch.setattr(checks, "protected_columns", lambda: [(Careless, Careless.note)])
        assert [error.id for error in protected_models(None)] == ["protection.E002", "protection.E003"]
    finally:
        from django.apps import apps

        del apps.all_models["protection_app"]["careless"]
        apps.clear_cache()


@pytest.mark.parametrize("length", [15, 17, 32])
def test_a_digest_of_another_length_is_nobodys(monkeypatch, length):
    """Those of many are cut from one string: one octet too many would find everybody else."""
    monkeypatch.setattr(SoftwareKeyProvider, "digest", lambda *_: b"x" * length)
    with pytest.raises(ValueError, match="16 octets"):
        digest_texts(PHONE, [CANARIES["phone"]] * 16)
    with pytest.raises(ValueError, match="16 octets"):
        seal_texts(Person, "phone", [(str(uuid.uuid4()), CANARIES["phone"])] * 16)
