"""A file that does not belong there is struck out with its reason: at the desk, after acceptance, and when the case has ended."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config.verbs import AlreadyHandled, TransitionError
from documents import transitions as documents
from documents.models import Attachment
from intake import transitions
from intake.models import Paper
from tests.intake.factories import ApplicationFactory, picture
from tests.intake.verbs import events, fail, the_event
from tests.referrals.factories import ReferralFactory, handler_of

pytestmark = pytest.mark.django_db


def uploaded(application, by, material="cause_bills", **file):
    """The paper with one more file, and that file."""
    paper = application.papers.get(material=material)
    transitions.upload_paper(paper_id=paper.pk, file=picture(**file), by=by)
    return Paper.objects.get(pk=paper.pk), Attachment.objects.about(paper).order_by("uploaded_at", "pk").last()


def void(file, by, reason="传错了人"):
    return transitions.void_file(attachment_id=file.pk, reason=reason, by=by)


def address(file):
    return reverse("intake:file_void", args=[file.pk])


@pytest.fixture
def wrong(filled, clerk):
    return uploaded(filled, clerk)


def test_the_only_file_gone_the_paper_is_missing_again_and_holds_acceptance_up(wrong, clerk, second_clerk):
    paper, file = wrong
    void(file, second_clerk)
    file.refresh_from_db()
    assert (file.voided_by, file.void_reason) == (second_clerk, "传错了人")
    paper.refresh_from_db()
    assert (paper.state, paper.settled_by) == ("missing", None)
    assert the_event("attachment.voided", file).note == "传错了人"
    assert {(event.old, event.new) for event in events("paper.settled", paper)} >= {("已上传", "未提交")}
    transitions.submit(application_id=paper.application_id, by=clerk)
    with pytest.raises(TransitionError, match=paper.name):
        transitions.accept(application_id=paper.application_id, by=clerk)


def test_one_of_two_leaves_it_handed_in(wrong, clerk, filled):
    paper, file = wrong
    documents.upload(subject=paper, kind="cause_bills", file=picture(colour="red"), application_id=filled.pk, by=clerk)
    assert void(file, clerk).state == "uploaded"


def test_what_was_seen_as_an_original_stays_seen(wrong, clerk):
    paper, file = wrong
    transitions.settle_paper(paper_id=paper.pk, state="seen", by=clerk)
    assert void(file, clerk).state == "seen"


def test_a_reason_is_asked_that_names_no_number(wrong, clerk, signed_in):
    _, file = wrong
    for reason, words in ((" ", "作废原因"), ("是512225199001018912的", "证件号码")):
        with pytest.raises(TransitionError, match=words):
            void(file, clerk, reason)
    assert signed_in(clerk).post(address(file), {"reason": ""}).status_code == 422
    assert not Attachment.objects.get(pk=file.pk).is_voided


def test_who_is_second_is_told_who_was_first(wrong, clerk, second_clerk, signed_in):
    _, file = wrong
    void(file, clerk)
    with pytest.raises(AlreadyHandled, match=clerk.staff.name):
        void(file, second_clerk)
    answer = signed_in(second_clerk).post(address(file), {"reason": "传错了"}, follow=True)
    assert clerk.staff.name in answer.content.decode()


def test_neighbours_and_colleagues_without_the_right(wrong, neighbour_clerk, approver, platform):
    _, file = wrong
    with pytest.raises(Http404):
        void(file, neighbour_clerk)
    for colleague in (approver, platform):
        with pytest.raises(PermissionDenied):
            void(file, colleague)


def test_files_of_other_rooms_are_not_for_here(clerk, signed_in):
    publicity = ReferralFactory(publicising=True).publicities.get()
    file = documents.upload(subject=publicity, kind="photo", file=picture(), by=clerk)
    with pytest.raises(PermissionDenied):
        void(file, clerk)
    assert signed_in(clerk).get(address(file)).status_code == 403


def test_the_event_fails_and_nothing_has_happened(wrong, clerk, monkeypatch):
    paper, file = wrong
    monkeypatch.setattr("intake.transitions.papers.record", fail)
    with pytest.raises(RuntimeError):
        void(file, clerk)
    assert (Attachment.objects.get(pk=file.pk).voided_at, Paper.objects.get(pk=paper.pk).state) == (None, "uploaded")


def test_the_list_of_papers_leads_to_it_and_tells_of_it(wrong, clerk, signed_in):
    paper, file = wrong
    client, page = signed_in(clerk), reverse("intake:application_edit", args=[paper.application_id])
    assert address(file) in client.get(page).content.decode()
    assert paper.name in client.get(address(file)).content.decode()
    answer = client.post(address(file), {"reason": "拍的是别家的票据"})
    assert answer.url == f"{page}#papers"
    text = client.get(page).content.decode()
    assert f"<s>{file.name}</s></a> 已作废：拍的是别家的票据（{clerk.staff.name}" in text
    assert address(file) not in text


# ── after acceptance ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def relied_on(clerk):
    """A department decides on it, and could open the file."""
    referral = ReferralFactory(program="MZ01", to_decide=True)
    asked = referral.version.requirements.values("material")
    paper = (
        referral.application.papers.filter(material__in=asked).exclude(material__in=["promise", "authorisation"]).exclude(state="exempt")[0]
    )
    return referral, *uploaded(referral.application, clerk, paper.material_id)


def test_the_department_reads_that_it_was_voided_and_opens_it_no_more(relied_on, clerk, signed_in):
    referral, paper, file = relied_on
    officer, shown = signed_in(handler_of(referral.unit)), reverse("documents:attachment_open", args=[file.pk])
    assert shown in officer.get(referral.get_absolute_url()).content.decode()
    assert officer.get(shown).status_code == 200
    void(file, clerk)
    text = officer.get(referral.get_absolute_url()).content.decode()
    assert "一个附件已作废：传错了人" in text
    assert shown not in text
    assert file.name not in text, "it may name the other family"
    assert officer.get(shown).status_code == 404
    assert "传错了人" in signed_in(clerk).get(shown).content.decode(), "the window still does, marked void"
    assert Paper.objects.get(pk=paper.pk).state == "missing"


def test_the_window_takes_the_right_one_in(relied_on, clerk, signed_in):
    referral, paper, file = relied_on
    client, page = signed_in(clerk), reverse("intake:application_accept", args=[referral.application_id])
    assert address(file) in client.get(page).content.decode()
    assert client.post(address(file), {"reason": "传错了人"}).url == f"{page}#papers"
    right, _ = uploaded(referral.application, clerk, paper.material_id, colour="red")
    assert right.state == "uploaded"
    [standing] = Attachment.objects.about(paper).standing()
    assert reverse("documents:attachment_open", args=[standing.pk]) in client.get(page).content.decode()


def test_when_the_case_has_ended_it_goes_from_the_case_page(clerk, approver, signed_in):
    application = ApplicationFactory(filled=True)
    _, file = uploaded(application, clerk)
    transitions.withdraw(application_id=application.pk, reason="不再需要", by=clerk)
    case = application.get_absolute_url()
    assert address(file) in signed_in(clerk).get(case).content.decode()
    assert address(file) not in signed_in(approver).get(case).content.decode()
    assert signed_in(clerk).post(address(file), {"reason": "传错了人"}).url == case
    assert "一个附件已作废：传错了人" in signed_in(clerk).get(case).content.decode()


def test_the_reason_of_a_sensitive_programs_file_is_told_to_the_window_alone(clerk, approver, signed_in, double):
    referral = ReferralFactory(program="MZ09", dispatched=True)
    _, file = uploaded(referral.application, clerk, "guardian_proof")
    void(file, clerk, "这是另一个孤儿的")
    assert Event.objects.get(verb="attachment.voided").is_confidential
    office = next(post for post in double.posts if post.unit.kind == "township_office")
    case = reverse("referrals:case_detail", args=[referral.application_id])
    assert "另一个孤儿" in signed_in(clerk).get(case).content.decode()
    assert "另一个孤儿" in signed_in(approver).get(case).content.decode(), "the office on its way reads it beside the paper"
    assert "另一个孤儿" not in signed_in(office).get(case).content.decode()
