"""What proves a paper, and what a page may show (ZX-30, TZ-17, TZ-20)."""

from datetime import date, timedelta

import pytest

from households.knowledge import Evidence, known_about, proof_of
from households.transitions import let_in
from programs.models import FactKind, Material

from . import factories
from .factories import HouseholdFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


@pytest.fixture
def household():
    return HouseholdFactory()


@pytest.fixture
def head(household):
    return factories.head_of(household)


def proven(key, household, *people, on=TODAY):
    return proof_of(Material.objects.get(pk=key), household=household, residents=people, on=on)


def test_a_valid_fact_proves_a_paper(household, head):
    assert proven("disability_card", household, head) is None
    row = factories.fact(head, "disability_card", True, source="残疾人证库", valid_until=TODAY)
    proof = proven("disability_card", household, head)
    assert (proof.kind, proof.fact) == ("fact", row)
    assert proof.text == "残疾人证有效：已登记（残疾人证库，2026-09-24查得）"
    assert proven("disability_card", household, head, on=TODAY + timedelta(days=1)) is None


def test_neither_a_no_nor_a_declaration_proves(household, head):
    factories.fact(head, "disability_card", False)
    factories.fact(head, "enrolled", True, how="declaration")
    assert proven("disability_card", household, head) is None
    assert proven("enrolment_proof", household, head) is None


def test_a_persons_paper_is_proven_for_each_of_them(household, head):
    wife = household.memberships.get(relation="10").resident
    first = factories.fact(head, "enrolled", True)
    assert proven("enrolment_proof", household, head, wife) is None
    second = factories.fact(wife, "enrolled", True)
    assert proven("enrolment_proof", household, head, wife).facts == (first, second)
    assert proven("enrolment_proof", household) is None


def test_a_households_paper_is_proven_once_for_all(household, head):
    factories.fact(household, "household_register", "虚构户籍")
    assert proven("household_book", household, head).kind == "fact"


def test_an_identity_and_aid_in_force_prove(household, head):
    assert proven("dibao_proof", household, head) is None
    aid = factories.assistance(household)
    proof = proven("dibao_proof", household, head)
    assert (proof.kind, proof.record, proof.fact) == ("record", aid, None)
    tag = factories.tag(household, "subsistence")
    assert (proven("dibao_proof", household, head).kind, proven("dibao_proof", household, head).tag) == ("tag", tag)


def test_aid_proves_for_whom_it_reaches(household, head):
    wife = household.memberships.get(relation="10").resident
    factories.assistance(household, covered=[wife])
    assert proven("dibao_proof", household, head) is None
    assert proven("dibao_proof", household, wife).kind == "record"


def test_orphans_aid_proves_no_orphan_of_whom_the_other_is_known(household, head):
    factories.assistance(head, "MZ09")
    assert proven("hardship_proof", household, head).kind == "record"
    fact = factories.fact(head, "unsupported_child", True)
    assert Evidence(household, [head], TODAY)._by_record(FactKind.objects.get(pk="orphan")) is None
    assert proven("hardship_proof", household, head).fact == fact


def test_evidence_is_gathered_once_for_all_papers(household, head, django_assert_num_queries):
    factories.fact(head, "disability_card", True)
    materials = list(Material.objects.prefetch_related("proofs"))
    with django_assert_num_queries(3):
        evidence = Evidence(household, [head], TODAY)
        found = {material.pk for material in materials if evidence.proof_of(material)}
    assert "disability_card" in found
    assert "enrolment_proof" not in found


# ── what a page shows ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def known(household, head, clerk, officer, neighbour_officer):
    factories.fact(head, "disability_level", "2")
    factories.fact(head, "enrolled", True)
    factories.fact(household, "income_per_head", "400")
    factories.tag(household, "low_income")
    factories.tag(head, "orphan")
    factories.assistance(household)
    factories.assistance(head, "CL02", cadence="yearly")
    for post in (officer, neighbour_officer):
        let_in(household=household, unit=post.unit, reason="referral", subject=household, by=clerk)
    return household


def seen(household, post):
    knowledge = known_about(household, TODAY, post)
    facts = {line.fact.kind_id: (line.text, line.can_open) for known in knowledge.all for line in known.facts}
    return facts, {tag.kind for tag, _ in knowledge.tags}, {row.program_id for row in knowledge.records}


def test_the_township_sees_all_but_what_is_sensitive_elsewhere(known, clerk, approver):
    everything = {"disability_level": ("二级", False), "enrolled": ("是", False), "income_per_head": ("400.00元", False)}
    for post in (clerk, approver):
        assert seen(known, post) == (everything, {"low_income"}, {"MZ01", "CL02"})


def test_the_village_sees_nothing_sensitive(known, assistant):
    assert seen(known, assistant) == ({"enrolled": ("是", False)}, {"low_income"}, {"MZ01", "CL02"})


def test_a_department_sees_its_own_facts_and_programs(known, officer, neighbour_officer):
    assert seen(known, officer) == ({"disability_level": ("二级", False)}, {"low_income"}, {"CL02"})
    assert seen(known, neighbour_officer) == ({"enrolled": ("是", False)}, {"low_income"}, set())


def test_the_platform_opens_what_is_sensitive(known, platform):
    facts, tags, records = seen(known, platform)
    assert facts == {"disability_level": ("", True), "enrolled": ("是", False), "income_per_head": ("", True)}
    assert (tags, records) == ({"low_income", "orphan"}, {"MZ01", "CL02"})


def test_without_a_post_nothing_sensitive(known):
    assert seen(known, None) == ({"enrolled": ("是", False)}, {"low_income"}, {"MZ01", "CL02"})


def test_expired_and_superseded_facts_are_not_shown(household, head, clerk):
    factories.fact(head, "enrolled", True)
    factories.fact(head, "enrolled", False)
    factories.fact(head, "union_member", True, found_on=TODAY - timedelta(days=9), valid_until=TODAY - timedelta(days=1))
    assert seen(household, clerk)[0] == {"enrolled": ("否", False)}


def test_the_cost_does_not_grow_with_the_family(known, clerk, django_assert_num_queries):
    with django_assert_num_queries(4):
        known_about(known, TODAY, clerk)
