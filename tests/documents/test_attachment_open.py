"""Looking into a file by its page: asked first, recorded, shown for a while, inert."""

from urllib.parse import unquote

import pytest
from django.urls import reverse

from audit.models import Event
from documents import gates, storage, transitions
from documents.models import Attachment
from organization.figures import forget
from organization.models import Parameter

from . import files
from .test_upload import upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _readable(monkeypatch):
    monkeypatch.setitem(gates._MAY_READ, "organization.unit", lambda post, pk: str(post.unit_id) == pk)


def url_of(attachment):
    return reverse("documents:attachment_open", kwargs={"pk": attachment.pk})


def openings():
    return Event.objects.filter(verb="attachment.opened").count()


def test_link_asks_first(signed_in, clerk):
    attachment = upload(clerk)
    response = signed_in(clerk).get(url_of(attachment))
    assert response.status_code == 200
    assert "打开查看" in response.content.decode()
    assert "text/html" in response["Content-Type"]
    assert openings() == 0


@pytest.mark.parametrize(
    ("octets", "name", "content_type"),
    [
        (files.picture(), "身份证.jpg", "image/jpeg"),
        (files.picture("PNG"), "照片.png", "image/png"),
        (files.pdf(), "证明.pdf", "application/pdf"),
    ],
)
def test_opened_file_is_shown_inert(signed_in, clerk, octets, name, content_type):
    attachment = upload(clerk, octets, name=name)
    client = signed_in(clerk)
    response = client.post(url_of(attachment))
    assert (response.status_code, response["Location"]) == (302, url_of(attachment))
    assert openings() == 1
    shown = client.get(url_of(attachment))
    assert shown.content == storage.read(attachment.pk, attachment.storage_name)
    assert shown["Content-Type"] == content_type
    assert unquote(shown["Content-Disposition"]) == f"inline; filename*=utf-8''{name}"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Cache-Control"] == "private, no-store"
    assert shown["X-Frame-Options"] == "DENY"
    policy = shown["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert ("sandbox" in policy) is attachment.is_image
    assert openings() == 1


def test_head_tells_without_the_octets(signed_in, clerk):
    attachment = upload(clerk)
    client = signed_in(clerk)
    client.post(url_of(attachment))
    response = client.head(url_of(attachment))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response.content == b""


def test_opening_ends(signed_in, clerk, clock):
    Parameter.objects.filter(key="attachment_shown_for").update(value=10)
    forget()
    attachment = upload(clerk)
    client = signed_in(clerk)
    client.post(url_of(attachment))
    clock.forward(minutes=9)
    assert client.get(url_of(attachment))["Content-Type"] == "image/jpeg"
    clock.forward(minutes=2)
    assert "打开查看" in client.get(url_of(attachment)).content.decode()


def test_opening_is_of_one_session_and_one_post(signed_in, clerk, second_clerk, neighbour_clerk):
    attachment = upload(clerk)
    client = signed_in(clerk)
    client.post(url_of(attachment))
    assert "打开查看" in signed_in(second_clerk).get(url_of(attachment)).content.decode()
    assert signed_in(neighbour_clerk).get(url_of(attachment)).status_code == 404
    assert signed_in(neighbour_clerk).post(url_of(attachment)).status_code == 404
    session = client.session
    session["opened_attachments"] = {str(attachment.pk): [second_clerk.pk, session["opened_attachments"][str(attachment.pk)][1]]}
    session.save()
    assert "打开查看" in client.get(url_of(attachment)).content.decode()


def test_gate_is_asked_again_with_every_look(signed_in, clerk, monkeypatch):
    attachment = upload(clerk)
    client = signed_in(clerk)
    client.post(url_of(attachment))
    monkeypatch.setitem(gates._MAY_READ, "organization.unit", lambda post, pk: False)
    assert client.get(url_of(attachment)).status_code == 404


def test_many_openings_do_not_swell_the_session(signed_in, clerk):
    client = signed_in(clerk)
    for number in range(45):
        row = upload_row(clerk, number)
        client.post(url_of(row))
    assert len(client.session["opened_attachments"]) == 40


def upload_row(by, number):
    from . import factories

    row = factories.attachment_row(by, storage_name=f"-{number}")
    row.storage_name, row.key_name = storage.write(row.pk, b"\xff\xd8\xff")
    row.digest = storage.digest(b"\xff\xd8\xff")
    row.save()
    return row


def test_quarantined_file_is_not_shown_and_says_why(signed_in, clerk):
    attachment = upload(clerk)
    client = signed_in(clerk)
    client.post(url_of(attachment))
    (storage.folder() / attachment.storage_name).write_bytes(b"harmed")
    assert "text/html" in client.get(url_of(attachment))["Content-Type"]  # a look finds it harmed and shows nothing
    client.post(url_of(attachment))  # the next opening puts it away
    page = client.get(url_of(attachment)).content.decode()
    assert "已隔离，不能查看" in page
    assert "打开查看" not in page
    assert Attachment.objects.get().status == "quarantined"


def test_voided_file_is_still_to_be_seen_and_says_so(signed_in, clerk):
    attachment = upload(clerk)
    transitions.void(attachment_id=attachment.pk, reason="传错了人", by=clerk)
    assert "传错了人" in signed_in(clerk).get(url_of(attachment)).content.decode()


def test_no_address_leads_to_the_folder(client, clerk):
    attachment = upload(clerk)
    for path in (
        f"/media/attachments/{attachment.storage_name}",
        f"/attachments/{attachment.storage_name}",
        f"/static/{attachment.storage_name}",
    ):
        assert client.get(path).status_code in {302, 404}
        assert b"ZXA1" not in client.get(path).content
