"""A file for a paper: known by its content, kept once, the paper 已上传."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config.verbs import TransitionError
from documents.inspection import FileRefused
from documents.models import Attachment
from intake import transitions
from tests.intake.factories import add, picture
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def bills(draft):
    add(draft)
    return draft.papers.get(material="cause_bills")


def upload(paper, by, file=None):
    return transitions.upload_paper(paper_id=paper.pk, file=file or picture(), by=by)


def test_it_works(second_clerk, bills, draft):
    paper = upload(bills, second_clerk)
    assert (paper.state, paper.settled_by) == ("uploaded", second_clerk)
    file = Attachment.objects.about(paper).get()
    assert (file.application_id, file.household_id, file.kind) == (draft.pk, draft.household_id, "cause_bills")
    assert the_event("paper.settled", bills).by == second_clerk.staff


def test_the_same_file_again_is_there_once(clerk, bills):
    upload(bills, clerk)
    upload(bills, clerk)
    assert Attachment.objects.about(bills).count() == 1
    assert len(events("paper.settled", bills)) == 1


def test_a_file_that_is_not_what_it_says(clerk, bills):
    script = io.BytesIO(b"MZ\x90\x00 not a picture")
    script.name = "证明.png"
    with pytest.raises(FileRefused):
        upload(bills, clerk, script)
    bills.refresh_from_db()
    assert bills.state == "missing"


def test_what_is_proven_or_signed_takes_no_file(clerk, draft, bills):
    with pytest.raises(TransitionError, match="免提交"):
        upload(draft.papers.get(material="medical_proof"), clerk)
    with pytest.raises(TransitionError, match="在签署处登记"):
        upload(draft.papers.get(material="authorisation"), clerk)


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, bills):
    with pytest.raises(Http404):
        upload(bills, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        upload(bills, approver)


def test_the_event_fails_and_nothing_has_happened(clerk, bills, monkeypatch):
    monkeypatch.setattr("intake.transitions.papers.record", fail)
    with pytest.raises(RuntimeError):
        upload(bills, clerk)
    assert not Attachment.objects.exists()
