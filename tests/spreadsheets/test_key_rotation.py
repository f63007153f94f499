"""S10: what lies sealed beside protected columns moves with them, and no old key goes while something still needs it."""

import io
import re
import threading

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import TestCase
from django.urls import reverse

from config.protection.fields import protected_columns
from config.protection.keys import provider
from config.protection.rotation import STORES
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from spreadsheets import declaration, staging, storage, transitions, uploads
from spreadsheets.models import Batch, StagedRow, SuperiorForm
from spreadsheets.transitions import rotating
from tests.guards.tree import ROOMS, ROOT
from tests.households import factories
from tests.households.test_roll_road import compared
from tests.protection_app.models import Person
from tests.spreadsheets import ledgers, people
from tests.spreadsheets.factories import entered, handed_in, id_number, line, read, run
from tests.spreadsheets.handing_in import form_of

pytestmark = pytest.mark.django_db
PHONE, CARD = "13912345678", "6222021234567890123"
MAY_GO = "旧密钥可以撤除"


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return ledgers.declare()


@pytest.fixture
def listed(monkeypatch):
    monkeypatch.setattr(declaration, "_owners", dict(declaration._owners))
    return people.register()


@pytest.fixture
def on_key(settings):
    held = dict(settings.FIELD_KEYS)

    def change(kid, *, without=()):
        settings.FIELD_KEY_CURRENT = kid
        settings.FIELD_KEYS = {known: key for known, key in held.items() if known not in without}
        provider.cache_clear()

    change("test-1")
    yield change
    change("test-2")


def rotated(**options):
    said = io.StringIO()
    call_command("rotate_field_keys", stdout=said, stderr=said, **options)
    return said.getvalue()


def exported(by, **given):
    export = transitions.ask_export(ledger=ledgers.TEST.key, given=given, by=by)
    run()
    export.refresh_from_db()
    return export


def test_whom_a_waiting_roll_names_is_entered_after_the_old_key_has_gone(on_key, civil_officer, civil_approver):
    """The entry writes the staged ciphertext as it is into new residents."""
    number = factories.id_number()
    row = {"id_number": number, "name": "虚新来", "township": "忠州街道", "amount": "500", "granted_on": "2026-08-20"}
    batch = compared("MZ04", row, by=civil_officer)
    on_key("test-2")
    said = rotated()
    assert "待入库的行：更换 1 项" in said
    assert MAY_GO in said
    on_key("test-2", without=["test-1"])
    transitions.propose(batch_id=batch.pk, jump_reason="已核对", by=civil_officer)
    batch.refresh_from_db()
    if batch.status == Batch.Status.PROPOSED:
        transitions.confirm(batch_id=batch.pk, by=civil_approver)
    run()
    batch.refresh_from_db()
    assert batch.status == Batch.Status.APPLIED, batch.remarks
    assert open_sealed(factories.Resident.objects.get(name="虚新来"), "id_number") == number


def test_every_cell_of_a_staged_row_opens_under_the_new_key(on_key, clerk, listed, monkeypatch):
    """Those sealed for a model and those sealed as the row's own, of rows that are wrong too, a part of the file after the other."""
    monkeypatch.setattr(rotating, "ROWS_OF", rotating.ROWS_OF.replace(f"LIMIT {rotating.ROWS}", "LIMIT 2"))
    numbers = [id_number() for _ in range(5)]
    rows = [line(f"虚构{n}", number, phone=PHONE, card=CARD) for n, number in zip("乙丙丁戊己", numbers, strict=True)]
    rows[3][people.FIELDS.index(people.ADDED.field("amount"))] = "不知道"
    batch = read(rows, by=clerk)
    on_key("test-2")
    assert "待入库的行：更换 5 项" in rotated()
    on_key("test-2", without=["test-1"])
    staged = list(StagedRow.objects.filter(batch=batch).order_by("number"))
    assert [row.outcome for row in staged].count("error") == 1
    assert [staging.opened(row, people.ADDED.field("id_number")) for row in staged] == numbers
    assert {staging.opened(row, people.ADDED.field("phone")) for row in staged} == {PHONE}
    assert {staging.opened(row, people.ADDED.field("card")) for row in staged} == {CARD}


def test_files_forms_and_filters_open_once_the_old_key_has_gone(on_key, clerk, listed):
    form, made = form_of(clerk), exported(clerk, kind="platform")
    old = storage.folder() / made.storage_name
    octets = b"".join(storage.read(made.pk, made.storage_name))
    plain = uploads.open_sealed(form.pk, form.file_sealed)
    waiting = handed_in([line("虚构乙", id_number())], by=clerk)
    asked = transitions.ask_export(ledger=ledgers.TEST.key, given={"kind": "platform"}, by=clerk)
    on_key("test-2")
    with TestCase.captureOnCommitCallbacks(execute=True):
        said = rotated()
    for told in ("套表空表：更换 1 项", "待读的导入文件：更换 1 项", "导出的筛选内容：更换 2 项", "导出文件：更换 1 项", MAY_GO):
        assert told in said
    on_key("test-2", without=["test-1"])
    assert not old.exists()
    made.refresh_from_db()
    assert b"".join(storage.read(made.pk, made.storage_name)) == octets
    form.refresh_from_db()
    assert uploads.open_sealed(form.pk, form.file_sealed) == plain
    run()
    waiting.refresh_from_db()
    asked.refresh_from_db()
    assert (waiting.status, waiting.refusal) == (Batch.Status.READY, "")
    assert (asked.state, asked.filters) == ("ready", "类别：平台")


def test_what_is_left_keeps_the_old_key(on_key, clerk, listed):
    """Counted without being moved; and a second pass finds nothing to do."""
    form_of(clerk)
    read([line("虚构乙", id_number())], by=clerk)
    handed_in([line("虚构丙", id_number())], by=clerk)
    exported(clerk)
    on_key("test-2")
    with pytest.raises(CommandError, match="还有 5 项未换到当前密钥，旧密钥不能撤除"):
        rotated(check=True)
    assert MAY_GO in rotated()
    said = rotated()
    assert all(f"{store.name}：更换 0 项" in said for store in STORES)


def test_what_does_not_open_is_named_and_keeps_the_old_key(on_key, clerk, listed):
    form, other = form_of(clerk), form_of(clerk)
    SuperiorForm.objects.filter(pk=form.pk).update(file_sealed=other.file_sealed)
    batch = read([line("虚构乙", id_number()), line("虚构丙", id_number())], by=clerk)
    row, next_row = StagedRow.objects.filter(batch=batch).order_by("number")
    row.sealed["id_number"]["s"] = next_row.sealed["id_number"]["s"]
    row.save()
    on_key("test-2")
    said = io.StringIO()
    with pytest.raises(CommandError, match="还有 2 项"):
        call_command("rotate_field_keys", stdout=said, stderr=said)
    assert f"套表空表：{form.pk} 无法解密" in said.getvalue()
    assert f"待入库的行：{batch.pk} 第{row.number}行 无法解密" in said.getvalue()


def test_a_file_that_lies_nowhere_any_more_needs_no_key(on_key, clerk):
    made = exported(clerk)
    storage.remove(made.storage_name)
    on_key("test-2")
    assert MAY_GO in rotated()


@pytest.mark.django_db(transaction=True)
def test_a_batch_in_use_is_left_for_the_next_pass(on_key, clerk, listed):
    """Whoever mends a row, or enters the file, writes tokens as he read them."""
    batch = read([line("虚构乙", id_number())], by=clerk)
    on_key("test-2")
    held, finish = threading.Event(), threading.Event()

    def verb():
        with transaction.atomic():
            Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
            row = StagedRow.objects.get(batch=batch)
            held.set()
            finish.wait(20)
            row.save()
        connection.close()

    thread = threading.Thread(target=verb)
    thread.start()
    assert held.wait(20)
    try:
        with pytest.raises(CommandError, match="还有 1 项"):
            rotated()
    finally:
        finish.set()
        thread.join(20)
    assert MAY_GO in rotated()
    assert StagedRow.objects.get(batch=batch).sealed["id_number"]["s"].startswith("v1:test-2:")


def test_an_entry_whose_people_were_sealed_anew_stands(on_key, clerk, listed):
    """ADR 0029: to the undo they have changed since, and it would bring back the old key's tokens."""
    batch = entered([line("虚构乙", id_number(), phone=PHONE)], by=clerk)
    on_key("test-2")
    assert MAY_GO in rotated()
    with pytest.raises(TransitionError, match="入库之后已有变动，不能整批撤销"), transaction.atomic():
        transitions.undo(batch_id=batch.pk, by=clerk)
    assert Person.objects.get().id_number_sealed.startswith("v1:test-2:")


# ── a form whose key has gone ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("page", ["form_place", "form_map"])
def test_the_page_of_a_form_that_does_not_open_says_what_to_do(on_key, signed_in, clerk, page):
    form = form_of(clerk)
    on_key("test-2", without=["test-1"])
    answer = signed_in(clerk).get(reverse(f"exports:{page}", args=[form.pk]))
    assert answer.status_code == 409
    assert f"套表“{form}”的文件打不开了。请终止用它的上报，停用这张套表，再重新上传空表。" in answer.content.decode()
    with pytest.raises(TransitionError, match="打不开了"):
        transitions.place_form(form_id=form.pk, sheet="月报", first_row=6, by=clerk)


def test_a_form_that_does_not_open_fills_nothing_and_says_why(on_key, clerk):
    form = form_of(clerk)
    on_key("test-2")
    export = transitions.ask_export(ledger=ledgers.TEST.key, given={}, form=form, by=clerk)
    on_key("test-2", without=["test-1"])
    run()
    export.refresh_from_db()
    assert export.state == "failed"
    assert "打不开了" in export.job.error


# ── guards ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_sealed_column_is_moved_by_a_rotation():
    """A protected value, or named by a store: else its key goes while it is still needed."""
    moved = {f"{model._meta.db_table}.{declaration.name}_sealed" for model, declaration in protected_columns()}
    moved |= {column for store in STORES for column in store.columns}
    sealed = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if field.column == "sealed" or field.column.endswith("_sealed")
    }
    assert len(sealed) > 10
    assert not sealed - moved, "no rotation moves these"
    assert not moved - sealed, "stores name columns that are not there"


# Who seals otherwise than by a protected value, and what becomes of it when its key goes.
SEALERS = {
    "config/keyset.py": "a position in a link: it begins at the top again (ADR 0041)",
    "config/lists.py": "filters in a session: chosen anew",
    "config/protection/sealing.py": "protected values, and the doors of the others",
    "documents/storage.py": "附件文件",
    "households/finding.py": "what was typed, in a session: typed anew",
    "referrals/words.py": "what was typed, in a session: typed anew",
    "spreadsheets/asking.py": "导出的筛选内容",
    "spreadsheets/staging.py": "待入库的行",
    "spreadsheets/storage.py": "导出文件",
    "spreadsheets/uploads.py": "待读的导入文件",
}


def test_nothing_else_seals():
    """Whoever seals says here what a rotation does with it."""
    doors = re.compile(r"\.encrypt\(|\b(?:seal_apart|seal_for_address)\(")
    rooms = [path for path in ROOT.glob("*/**/*.py") if path.relative_to(ROOT).parts[0] in ROOMS]
    found = {path.relative_to(ROOT).as_posix() for path in rooms if doors.search(path.read_text())}
    assert found - {"config/protection/keys.py"} == set(SEALERS)
    named = {store.name for store in STORES}
    assert {told for told in SEALERS.values() if re.fullmatch(r"[\u4e00-\u9fff]+", told)} <= named
