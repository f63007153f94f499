"""已看原件, 后补, 免提交 on a proof, or back: what the clerk registers of a paper."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.verbs import TransitionError
from intake import transitions
from intake.models import Paper
from tests.households.factories import fact
from tests.intake.factories import add, picture
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def bills(draft):
    """事由票据 of MZ04, missing."""
    add(draft)
    return draft.papers.get(material="cause_bills")


def settle(paper, state, by):
    return transitions.settle_paper(paper_id=paper.pk, state=state, by=by)


def test_it_works(second_clerk, bills):
    paper = settle(bills, "seen", second_clerk)
    assert (paper.state, paper.settled_at, paper.settled_by) == ("seen", clock.now(), second_clerk)
    event = the_event("paper.settled", bills)
    assert (event.by, event.old, event.new) == (second_clerk.staff, "未提交", "已看原件")
    assert (event.application_id, event.data) == (bills.application_id, {"material": "cause_bills", "paper": bills.name})


def test_back_to_missing(clerk, bills):
    settle(bills, "later", clerk)
    paper = settle(bills, "missing", clerk)
    assert (paper.state, paper.settled_at, paper.settled_by) == ("missing", None, None)


def test_the_same_again_changes_nothing(clerk, second_clerk, bills):
    settle(bills, "seen", clerk)
    assert settle(bills, "seen", second_clerk).settled_by == clerk
    assert len(events("paper.settled", bills)) == 1


def test_exempt_needs_a_proof(clerk, draft, bills):
    with pytest.raises(TransitionError, match="没有查到能证明"):
        settle(bills, "exempt", clerk)
    book = draft.papers.get(material="household_book")
    with pytest.raises(TransitionError, match="没有查到能证明"):
        settle(book, "exempt", clerk)
    fact(draft.household, "household_register", "农业家庭户")
    assert settle(book, "exempt", clerk).fact
    assert draft.papers.get(material="household_book").settled_by == clerk


def test_a_demand_is_taken_back_by_the_proof(clerk, draft, bills):
    proven = draft.papers.get(material="medical_proof")
    transitions.demand_paper(paper_id=proven.pk, reason="数据不一致", by=clerk)
    paper = settle(proven, "exempt", clerk)
    assert (paper.state, paper.demanded_at, paper.demand_reason) == ("exempt", None, "")


def test_what_is_proven_is_not_collected_without_a_reason(clerk, draft, bills):
    proven = draft.papers.get(material="medical_proof")
    with pytest.raises(TransitionError, match="先填写仍要求提交的理由"):
        settle(proven, "seen", clerk)
    transitions.demand_paper(paper_id=proven.pk, reason="数据不一致", by=clerk)
    assert settle(proven, "seen", clerk).state == "seen"


def test_forms_are_settled_by_signing_them(clerk, draft, bills):
    for material in ("promise", "authorisation"):
        with pytest.raises(TransitionError, match="在签署处登记"):
            settle(draft.papers.get(material=material), "seen", clerk)


def test_uploaded_needs_a_file(clerk, bills):
    with pytest.raises(TransitionError, match="请先上传文件"):
        settle(bills, "uploaded", clerk)
    transitions.upload_paper(paper_id=bills.pk, file=picture(), by=clerk)
    settle(bills, "seen", clerk)
    assert settle(bills, "uploaded", clerk).state == "uploaded"


def test_after_acceptance_what_was_to_follow_comes_in_and_nothing_goes(clerk, accepted):
    bills = accepted.papers.get(material="cause_bills")
    for state in ("missing", "later"):
        with pytest.raises(TransitionError, match="申请已受理"):
            settle(bills, state, clerk)
    Paper.objects.filter(pk=bills.pk).update(state="later")
    assert settle(bills, "seen", clerk).state == "seen"


def test_no_such_state(clerk, bills):
    with pytest.raises(ValidationError) as refused:
        settle(bills, "lost", clerk)
    assert refused.value.message_dict["state"]


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, bills):
    with pytest.raises(Http404):
        settle(bills, "seen", neighbour_clerk)
    with pytest.raises(PermissionDenied):
        settle(bills, "seen", approver)


def test_the_event_fails_and_nothing_has_happened(clerk, bills, monkeypatch):
    monkeypatch.setattr("intake.transitions.papers.record", fail)
    with pytest.raises(RuntimeError):
        settle(bills, "seen", clerk)
    bills.refresh_from_db()
    assert bills.state == "missing"
