"""A paper of the window that says what is wrong: void with its reason, and a right one in its place."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from config.verbs import AlreadyHandled, TransitionError
from documents.models import IssuedDocument
from intake import transitions
from referrals import transitions as referrals
from tests.intake.factories import ApplicationFactory, VisitFactory
from tests.intake.verbs import fail, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def the(kind, application):
    return IssuedDocument.objects.of_application(application.pk).standing().get(kind=kind)


def void(paper, by, reason="名字写错", **said):
    return transitions.void_issued(paper_id=paper.pk, reason=reason, by=by, **said)


def address(paper):
    return reverse("intake:issued_void", args=[paper.pk])


@pytest.fixture
def accepted(db):
    return ApplicationFactory(accepted=True)


def test_the_receipt_is_issued_anew_by_what_is_registered_now(accepted, clerk, second_clerk):
    old = the("acceptance_notice", accepted)
    type(accepted.applicant).objects.filter(pk=accepted.applicant_id).update(name="钱改名")
    new = void(old, second_clerk)
    old.refresh_from_db()
    assert (old.voided_by, old.void_reason) == (second_clerk, "名字写错")
    assert (new.kind, new.data["addressee"], new.data["accepted_on"]) == (old.kind, "钱改名", old.data["accepted_on"])
    assert new.number != old.number
    assert the("acceptance_notice", accepted) == new
    assert the_event("paper.voided", old).note == "名字写错"


def test_a_refusal_of_acceptance_is_issued_anew(clerk):
    application = ApplicationFactory(not_accepted=True)
    old = the("not_accepted_notice", application)
    assert void(old, clerk).data == old.data


def test_a_request_for_what_is_missing_keeps_its_day_under_its_next_number(clerk):
    application = ApplicationFactory(supplemented=True)
    notice, old = application.notices.get(), the("supplement_notice", application)
    new = void(old, clerk)
    renewed = application.notices.get()
    assert (new.number, new.data) == (renewed.number, old.data)
    assert renewed.number != notice.number == old.number
    assert (renewed.due_on, renewed.sequence, renewed.issued_at) == (notice.due_on, 1, notice.issued_at)
    event = the_event("supplement.reissued", notice)
    assert (event.old, event.new) == (old.number, new.number)


@pytest.mark.parametrize("anew", [True, False])
def test_a_card_is_printed_again_where_the_clerk_says_so(accepted, clerk, anew):
    old = transitions.hand_out_application_card(application_id=accepted.pk, progress_url="https://example.test/p", by=clerk)
    new = void(old, clerk, anew=anew)
    assert (new is not None) == anew
    assert new is None or new.data == old.data


def test_a_card_of_a_visit_with_the_programs_it_named(clerk):
    visit = VisitFactory(known=True)
    transitions.answer(visit_id=visit.pk, text="可以申请临时救助。", by=clerk)
    old = transitions.hand_out_card(visit_id=visit.pk, program_codes=["MZ04"], by=clerk)
    new = void(old, clerk)
    assert new.data == old.data
    assert new.data["items"]
    assert void(new, clerk, anew=False) is None


def test_what_no_longer_stands_is_void_without_another(clerk):
    application = ReferralFactory(received=True).application
    referrals.withdraw_application(application_id=application.pk, reason="不再需要", by=clerk)
    assert void(the("acceptance_notice", application), clerk) is None


def test_a_reason_is_asked_that_names_no_number(accepted, clerk, signed_in):
    paper = the("acceptance_notice", accepted)
    for reason, words in ((" ", "作废原因"), ("是512225199001018912的", "证件号码")):
        with pytest.raises(TransitionError, match=words):
            void(paper, clerk, reason)
    assert signed_in(clerk).post(address(paper), {"reason": ""}).status_code == 422
    assert the("acceptance_notice", accepted) == paper


def test_twice_is_told(accepted, clerk, second_clerk):
    paper = the("acceptance_notice", accepted)
    void(paper, clerk)
    with pytest.raises(AlreadyHandled, match=clerk.staff.name):
        void(paper, second_clerk)
    assert IssuedDocument.objects.of_application(accepted.pk).filter(kind="acceptance_notice").count() == 2


def test_others_and_papers_of_others(accepted, clerk, neighbour_clerk, approver, signed_in):
    paper = the("acceptance_notice", accepted)
    with pytest.raises(Http404):
        void(paper, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        void(paper, approver)
    decided = IssuedDocument.objects.about(ReferralFactory(approved=True)).get()
    with pytest.raises(PermissionDenied):
        void(decided, clerk)
    assert signed_in(clerk).get(address(decided)).status_code == 403


def test_the_event_fails_and_nothing_has_happened(clerk, monkeypatch):
    application = ApplicationFactory(supplemented=True)
    paper = the("supplement_notice", application)
    monkeypatch.setattr("intake.transitions.voiding.record", fail)
    with pytest.raises(RuntimeError):
        void(paper, clerk)
    assert the("supplement_notice", application) == paper
    assert application.notices.get().number == paper.number


def test_the_page_leads_to_it_and_marks_what_is_void(accepted, clerk, approver, signed_in):
    paper, page = the("acceptance_notice", accepted), reverse("intake:application_accept", args=[accepted.pk])
    client = signed_in(clerk)
    assert address(paper) in client.get(page).content.decode()
    assert address(paper) not in signed_in(approver).get(page).content.decode()
    assert paper.number in client.get(address(paper)).content.decode()
    text = client.post(address(paper), {"reason": "名字写错"}, follow=True).content.decode()
    assert "已重新出具受理通知书" in text
    assert "已作废" in text
    assert address(paper) not in text
    assert address(the("acceptance_notice", accepted)) in text
    assert reverse("documents:issued_docx", args=[paper.pk]) not in text


def test_a_visits_page_leads_to_it(clerk, signed_in):
    visit = VisitFactory(known=True)
    transitions.answer(visit_id=visit.pk, text="可以申请临时救助。", by=clerk)
    card = transitions.hand_out_card(visit_id=visit.pk, program_codes=["MZ04"], by=clerk)
    client, page = signed_in(clerk), visit.get_absolute_url()
    assert address(card) in client.get(page).content.decode()
    assert client.post(address(card), {"reason": "项目选错了"}).url == page
    text = client.get(page).content.decode()
    assert "已作废" in text
    assert IssuedDocument.objects.about(visit).count() == 1, "without the tick no other card"
