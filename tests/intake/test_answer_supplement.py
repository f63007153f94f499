"""The applicant brought what was missing: back to the window's clock."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from households import transitions as households
from intake import transitions
from tests.intake.factories import ApplicationFactory
from tests.intake.verbs import fail, fresh, the_event

pytestmark = pytest.mark.django_db


def answer(application, by):
    return transitions.answer_supplement(application_id=application.pk, by=by)


@pytest.fixture
def waiting(db):
    return ApplicationFactory(supplemented=True)


def test_it_works(second_clerk, waiting, clock):
    clock.forward(days=3)
    application = answer(waiting, second_clerk)
    notice = waiting.notices.get()
    assert application.status == "submitted"
    assert (notice.answered_at, notice.answered_by) == (house_clock.now(), second_clerk)
    event = the_event("supplement.answered", notice)
    assert (event.by, event.application_id) == (second_clerk.staff, waiting.pk)


def test_the_windows_clock_starts_again(clerk, waiting, clock):
    clock.forward(days=3)
    answer(waiting, clerk)
    assert Duty.objects.about(waiting, "supplement").get().outcome == "done"
    duty = Duty.objects.open().about(waiting, "accept").get()
    assert duty.starts_at == house_clock.now()


def test_papers_it_names_are_settled_first(clerk, submitted):
    bills = submitted.papers.get(material="cause_bills")
    transitions.settle_paper(paper_id=bills.pk, state="missing", by=clerk)
    transitions.ask_supplement(application_id=submitted.pk, lines=[(bills.pk, "")], by=clerk)
    with pytest.raises(TransitionError, match="事由票据"):
        answer(submitted, clerk)
    transitions.settle_paper(paper_id=bills.pk, state="seen", by=clerk)
    assert answer(submitted, clerk).status == "submitted"


def test_what_no_item_asks_for_any_more_is_not_waited_for(clerk):
    """The notice named the authorisation that 低保 wants; the family asks for the 护理补贴 alone since, and nothing registers the form."""
    application = ApplicationFactory(submitted=True, programs=[("MZ01", "ordinary"), ("MZ03", "ordinary")])
    households.revoke_authorisation(authorisation_id=application.household.authorisations.first().pk, by=clerk)
    transitions.relist_papers(application_id=application.pk, by=clerk)
    form = application.papers.get(material="authorisation")
    transitions.ask_supplement(application_id=application.pk, lines=[(form.pk, "")], by=clerk)
    with pytest.raises(TransitionError, match="授权书"):
        answer(application, clerk)
    transitions.remove_item(item_id=application.items.get(program="MZ01").pk, by=clerk)
    assert application.papers.get(material="authorisation").state == "missing"
    assert answer(application, clerk).status == "submitted"


def test_what_is_asked_for_in_a_certain_case_is_waited_for_where_it_was_named(clerk):
    """Whether the case is given the clerk has seen."""
    submitted = ApplicationFactory(submitted=True, programs=[("MZ01", "ordinary")])
    paper = submitted.papers.get(material="rigid_bills", is_required=False, state="missing")
    transitions.ask_supplement(application_id=submitted.pk, lines=[(paper.pk, "")], by=clerk)
    with pytest.raises(TransitionError, match=paper.name):
        answer(submitted, clerk)


def test_after_acceptance_only_the_notice_is_done(clerk):
    application = ApplicationFactory(in_progress=True)
    with pytest.raises(TransitionError, match="没有等待补正"):
        answer(application, clerk)
    transitions.ask_supplement(application_id=application.pk, lines=[(None, "诊断证明")], by=clerk)
    assert answer(application, clerk).status == "in_progress"
    assert not Duty.objects.open().about(application).exists()


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, waiting):
    with pytest.raises(Http404):
        answer(waiting, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        answer(waiting, approver)


def test_a_second_call_is_told_of_the_first(clerk, waiting):
    answer(waiting, clerk)
    with pytest.raises(AlreadyHandled, match="正在等待受理"):
        answer(waiting, clerk)


def test_the_event_fails_and_nothing_has_happened(clerk, waiting, monkeypatch):
    monkeypatch.setattr("intake.transitions.notices.record", fail)
    with pytest.raises(RuntimeError):
        answer(waiting, clerk)
    assert fresh(waiting).status == "supplement"
    assert waiting.notices.get().answered_at is None
