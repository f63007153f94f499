"""One list for all items; what the platform proves is never asked for (ZX-30, TZ-20, TZ-27)."""

from datetime import date

import pytest
from django.http import Http404

from config import clock as house_clock
from households.models import FactUse
from intake import transitions
from intake.models import Paper
from tests.households.factories import assistance, fact, sign_all
from tests.intake import factories
from tests.intake.factories import ApplicationFactory, add, picture
from tests.intake.verbs import events

pytestmark = pytest.mark.django_db


def papers(application):
    return {paper.material_id: paper for paper in application.papers.all()}


def test_each_paper_stands_once_for_all_items(draft):
    add(draft)
    add(draft, "MZ01")
    materials = [paper.material_id for paper in draft.papers.all()]
    assert len(materials) == len(set(materials))
    assert {"cause_bills", "income_assets_declaration"} <= set(materials)


def test_a_register_proves_the_household_book(draft, clerk):
    book = fact(draft.household, "household_register", "农业家庭户")
    add(draft)
    paper = papers(draft)["household_book"]
    assert (paper.state, paper.fact) == (Paper.State.EXEMPT, book)
    assert "部门数据" in paper.exempt_reason
    use = FactUse.objects.get(fact=book)
    assert (use.subject_label, use.subject_id, use.used_by) == ("intake.paper", str(paper.pk), clerk)


def test_what_is_not_proven_is_missing(draft):
    add(draft)
    assert papers(draft)["household_book"].state == Paper.State.MISSING


def test_a_declaration_proves_nothing(draft):
    fact(draft.household, "household_register", "农业家庭户", how="declaration")
    add(draft)
    assert papers(draft)["household_book"].state == Paper.State.MISSING


def test_what_the_catalogue_exempts_is_exempt_by_its_basis(draft):
    add(draft)
    paper = papers(draft)["medical_proof"]
    assert paper.state == Paper.State.EXEMPT
    assert "以数据库为准" in paper.exempt_reason


def test_a_required_paper_is_shown_although_known(draft):
    for person in factories.people(draft.household):
        fact(person, "identity", "已核验")
    add(draft)
    assert papers(draft)["id_card"].state == Paper.State.MISSING


def test_a_record_in_force_proves_an_identity(draft):
    record = assistance(draft.household, "MZ01")
    add(draft)
    paper = papers(draft)["dibao_proof"]
    assert (paper.state, paper.record) == (Paper.State.EXEMPT, record)


def test_two_children_are_two_cards():
    application = ApplicationFactory(drafted=True, household=factories.family(children=2))
    first, second = factories.people(application.household)[2:]
    fact(first, "disability_card", True)
    add(application, "MZ03", resident=first)
    assert papers(application)["disability_card"].state == Paper.State.EXEMPT
    add(application, "MZ03", resident=second)
    assert papers(application)["disability_card"].state == Paper.State.MISSING
    fact(second, "disability_card", True)
    transitions.relist_papers(application_id=application.pk, by=application.drafted_by)
    assert papers(application)["disability_card"].state == Paper.State.EXEMPT
    assert FactUse.objects.filter(subject_id=str(papers(application)["disability_card"].pk)).count() == 2


def test_a_fact_that_ran_out_proves_no_longer(draft, clerk, clock):
    fact(draft.household, "household_register", "农业家庭户", valid_until=date(2026, 9, 30))
    add(draft)
    clock.forward(days=30)
    transitions.relist_papers(application_id=draft.pk, by=clerk)
    paper = papers(draft)["household_book"]
    assert (paper.state, paper.fact, paper.exempt_reason) == (Paper.State.MISSING, None, "")


def test_what_the_clerk_has_settled_stays_settled(draft, clerk):
    add(draft)
    bills = papers(draft)["cause_bills"]
    transitions.upload_paper(paper_id=bills.pk, file=picture(), by=clerk)
    transitions.settle_paper(paper_id=papers(draft)["household_book"].pk, state="seen", by=clerk)
    fact(draft.household, "household_register", "农业家庭户")
    add(draft, "MZ01")
    assert (papers(draft)["cause_bills"].state, papers(draft)["household_book"].state) == (Paper.State.UPLOADED, Paper.State.SEEN)


def test_what_was_demanded_stays_demanded(draft, clerk):
    add(draft)
    transitions.demand_paper(paper_id=papers(draft)["medical_proof"].pk, reason="系统数据与票据不一致", by=clerk)
    transitions.relist_papers(application_id=draft.pk, by=clerk)
    assert papers(draft)["medical_proof"].state == Paper.State.MISSING


def test_the_authorisation_is_settled_by_the_last_signature(draft, clerk):
    add(draft)
    assert papers(draft)["authorisation"].state == Paper.State.MISSING
    sign_all(draft.household)
    transitions.relist_papers(application_id=draft.pk, by=clerk)
    paper = papers(draft)["authorisation"]
    assert (paper.state, paper.settled_at) == (Paper.State.SEEN, house_clock.now())


def test_nothing_new_leaves_no_line(draft, clerk):
    add(draft)
    transitions.relist_papers(application_id=draft.pk, by=clerk)
    assert len(events("application.papers_listed")) == 1


def test_the_neighbour_does_not_look(draft, neighbour_clerk):
    with pytest.raises(Http404):
        transitions.relist_papers(application_id=draft.pk, by=neighbour_clerk)
