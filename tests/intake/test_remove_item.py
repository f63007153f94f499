"""Asked for no longer: the row goes, the record remembers, the papers follow."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config.verbs import TransitionError
from intake import transitions
from intake.models import Paper
from tests.intake.factories import ApplicationFactory, add, picture
from tests.intake.verbs import fail, the_event

pytestmark = pytest.mark.django_db
BOTH = [("MZ04", "ordinary"), ("MZ01", "ordinary")]


def test_it_works(second_clerk):
    application = ApplicationFactory(submitted=True, programs=BOTH)
    item = application.items.get(program="MZ01")
    transitions.remove_item(item_id=item.pk, by=second_clerk)
    assert list(application.items.values_list("program", flat=True)) == ["MZ04"]
    event = the_event("item.removed", item)
    assert (event.by, event.data["program"], event.application_id) == (second_clerk.staff, "MZ01", application.pk)


def test_papers_that_nobody_settled_go_with_it(draft, clerk):
    add(draft)
    item = add(draft, "MZ01")
    only = set(draft.papers.values_list("material", flat=True))
    kept = draft.papers.get(material="income_assets_declaration")
    transitions.upload_paper(paper_id=kept.pk, file=picture(), by=clerk)
    transitions.remove_item(item_id=item.pk, by=clerk)
    left = {paper.material_id: paper for paper in draft.papers.all()}
    assert "application" in only - set(left)
    assert (left["income_assets_declaration"].state, left["income_assets_declaration"].is_required) == (Paper.State.UPLOADED, False)


def test_a_paper_that_a_notice_names_stays(clerk):
    application = ApplicationFactory(submitted=True, programs=BOTH)
    paper = application.papers.get(material="application")
    transitions.settle_paper(paper_id=paper.pk, state="missing", by=clerk)
    transitions.ask_supplement(application_id=application.pk, lines=[(paper.pk, "")], by=clerk)
    transitions.remove_item(item_id=application.items.get(program="MZ01").pk, by=clerk)
    paper.refresh_from_db()
    assert not paper.is_required


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, draft):
    item = add(draft)
    with pytest.raises(Http404):
        transitions.remove_item(item_id=item.pk, by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        transitions.remove_item(item_id=item.pk, by=approver)


def test_the_last_item_stays_once_submitted(clerk, submitted, draft):
    with pytest.raises(TransitionError, match="请撤回申请"):
        transitions.remove_item(item_id=submitted.items.get().pk, by=clerk)
    transitions.remove_item(item_id=add(draft).pk, by=clerk)
    assert not draft.items.exists()
    assert not draft.papers.exists()


def test_a_second_call_finds_nothing(clerk, draft):
    item = add(draft)
    transitions.remove_item(item_id=item.pk, by=clerk)
    with pytest.raises(Http404):
        transitions.remove_item(item_id=item.pk, by=clerk)


def test_the_event_fails_and_nothing_has_happened(clerk, draft, monkeypatch):
    item = add(draft)
    monkeypatch.setattr("intake.transitions.items.record", fail)
    with pytest.raises(RuntimeError):
        transitions.remove_item(item_id=item.pk, by=clerk)
    assert draft.items.get() == item
