"""Papers: a number of its own, a snapshot that never changes, one event."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from documents import gates, transitions
from documents.models import IssuedDocument, NumberSeries
from documents.papers import PAPERS, GuideCard

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _readable(monkeypatch):
    monkeypatch.setitem(gates._MAY_READ, "organization.unit", lambda post, pk: str(post.unit_id) == pk)


def issue(by, kind="guide_card", **about):
    return transitions.issue(kind=kind, subject=by.unit, data=about.pop("data", None) or PAPERS[kind].sample(), by=by, **about)


def events():
    return Event.objects.filter(verb__startswith="paper.")


@pytest.mark.parametrize("kind", PAPERS)
def test_it_works(clerk, kind):
    household, application = uuid4(), uuid4()
    paper = issue(clerk, kind, household_id=household, application_id=application)
    assert (paper.kind, paper.title, paper.unit) == (kind, PAPERS[kind].title, clerk.unit)
    assert (paper.subject_label, paper.subject_id) == ("organization.unit", str(clerk.unit_id))
    assert (paper.issued_at, paper.issued_by) == (house_clock.now(), clerk)
    # Papers to units bear the number of what they are about, from a series of the county.
    own = {"ruling": "〔2026〕500233001001号", "supervision_order": "500233001〔2026〕001号", "written_reminder": "500233001〔2026〕001号"}
    assert paper.number.startswith("500233001" if kind == "supervision_order" else "忠民")
    assert paper.number.endswith(own.get(kind, "〔2026〕500233001-00001号"))
    assert paper.data["issued_on"] == "2026年9月24日"
    event = events().get()
    assert (event.verb, event.new, event.by) == ("paper.issued", paper.number, clerk.staff)
    assert (event.household_id, event.application_id) == (household, application)


def test_snapshot_reads_back_as_it_was_said(clerk):
    paper = IssuedDocument.objects.get(pk=issue(clerk).pk)
    assert paper.data["addressee"] == "张样例"
    assert paper.data["items"][1] == {
        "program": "临时救助", "unit": "忠州街道社会事务办", "phone": "023-00000002", "by_date": "随时",
        "bring": ["医院诊断书、费用票据"], "do_not_bring": ["结婚证"],
    }  # fmt: skip


def test_numbers_run_on_in_the_region_of_the_issuing_unit(clerk, approver, neighbour_clerk, officer):
    given = [issue(by).number.partition("〕")[2] for by in (clerk, approver, neighbour_clerk, officer)]
    assert given == ["500233001-00001号", "500233001-00002号", "500233002-00001号", "500233-00001号"]


def test_paper_with_a_number_of_its_own_takes_none(clerk):
    assert issue(clerk, number="忠民申〔2026〕500233001-00007号").number == "忠民申〔2026〕500233001-00007号"
    assert not NumberSeries.objects.exists()


def test_full_id_number_never_stands_on_paper(clerk):
    bad = replace(GuideCard.sample(), notes=["证件 99999919900307001X"])
    with pytest.raises(ValueError, match="masked"):
        issue(clerk, data=bad)
    assert not IssuedDocument.objects.exists()


def test_data_of_another_kind_is_refused(clerk):
    with pytest.raises(ValueError, match="is not what"):
        transitions.issue(kind="refusal_notice", subject=clerk.unit, data=GuideCard.sample(), by=clerk)
    with pytest.raises(ValueError, match="is not what"):
        transitions.issue(kind="poem", subject=clerk.unit, data=GuideCard.sample(), by=clerk)


def test_event_fails_and_neither_paper_nor_number_remains(clerk, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("no event")

    monkeypatch.setattr("documents.transitions.papers.record", fails)
    with pytest.raises(RuntimeError):
        issue(clerk)
    assert not IssuedDocument.objects.exists()
    assert not NumberSeries.objects.exists()


def test_voided_once_with_a_reason(clerk, second_clerk, neighbour_clerk):
    paper = issue(clerk)
    with pytest.raises(TransitionError, match="原因"):
        transitions.void_paper(paper_id=paper.pk, reason=" ", by=clerk)
    with pytest.raises(Http404):
        transitions.void_paper(paper_id=paper.pk, reason="打错了", by=neighbour_clerk)
    voided = transitions.void_paper(paper_id=paper.pk, reason="打给了别人", by=second_clerk)
    assert voided.is_voided
    with pytest.raises(AlreadyHandled, match="作废"):
        transitions.void_paper(paper_id=paper.pk, reason="再作废", by=clerk)
    assert [event.verb for event in events().order_by("id")] == ["paper.issued", "paper.voided"]
    assert issue(clerk).number != paper.number
