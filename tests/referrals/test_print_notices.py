"""The notices of several decisions in one go: each as it would be printed by itself, behind the same gate, with its line."""

import pytest
from django.urls import reverse

from documents import papers
from documents.models import IssuedDocument
from documents.printing import render_sheet
from documents.transitions import void_paper
from referrals import bulk
from referrals.slips import NOTICES
from tests import cast
from tests.referrals.acting import events, the_event
from tests.referrals.factories import ReferralFactory, referrals, set_figure

pytestmark = pytest.mark.django_db
URL = reverse("referrals:referral_print_notices")


def paper_of(row):
    return IssuedDocument.objects.get(subject_id=str(row.pk))


def test_each_on_its_own_sheet(approver, signed_in):
    first, second = referrals(programs=["MZ04", "MZ01"], approved=True)
    client = signed_in(approver)
    body = client.post(URL, {"referrals": [first.pk, second.pk], "tab": "feedback"}).content.decode()
    assert body.count('<section class="paper-sheet"') == 2
    for row in (first, second):
        assert f"{paper_of(row).number}</div>" in body
        assert row.applicant.name in body
        assert the_event("referral.notice_printed", row).new == paper_of(row).number
        assert str(row.applicant.id_number) in body, "masked, as on each by itself"
    # the same words as one by one
    alone = client.get(reverse("documents:issued_print", args=[paper_of(first).pk])).content.decode()
    words = alone[alone.index('<p class="addressee">') : alone.index('<footer class="paper-foot">')]
    for line in words.split("<p>")[1:]:
        assert line.split("</p>")[0] in body


@pytest.mark.parametrize("kind", NOTICES)
def test_every_kind_of_notice_has_its_sheet(kind):
    said = papers.PAPERS[kind].sample()
    issued = IssuedDocument(kind=kind, title=said.title, number="忠民样〔2026〕第1号", data=papers.as_data(said))
    sheet = render_sheet(issued)
    assert "忠民样〔2026〕第1号" in sheet
    assert said.basis in sheet
    assert "<html" not in sheet


def test_one_that_is_not_decided_has_none(approver, signed_in):
    waiting = ReferralFactory(deciding=True)
    body = signed_in(approver).post(URL, {"referrals": [waiting.pk]}).content.decode()
    assert f"转办单{waiting.number}还没有决定" in body
    assert not events("referral.notice_printed", waiting)


def test_nobody_prints_what_he_could_not_print_alone(signed_in, neighbour_clerk, officer):
    row = ReferralFactory(approved=True)
    for outsider in (neighbour_clerk, officer):
        body = signed_in(outsider).post(URL, {"referrals": [row.pk]}).content.decode()
        assert row.applicant.name not in body
        assert row.number not in body
    assert not events("referral.notice_printed", row)


def test_a_sensitive_one_stays_with_those_on_its_way(signed_in, civil_officer):
    row = ReferralFactory(program="MZ09", approved=True)
    assert "paper-sheet" in signed_in(civil_officer).post(URL, {"referrals": [row.pk]}).content.decode()
    other_office = cast.member("platform")
    body = signed_in(other_office).post(URL, {"referrals": [row.pk]}).content.decode()
    assert row.applicant.name not in body


def test_it_is_printed_as_the_post_that_may_read_it(civil_officer, platform):
    """Somebody of the department and the platform: the platform is not told of it without a reason."""
    row = ReferralFactory(program="MZ09", confirmed=True)
    assert bulk.read(row.pk, [platform, civil_officer]) == (row, civil_officer)
    assert bulk.read(row.pk, [platform]) is None


def test_a_voided_one_is_left_out_and_no_more_than_the_cap(approver, signed_in):
    first, second = referrals(programs=["MZ04", "MZ01"], approved=True)
    void_paper(paper_id=paper_of(first).pk, reason="名字写错。", by=approver)
    client = signed_in(approver)
    assert "文书已经作废" in client.post(URL, {"referrals": [first.pk]}).content.decode()
    set_figure("bulk_steps_max", 1)
    client.post(URL, {"referrals": [first.pk, second.pk]})
    assert not events("referral.notice_printed", second)
