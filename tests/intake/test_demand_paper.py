"""Asked for although the platform proves it: with a reason, by name, counted (ZX-30)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.verbs import TransitionError
from intake import transitions
from intake.models import Paper
from tests.intake.factories import add
from tests.intake.verbs import fail, the_event

pytestmark = pytest.mark.django_db


@pytest.fixture
def proven(draft):
    """医疗自付费用证明 of MZ04: the platform has it."""
    add(draft)
    return draft.papers.get(material="medical_proof")


def demand(paper, by, reason="系统数据与票据不一致"):
    return transitions.demand_paper(paper_id=paper.pk, reason=reason, by=by)


def test_it_works(second_clerk, proven):
    paper = demand(proven, second_clerk)
    assert (paper.state, paper.demand_reason) == (Paper.State.MISSING, "系统数据与票据不一致")
    assert (paper.demanded_at, paper.demanded_by) == (clock.now(), second_clerk)
    event = the_event("paper.demanded", proven)
    assert (event.by, event.note, event.data) == (
        second_clerk.staff,
        "系统数据与票据不一致",
        {"material": "medical_proof", "paper": "医疗自付费用证明"},
    )


def test_it_says_why(clerk, proven):
    with pytest.raises(ValidationError) as refused:
        demand(proven, clerk, " ")
    assert refused.value.message_dict["reason"]


def test_what_is_asked_for_anyway_needs_no_reason(clerk, draft, proven):
    with pytest.raises(TransitionError, match="本来就要提交"):
        demand(draft.papers.get(material="cause_bills"), clerk)


def test_a_second_call_is_refused(clerk, proven):
    demand(proven, clerk)
    with pytest.raises(TransitionError, match="本来就要提交"):
        demand(proven, clerk)


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, proven):
    with pytest.raises(Http404):
        demand(proven, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        demand(proven, approver)


def test_the_event_fails_and_nothing_has_happened(clerk, proven, monkeypatch):
    monkeypatch.setattr("intake.transitions.papers.record", fail)
    with pytest.raises(RuntimeError):
        demand(proven, clerk)
    proven.refresh_from_db()
    assert proven.state == "exempt"
