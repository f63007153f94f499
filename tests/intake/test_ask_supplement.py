"""一次性告知: everything that is missing, once; again only with a reason and somebody else's consent."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, OutboxMessage
from documents.models import IssuedDocument
from intake import transitions
from intake.models import SupplementNotice
from intake.transitions import Lack
from tests import cast
from tests.households.factories import fact
from tests.intake.factories import ApplicationFactory, add, fill_in, submit
from tests.intake.verbs import fail, fresh, the_event

pytestmark = pytest.mark.django_db


def ask(application, by, lines=((None, "近12个月收入情况说明"),), **changed):
    return transitions.ask_supplement(application_id=application.pk, lines=lines, by=by, **changed)


@pytest.fixture
def answered(clerk):
    """Submitted again after one notice."""
    application = ApplicationFactory(supplemented=True)
    return transitions.answer_supplement(application_id=application.pk, by=clerk)


def test_it_works(second_clerk, submitted):
    bills = submitted.papers.get(material="cause_bills")
    notice = ask(submitted, second_clerk, [(bills.pk, ""), (None, "收入情况说明")])
    assert (notice.sequence, notice.issued_at, notice.issued_by) == (1, clock.now(), second_clerk)
    assert [(line.paper, line.text) for line in notice.lines.all()] == [(bills, "事由票据"), (None, "收入情况说明")]
    assert fresh(submitted).status == "supplement"
    event = the_event("supplement.asked", notice)
    assert (event.by, event.application_id, event.new) == (second_clerk.staff, submitted.pk, notice.number)


def test_what_is_proven_since_is_not_asked_for(clerk, submitted):
    """ZX-30: by what is known on the day of the notice."""
    book = submitted.papers.get(material="household_book")
    transitions.settle_paper(paper_id=book.pk, state="missing", by=clerk)
    fact(submitted.household, "household_register", "农业家庭户")
    with pytest.raises(TransitionError, match="户口簿免提交"):
        ask(submitted, clerk, [(book.pk, "")])


def test_what_was_proven_and_is_no_more_can_be_asked_for(clerk, clock):
    application = ApplicationFactory(drafted=True)
    fact(application.household, "household_register", "农业家庭户", valid_until=date(2026, 9, 25))
    add(application)
    application = submit(fill_in(application), clerk)
    book = application.papers.get(material="household_book")
    assert book.state == "exempt"
    clock.forward(days=3)
    assert ask(application, clerk, [(book.pk, "")]).lines.get().paper == book


def test_the_applicant_has_time_to_a_working_day(clerk, submitted):
    """Thirty days from 24 September end on Saturday 24 October: Monday counts."""
    notice = ask(submitted, clerk)
    assert notice.due_on == date(2026, 10, 26)
    duties = {duty.kind: duty for duty in Duty.objects.about(submitted)}
    assert duties["accept"].outcome == "done"
    assert (duties["supplement"].unit, duties["supplement"].is_open) == (clerk.unit, True)


def test_it_is_handed_out_with_its_own_number(clerk, submitted):
    notice = ask(submitted, clerk, [(submitted.papers.get(material="cause_bills").pk, "交通事故认定书")])
    paper = IssuedDocument.objects.about(notice).get()
    assert (paper.kind, paper.number, paper.data["supplement_by"]) == ("supplement_notice", notice.number, "2026年10月26日")
    assert paper.data["missing"] == [{"material": "事由票据", "requirement": "交通事故认定书", "programs": ""}]


def test_after_acceptance_it_gathers_what_units_returned(clerk):
    application = ApplicationFactory(in_progress=True)
    unit = cast.member("civil_officer").unit
    notice = ask(application, clerk, [Lack("诊断证明", unit=unit), Lack("收入流水", unit=unit)])
    assert [line.unit for line in notice.lines.all()] == [unit, unit]
    assert fresh(application).status == "in_progress"
    assert Duty.objects.open().about(application, "supplement").exists()
    assert IssuedDocument.objects.about(notice).get().data["missing"][0]["programs"] == f"{unit.name}提出"


def test_one_at_a_time(second_clerk):
    application = ApplicationFactory(in_progress=True)
    ask(application, second_clerk)
    with pytest.raises(AlreadyHandled, match="安替岗"):
        ask(application, second_clerk)


def test_a_second_one_needs_a_reason_and_another_persons_consent(clerk, second_clerk, approver, neighbour_approver, answered):
    for changed, field in [
        ({"approver": approver}, "repeat_reason"),
        ({"repeat_reason": "漏列诊断证明"}, "approver"),
        ({"repeat_reason": "漏列诊断证明", "approver": second_clerk}, "approver"),
        ({"repeat_reason": "漏列诊断证明", "approver": neighbour_approver}, "approver"),
    ]:
        with pytest.raises(ValidationError) as refused:
            ask(answered, clerk, **changed)
        assert list(refused.value.message_dict) == [field]
    notice = ask(answered, clerk, repeat_reason="漏列诊断证明", approver=approver)
    assert (notice.sequence, notice.approved_by, notice.approved_at) == (2, approver, clock.now())
    assert the_event("supplement.asked", notice).note == "漏列诊断证明"


def test_who_consented_is_told_that_it_is_on_record(clerk, approver, answered):
    ask(answered, clerk, repeat_reason="漏列诊断证明", approver=approver)
    assert OutboxMessage.objects.get().kind == "supplement.consented"


def test_it_names_something_and_only_what_is_wanted(clerk, submitted, accepted):
    for lines in ([], [(None, "  ")]):
        with pytest.raises(ValidationError) as refused:
            ask(submitted, clerk, lines)
        assert refused.value.message_dict["lines"]
    with pytest.raises(TransitionError, match="不在这份申请的材料清单里"):
        ask(submitted, clerk, [(accepted.papers.first().pk, "")])
    exempt = submitted.papers.filter(state="exempt").first()
    with pytest.raises(TransitionError, match="免提交"):
        ask(submitted, clerk, [(exempt.pk, "")])
    assert fresh(submitted).status == "submitted"


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, submitted):
    with pytest.raises(Http404):
        ask(submitted, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        ask(submitted, approver)


def test_the_event_fails_and_nothing_has_happened(clerk, submitted, monkeypatch):
    monkeypatch.setattr("intake.transitions.notices.record", fail)
    with pytest.raises(RuntimeError):
        ask(submitted, clerk)
    assert fresh(submitted).status == "submitted"
    assert not SupplementNotice.objects.exists()
    assert Duty.objects.open().about(submitted).get().kind == "accept"
