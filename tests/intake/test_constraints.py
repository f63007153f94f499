"""Every truth of the window's tables, broken once past form and verb."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from intake.models import Application, ApplicationItem, Assessment, Paper, Request, RequestHandover, SupplementLine, SupplementNotice, Visit
from tests.intake.factories import ApplicationFactory, RequestFactory, VisitFactory, add

pytestmark = pytest.mark.django_db
NOW, CLERK = F("drafted_at"), F("drafted_by")


def refuses(words):
    return pytest.raises(IntegrityError, match=words)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("application_helper_phone_is_sealed_whole", {"helper_phone_masked": "138****8000"}),
        ("single_person_application_has_its_reason", {"as_single_person": True}),
        ("single_person_application_has_its_reason", {"single_person_reason": "major_illness"}),
        ("helper_is_named_with_relation", {"helper_name": "周帮办"}),
        ("helper_is_named_with_relation", {"helper_relation": "邻居"}),
        ("promise_has_form_and_day", {"promised_on": None}),
        ("promise_has_form_and_day", {"promise_form": None}),
        ("submission_has_its_submitter", {"submitted_at": None}),
        ("submission_has_its_submitter", {"submitted_by": None}),
        ("acceptance_has_its_accepter", {"accepted_by_staff": None}),
        ("acceptance_has_its_accepter", {"accepted_by": None}),
        ("accepted_application_says_by_whom", {"accepted_at": None, "accepted_by": None, "accepted_by_staff": None}),
        ("application_not_accepted_was_never_accepted", {"not_accepted_code": "not_here"}),
        (
            "application_not_accepted_was_never_accepted",
            {"status": "not_accepted", "not_accepted_code": "not_here", "ended_at": NOW, "ended_by": CLERK, "end_reason": "x"},
        ),
        ("ended_application_says_who_and_when", {"status": "closed"}),
        ("ended_application_says_who_and_when", {"ended_at": NOW, "ended_by": CLERK}),
        ("ended_application_says_who_and_when", {"status": "closed", "ended_at": NOW}),
        ("application_that_ended_early_says_why", {"status": "withdrawn", "ended_at": NOW, "ended_by": CLERK}),
        ("application_that_ended_early_says_why", {"status": "terminated", "ended_at": NOW, "ended_by": CLERK}),
    ],
)
def test_application(accepted, constraint, changed):
    with refuses(constraint), transaction.atomic():
        Application.objects.filter(pk=accepted.pk).update(**changed)


def test_numbers_and_codes_are_ones_own(accepted, draft):
    for column in ("number", "query_code"):
        with refuses(column), transaction.atomic():
            Application.objects.filter(pk=draft.pk).update(**{column: getattr(accepted, column)})


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("item_is_for_a_household_or_a_resident", {"household": None}),
        ("item_is_for_a_household_or_a_resident", {"resident": F("application__applicant")}),
        ("amount_asked_is_positive", {"amount_asked": 0}),
    ],
)
def test_item(accepted, constraint, changed):
    changed = {name: accepted.applicant_id if isinstance(value, F) else value for name, value in changed.items()}
    with refuses(constraint), transaction.atomic():
        ApplicationItem.objects.filter(application=accepted).update(**changed)


def test_item_stands_once_for_its_beneficiary(draft):
    item = add(draft)
    item.pk = None
    with refuses("a_program_is_asked_once_per_application_and_beneficiary"), transaction.atomic():
        item.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("assessment_names_a_difficulty", {"difficulties": []}),
        ("first_opinion_is_given_in_words", {"opinion": ""}),
        ("assessment_says_why_who_can_work_and_whether", {"cause": ""}),
        ("assessment_says_why_who_can_work_and_whether", {"labour": ""}),
        ("assessment_says_why_who_can_work_and_whether", {"in_difficulty": None}),
        ("assessment_has_its_assessor", {"assessed_by": None}),
    ],
)
def test_assessment(accepted, constraint, changed):
    with refuses(constraint), transaction.atomic():
        Assessment.objects.filter(application=accepted).update(**changed)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("exempt_paper_says_what_proves_it", {"state": "exempt"}),
        ("demanded_paper_has_reason_and_demander", {"demand_reason": "数据不一致"}),
        ("demanded_paper_has_reason_and_demander", {"demanded_at": F("settled_at"), "demanded_by": F("settled_by")}),
        (
            "demanded_paper_has_reason_and_demander",
            {
                "demanded_at": F("settled_at"), "demanded_by": F("settled_by"), "demand_reason": "数据不一致", "state": "exempt",
                "exempt_reason": "已查到",
            },
        ),
        ("settled_paper_has_its_settler", {"settled_by": None}),
        ("settled_paper_has_its_settler", {"settled_at": None}),
    ],
)  # fmt: skip
def test_paper(accepted, constraint, changed):
    with refuses(constraint), transaction.atomic():
        Paper.objects.filter(application=accepted, material="cause_bills").update(**changed)


def test_paper_stands_once(accepted):
    paper = accepted.papers.first()
    paper.pk = None
    with refuses("a_paper_stands_once_per_application"), transaction.atomic():
        paper.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("second_notice_has_reason_and_consent", {"repeat_reason": "漏列"}),
        ("second_notice_has_reason_and_consent", {"approved_at": F("issued_at"), "approved_by": F("issued_by")}),
        ("second_notice_has_reason_and_consent", {"sequence": 2}),
        ("second_notice_has_reason_and_consent", {"sequence": 2, "repeat_reason": "漏列"}),
        ("answered_notice_has_its_answerer", {"answered_at": F("issued_at")}),
        ("answered_notice_has_its_answerer", {"answered_by": F("issued_by")}),
        ("answered_notice_has_its_answerer", {"answered_at": F("issued_at") - timedelta(days=1), "answered_by": F("issued_by")}),
    ],
)
def test_notice(constraint, changed):
    notice = ApplicationFactory(supplemented=True).notices.get()
    with refuses(constraint), transaction.atomic():
        SupplementNotice.objects.filter(pk=notice.pk).update(**changed)


def test_notices_are_counted_and_one_waits():
    notice = ApplicationFactory(supplemented=True).notices.get()
    notice.pk, notice.number = None, "另一份"
    with refuses("notices_of_an_application_are_counted|one_open_notice_per_application"), transaction.atomic():
        notice.save(force_insert=True)
    notice.sequence, notice.repeat_reason, notice.approved_at, notice.approved_by = 2, "漏列", notice.issued_at, notice.issued_by
    with refuses("one_open_notice_per_application"), transaction.atomic():
        notice.save(force_insert=True)
    notice.application.notices.update(answered_at=notice.issued_at, answered_by=notice.issued_by)
    notice.sequence, notice.repeat_reason, notice.approved_at, notice.approved_by = 1, "", None, None
    with refuses("notices_of_an_application_are_counted"), transaction.atomic():
        notice.save(force_insert=True)


def test_a_line_says_what():
    notice = ApplicationFactory(supplemented=True).notices.get()
    with refuses("supplement_line_says_what"), transaction.atomic():
        SupplementLine.objects.filter(notice=notice).update(text="")


@pytest.mark.parametrize(
    "changed",
    [
        {"answered_at": F("arrived_at")},
        {"answered_by": F("arrived_by"), "answer": "已说明"},
        {"answered_at": F("arrived_at"), "answered_by": F("arrived_by")},
        {"answered_at": F("arrived_at") - timedelta(minutes=1), "answered_by": F("arrived_by"), "answer": "已说明"},
    ],
)
def test_visit(changed):
    visit = VisitFactory()
    with refuses("answered_visit_has_answer_and_answerer"), transaction.atomic():
        Visit.objects.filter(pk=visit.pk).update(**changed)


def test_a_visits_number_is_its_own():
    first, second = VisitFactory(), VisitFactory()
    with refuses("number"), transaction.atomic():
        Visit.objects.filter(pk=second.pk).update(number=first.number)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("request_id_number_is_sealed_whole", {"id_number_masked": ""}),
        ("request_phone_is_sealed_whole", {"phone_masked": "138**"}),
        ("request_says_who_and_what_happened", {"name": ""}),
        ("request_says_who_and_what_happened", {"matter": ""}),
        ("request_says_who_and_what_happened", {"causes": []}),
        ("request_without_papers_has_no_number", {"without_papers": True}),
        ("request_on_behalf_says_who_and_how_agreed", {"helper_name": "甘雨村"}),
        ("request_on_behalf_says_who_and_how_agreed", {"consent": "spoken"}),
        ("pushed_request_says_by_whom_and_when", {"pushed_at": None}),
        ("pushed_request_says_by_whom_and_when", {"status": "registered"}),
        ("pushed_request_says_by_whom_and_when", {"pushed_at": F("registered_at") - timedelta(days=1)}),
        ("settled_request_says_who_and_when", {"status": "answered", "reply": "x"}),
        ("settled_request_says_who_and_when", {"settled_at": F("registered_at"), "settled_by": F("registered_by")}),
        (
            "request_settled_in_words_has_its_sentence",
            {"status": "answered", "settled_at": F("registered_at"), "settled_by": F("registered_by")},
        ),
    ],
)
def test_request(constraint, changed):
    request = RequestFactory(known=True)
    with refuses(constraint), transaction.atomic():
        Request.objects.filter(pk=request.pk).update(**changed)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("handover_goes_to_another_window_with_a_reason", {"to_unit": F("from_unit")}),
        ("handover_goes_to_another_window_with_a_reason", {"reason": ""}),
        ("ended_handover_says_how_and_by_whom", {"ended_at": F("handed_at")}),
        ("ended_handover_says_how_and_by_whom", {"outcome": "recalled"}),
        ("declined_handover_says_why", {"outcome": "declined", "ended_at": F("handed_at"), "ended_by": F("handed_by")}),
    ],
)
def test_handover(constraint, changed):
    request = RequestFactory(handed_over=True)
    with refuses(constraint), transaction.atomic():
        RequestHandover.objects.filter(request=request).update(**changed)


def test_a_request_is_handed_over_once_at_a_time_and_becomes_one_application():
    request = RequestFactory(handed_over=True)
    handover = request.handovers.get()
    handover.pk = None
    with refuses("one_open_handover_per_request"), transaction.atomic():
        handover.save(force_insert=True)
    application, other = RequestFactory(accepted=True).application, ApplicationFactory(drafted=True)
    with refuses("request_id"), transaction.atomic():
        Application.objects.filter(pk=other.pk).update(request=application.request)
