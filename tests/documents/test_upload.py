"""Taking a file in: known by its content, stored encrypted, one event; and what the house never keeps."""

import hashlib
import logging
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.protection.keys import SealBroken, provider
from config.verbs import TransitionError
from documents import gates, storage, transitions
from documents.inspection import FileRefused
from documents.models import Attachment
from organization.figures import forget
from organization.models import Parameter
from tests.cast import member

from . import files

pytestmark = pytest.mark.django_db


def upload(by, octets=None, *, name="身份证.jpg", kind="id_card", **about):
    file = files.incoming(octets if octets is not None else files.picture(), name)
    return transitions.upload(subject=by.unit, kind=kind, file=file, by=by, **about)


@pytest.fixture
def _readable(monkeypatch):
    """The unit's own people read its papers."""
    monkeypatch.setitem(gates._MAY_READ, "organization.unit", lambda post, pk: str(post.unit_id) == pk)


def events():
    return Event.objects.filter(verb__startswith="attachment.")


def figure_is(key, value):
    Parameter.objects.filter(key=key).update(value=value)
    forget()


# ── upload ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_it_works(clerk):
    household, application = uuid4(), uuid4()
    attachment = upload(clerk, files.with_gps(), household_id=household, application_id=application)
    assert (attachment.subject_label, attachment.subject_id) == ("organization.unit", str(clerk.unit_id))
    assert (attachment.name, attachment.content_type, attachment.status) == ("身份证.jpg", "image/jpeg", "clean")
    assert (attachment.width, attachment.height, attachment.pages) == (48, 64, None)
    assert (attachment.uploaded_at, attachment.uploaded_by, attachment.unit) == (house_clock.now(), clerk, clerk.unit)
    event = events().get()
    assert (event.verb, event.by, event.subject_id) == ("attachment.uploaded", clerk.staff, str(attachment.pk))
    assert (event.household_id, event.application_id, event.data["kind"]) == (household, application, "id_card")


def test_on_the_disk_lies_ciphertext_bound_to_its_row(clerk):
    one, two = upload(clerk, files.pdf(1), name="一.pdf"), upload(clerk, files.pdf(2), name="二.pdf")
    path = storage.folder() / one.storage_name
    lying = path.read_bytes()
    assert b"%PDF" not in lying
    assert b"Page" not in lying
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert storage.read(one.pk, one.storage_name) == files.pdf(1)
    assert one.size == len(files.pdf(1))
    with pytest.raises(SealBroken):
        storage.read(one.pk, two.storage_name)
    assert one.key_name == provider().current


def test_digest_is_keyed(clerk):
    attachment = upload(clerk, files.pdf(), name="a.pdf")
    unkeyed = {hashlib.new(name, files.pdf(), usedforsecurity=False).digest()[:16] for name in ("md5", "sha256", "sm3")}
    assert attachment.digest.bytes not in unkeyed
    assert attachment.digest == storage.digest(files.pdf())


@pytest.mark.usefixtures("_readable")
def test_same_file_sent_again_is_the_one_that_is_there(clerk):
    first = upload(clerk)
    assert upload(clerk).pk == first.pk
    assert events().count() == 1
    assert upload(clerk, kind="household_register").pk != first.pk
    transitions.void(attachment_id=first.pk, reason="传错了", by=clerk)
    assert upload(clerk).pk != first.pk


@pytest.mark.parametrize(
    ("octets", "code"),
    [(b"", "empty"), (b"<html><script>", "markup"), (files.heic(), "heic"), (files.encrypted_pdf(), "encrypted_pdf")],
)
def test_refused_file_leaves_nothing(clerk, octets, code):
    before = list(storage.stored())
    with pytest.raises(FileRefused) as refusal:
        upload(clerk, octets)
    assert refusal.value.code == code
    assert not Attachment.objects.exists()
    assert not events().exists()
    assert list(storage.stored()) == before


def test_file_above_the_figure_is_not_even_read(clerk):
    figure_is("upload_size_max", 1)

    class Endless:
        name, size = "无尽.jpg", 2 * 1024**4

        def read(self, size, /):
            assert size == 1024**2 + 1
            return b"\xff" * size

    with pytest.raises(FileRefused, match=r"文件有2097152\.0 MB，超过1 MB的上限"):
        transitions.upload(subject=clerk.unit, kind="id_card", file=Endless(), by=clerk)


def test_figures_of_pixels_and_pages_hold(clerk):
    figure_is("upload_pixels_max", 64 * 48 - 1)
    figure_is("upload_pages_max", 2)
    with pytest.raises(FileRefused, match="万像素"):
        upload(clerk)
    with pytest.raises(FileRefused, match="有3页"):
        upload(clerk, files.pdf(3))


def test_kind_is_a_key(clerk):
    with pytest.raises(ValidationError, match="kind"):
        upload(clerk, kind="身份 证")


def test_name_in_record_and_row_holds_no_number(clerk):
    attachment = upload(clerk, name="../李明 999999199003070011 13800000000.jpg")
    assert attachment.name == "李明 999999********0011 138****0000.jpg"
    assert "199003070011" not in str(events().values())


def test_event_fails_and_no_row_remains(clerk, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("no event")

    monkeypatch.setattr("documents.transitions.attachments.record", fails)
    with pytest.raises(RuntimeError):
        upload(clerk)
    assert not Attachment.objects.exists()


# ── open ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.usefixtures("_readable")
def test_opening_leaves_a_line(clerk):
    attachment = upload(clerk)
    transitions.open_file(attachment_id=attachment.pk, by=clerk)
    transitions.open_file(attachment_id=attachment.pk, by=clerk)
    assert [event.verb for event in events().order_by("id")] == ["attachment.uploaded", "attachment.opened", "attachment.opened"]


@pytest.mark.usefixtures("_readable")
def test_neighbour_is_refused(clerk, neighbour_clerk):
    attachment = upload(clerk)
    with pytest.raises(Http404):
        transitions.open_file(attachment_id=attachment.pk, by=neighbour_clerk)
    with pytest.raises(Http404):
        transitions.void(attachment_id=attachment.pk, reason="传错了", by=neighbour_clerk)
    assert events().count() == 1


def test_subject_that_no_room_speaks_for_is_closed(clerk, platform_approver):
    attachment = upload(clerk)
    for post in (clerk, platform_approver):
        with pytest.raises(Http404):
            transitions.open_file(attachment_id=attachment.pk, by=post)
    assert gates.fetch(Attachment, attachment.pk, member("system"))


@pytest.mark.parametrize("pk", [uuid4(), "no uuid", None, 7])
def test_what_is_not_there_is_not_found(clerk, pk):
    with pytest.raises(Http404):
        gates.fetch(Attachment, pk, clerk)


def test_label_has_one_gate(monkeypatch):
    monkeypatch.setattr(gates, "_MAY_READ", {})

    def mine(post, pk):
        return True

    gates.register("intake.application", mine)
    gates.register("intake.application", mine)
    with pytest.raises(ValueError, match="have a gate"):
        gates.register("intake.application", lambda post, pk: True)


@pytest.mark.usefixtures("_readable")
@pytest.mark.parametrize("harm", ["gone", "altered", "anothers", "short", "foreign"])
def test_file_that_is_not_what_was_stored_is_quarantined(clerk, harm):
    attachment, other = upload(clerk), upload(clerk, files.pdf(), name="b.pdf")
    path = storage.folder() / attachment.storage_name
    sealed = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        harmed = {
            "altered": sealed[:-1] + bytes([sealed[-1] ^ 1]), "anothers": (storage.folder() / other.storage_name).read_bytes(),
            "short": sealed[:12], "foreign": b"\xff\xd8\xff",
        }  # fmt: skip
        path.write_bytes(harmed[harm])
    opened = transitions.open_file(attachment_id=attachment.pk, by=clerk)
    assert not opened.is_readable
    assert (opened.status, opened.quarantined_by) == ("quarantined", clerk)
    assert [event.verb for event in events().filter(subject_id=attachment.pk).order_by("id")][1:] == ["attachment.quarantined"]
    again = transitions.open_file(attachment_id=attachment.pk, by=clerk)
    assert not again.is_readable
    assert events().filter(verb="attachment.quarantined").count() == 1


@pytest.mark.usefixtures("_readable")
def test_file_that_moved_under_another_key_while_it_was_opened_is_handed_out(clerk, monkeypatch):
    attachment = upload(clerk)
    octets = storage.read(attachment.pk, attachment.storage_name)
    place, key = storage.write(attachment.pk, octets)
    Attachment.objects.filter(pk=attachment.pk).update(storage_name=place, key_name=key)
    storage.remove(attachment.storage_name)
    monkeypatch.setattr("documents.transitions.attachments.fetch", lambda *_: attachment)  # read before the move was committed
    opened = transitions.open_file(attachment_id=attachment.pk, by=clerk)
    assert opened.is_readable
    assert storage.read(opened.pk, opened.storage_name) == octets
    assert not events().filter(verb="attachment.quarantined").exists()


def test_restored_file_is_handed_out_again(clerk):
    system = member("system")
    attachment = upload(clerk)
    path = storage.folder() / attachment.storage_name
    sealed = path.read_bytes()
    path.write_bytes(b"nothing")
    assert transitions.verify(attachment_id=attachment.pk, by=system).status == "quarantined"
    assert transitions.verify(attachment_id=attachment.pk, by=system).status == "quarantined"
    path.write_bytes(sealed)
    assert transitions.verify(attachment_id=attachment.pk, by=system).status == "clean"
    assert transitions.verify(attachment_id=attachment.pk, by=system).quarantine_reason == ""
    verbs = [event.verb for event in events().order_by("id")]
    assert verbs == ["attachment.uploaded", "attachment.quarantined", "attachment.restored"]


# ── void ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.usefixtures("_readable")
def test_voiding_keeps_the_file_and_says_why(clerk, second_clerk):
    attachment = upload(clerk)
    with pytest.raises(TransitionError, match="原因"):
        transitions.void(attachment_id=attachment.pk, reason="  ", by=clerk)
    voided = transitions.void(attachment_id=attachment.pk, reason="传错了人", by=clerk)
    assert (voided.is_voided, voided.void_reason, voided.is_readable) == (True, "传错了人", True)
    assert not Attachment.objects.about(clerk.unit).standing().exists()
    assert storage.read(attachment.pk, attachment.storage_name)
    with pytest.raises(TransitionError, match=f"{clerk}于2026-09-24 10:00作废"):
        transitions.void(attachment_id=attachment.pk, reason="再作废", by=second_clerk)
    assert events().filter(verb="attachment.voided").count() == 1


def test_nothing_of_a_file_stands_in_the_log(clerk, caplog):
    octets = files.with_gps()
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    upload(clerk, octets, name="CANARY-NAME.jpg")
    assert "CANARY" not in caplog.text
