"""Every truth of the tables, broken once past form and verb."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from config import clock
from config.protection.sealing import seal
from households.models import (
    Access,
    AssistanceRecord,
    Authorisation,
    ChangeMember,
    Coverage,
    Fact,
    FactUse,
    Household,
    IdentityTag,
    KinDeclaration,
    Membership,
    RegistryChange,
    Relative,
    Resident,
    RollAbsence,
    StaffKin,
)
from households.sheets.rolls import Rolls
from households.transitions import (
    Wish,
    ask_for_fact,
    declare_own_kin,
    lean_on,
    let_in,
    note_relative,
    propose_change,
    screen_household,
)

from . import factories, sheets
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db
EARLIER = date(2020, 1, 1)


def refuses(words):
    return pytest.raises(IntegrityError, match=words)


def broken(row, constraint, **changed):
    with refuses(constraint), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changed)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("resident_id_number_is_sealed_whole", {"id_number_masked": ""}),
        ("resident_phone_is_sealed_whole", {"phone_masked": "138****0000"}),
        ("resident_bank_account_is_sealed_whole", {"bank_account_sealed": "v1:k:x"}),
        (
            "resident_with_papers_has_a_number",
            {"id_number_sealed": "", "id_number_digest": None, "id_number_masked": ""},
        ),
        ("nobody_dies_before_birth", {"died_on": date(1974, 1, 1)}),
        ("revision_of_a_resident_has_its_reviser", {"revised_at": F("entered_at")}),
    ],
)
def test_resident(constraint, changed):
    broken(ResidentFactory(), constraint, **changed)


def test_one_resident_per_id_number():
    one, other = ResidentFactory(), ResidentFactory()
    broken(other, "one_resident_per_id_number", id_number_digest=one.id_number_digest)


def test_household_numbers_are_given_once():
    one, other = HouseholdFactory(alone=True), HouseholdFactory(alone=True)
    broken(other, "households_household_number", number=one.number)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("membership_ends_after_it_begins", {"until": EARLIER, "ended_at": F("added_at"), "ended_by": F("added_by"), "end_reason": "迁出"}),
        ("ended_membership_says_who_when_and_why", {"until": F("since")}),
        ("ended_membership_says_who_when_and_why", {"end_reason": "迁出"}),
        (
            "ended_membership_says_who_when_and_why",
            {"until": F("since"), "ended_at": F("added_at"), "ended_by": F("added_by"), "end_reason": ""},
        ),
        ("one_head_per_household", {"relation": "02"}),
    ],
)
def test_membership(constraint, changed):
    household = HouseholdFactory()
    broken(household.memberships.get(relation="10"), constraint, **changed)


def test_one_household_per_resident_at_a_time():
    one, other = HouseholdFactory(alone=True), HouseholdFactory()
    row = Membership.objects.get(household=other, relation="10")
    broken(row, "one_household_per_resident_at_a_time", resident=factories.head_of(one))


def relative_row(clerk):
    head, outside = factories.head_of(HouseholdFactory()), ResidentFactory()
    return note_relative(resident_id=head.pk, relative_id=outside.pk, role="obligor", relation="20", since=clock.today(), by=clerk)


def test_relative(clerk):
    row = relative_row(clerk)
    broken(row, "nobody_is_their_own_relative", relative=F("resident"))
    copy = Relative.objects.get(pk=row.pk)
    copy.pk, copy.since = None, clock.today() - timedelta(days=9)
    with refuses("a_relative_stands_once_in_a_role"), transaction.atomic():
        copy.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("tag_ends_after_it_begins", {"until": EARLIER}),
        ("end_of_a_tag_has_its_ender", {"ended_at": F("granted_at")}),
    ],
)
def test_tag(constraint, changed):
    broken(factories.tag(factories.head_of(HouseholdFactory()), "subsistence"), constraint, **changed)


def test_tag_is_of_one():
    household = HouseholdFactory()
    row = factories.tag(factories.head_of(household), "subsistence")
    broken(row, "tag_is_of_a_household_or_a_resident", household=household)
    broken(row, "tag_is_of_a_household_or_a_resident", resident=None)
    other = factories.tag(factories.head_of(HouseholdFactory()), "subsistence")
    broken(other, "one_open_tag_of_a_kind", resident=row.resident)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("fact_detail_is_sealed_whole", {"detail_masked": "已填写"}),
        ("fact_is_of_a_household_or_a_resident", {"resident": None}),
        ("fact_is_valid_for_a_while", {"valid_until": EARLIER}),
        ("superseded_fact_has_its_superseder", {"superseded_at": F("found_at")}),
    ],
)
def test_fact(constraint, changed):
    broken(factories.fact(factories.head_of(HouseholdFactory()), "disability_card", True), constraint, **changed)


def test_fact_is_of_one_and_stands_once(clerk):
    household = HouseholdFactory()
    head = factories.head_of(household)
    row, other = factories.fact(head, "disability_card", True), factories.fact(head, "disability_card", True, how="visit")
    broken(row, "fact_is_of_a_household_or_a_resident", household=household)
    broken(other, "one_standing_fact_per_kind_and_way", how="register")
    use = lean_on(fact=row, subject=household, by=clerk)
    with refuses("a_subject_leans_on_a_fact_once"), transaction.atomic():
        FactUse.objects.create(fact=row, subject_label=use.subject_label, subject_id=use.subject_id, used_at=clock.now(), used_by=clerk)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("record_is_of_a_household_or_a_resident", {"household": None}),
        ("record_says_how_much_or_what", {"amount": None}),
        ("record_says_how_much_or_what", {"amount": 0}),
        ("record_ends_after_it_begins", {"until": EARLIER}),
        ("decided_record_names_its_decision", {"decision_id": None}),
    ],
)
def test_assistance_record(constraint, changed):
    broken(factories.assistance(HouseholdFactory()), constraint, **changed)


def copied(row, **changed):
    row.pk, row.decision_id = uuid.uuid4(), uuid.uuid4()
    for name, value in changed.items():
        setattr(row, name, value)
    row._state.adding = True
    row.save(force_insert=True)


def test_regular_records_never_overlap():
    household = HouseholdFactory()
    head = factories.head_of(household)
    both = factories.assistance(household)
    with refuses("record_is_of_a_household_or_a_resident"), transaction.atomic():
        copied(AssistanceRecord.objects.get(pk=both.pk), resident=head)
    with refuses("regular_records_of_a_household_never_overlap"), transaction.atomic():
        copied(AssistanceRecord.objects.get(pk=both.pk), since=clock.today() + timedelta(days=30))
    single = factories.assistance(head, "MZ03")
    with refuses("regular_records_of_a_resident_never_overlap"), transaction.atomic():
        copied(AssistanceRecord.objects.get(pk=single.pk))
    copied(AssistanceRecord.objects.get(pk=both.pk), cadence="once")


def test_a_decision_makes_one_record():
    decided = factories.assistance(HouseholdFactory())
    again = AssistanceRecord.objects.get(pk=decided.pk)
    with refuses("a_decision_makes_one_record"), transaction.atomic():
        copied(again, cadence="once", decision_id=decided.decision_id)


def test_a_record_covers_somebody_once_at_a_time():
    reached = factories.assistance(HouseholdFactory()).coverage.first()
    with refuses("a_record_covers_somebody_once_at_a_time"), transaction.atomic():
        Coverage.objects.create(record=reached.record, resident=reached.resident, since=reached.since + timedelta(days=1))
    broken(reached, "coverage_ends_after_it_begins", until=reached.since - timedelta(days=1))


def test_access(officer, clerk):
    household = HouseholdFactory()
    row = let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    broken(row, "closed_access_has_its_end", until=clock.today())
    broken(row, "closed_access_has_its_end", closed_at=clock.now(), closed_by=clerk)
    copy = Access.objects.get(pk=row.pk)
    copy.pk = None
    with refuses("one_access_per_unit_and_subject"), transaction.atomic():
        copy.save(force_insert=True)


def test_authorisation(clerk):
    household = HouseholdFactory(authorised=True)
    row = household.authorisations.first()
    broken(row, "revoked_authorisation_has_its_revoker", revoked_at=clock.now())
    copy = Authorisation.objects.get(pk=row.pk)
    copy.pk = None
    with refuses("one_standing_authorisation_per_resident_and_household"), transaction.atomic():
        copy.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("kin_declared_names_the_staff_member", {"staff_name": ""}),
        ("kin_declared_names_the_staff_member", {"relation": ""}),
        ("kin_declared_names_the_staff_member", {"has_kin": False}),
        ("filing_of_kin_says_who_when_and_what", {"filed_at": F("declared_at")}),
        ("filing_of_kin_says_who_when_and_what", {"filed_at": F("declared_at"), "filed_by": F("declared_by")}),
        ("replaced_kin_declaration_has_its_replacer", {"replaced_at": F("declared_at")}),
    ],
)
def test_kin_declaration(constraint, changed):
    broken(HouseholdFactory(with_kin=True).kin_declarations.get(), constraint, **changed)


def test_one_standing_kin_declaration_per_household():
    copy = KinDeclaration.objects.get(pk=HouseholdFactory(without_kin=True).kin_declarations.get().pk)
    copy.pk = None
    with refuses("one_standing_kin_declaration_per_household"), transaction.atomic():
        copy.save(force_insert=True)


def test_staff_kin(clerk):
    number = factories.id_number()
    row = declare_own_kin(name="甘远亲", relation="70", number=number, by=clerk)
    broken(row, "withdrawn_kin_has_its_withdrawer", withdrawn_at=clock.now())
    broken(row, "staffkin_id_number_is_sealed_whole", id_number_masked="")
    copy = StaffKin(staff=clerk.staff, name="甘远亲", relation="70", declared_at=clock.now(), declared_by=clerk)
    seal(copy, id_number=number)
    with refuses("a_relative_is_declared_once_by_a_person"), transaction.atomic():
        copy.save(force_insert=True)


def test_a_record_that_another_follows():
    one, other = (factories.assistance(HouseholdFactory(alone=True)) for _ in range(2))
    broken(one, "a_record_does_not_follow_itself", former=F("id"))
    third = factories.assistance(HouseholdFactory(alone=True))
    AssistanceRecord.objects.filter(pk=other.pk).update(former=one)
    broken(third, "one_record_goes_on_as_one", former=one)
    with refuses("name no row of households_assistancerecord"), transaction.atomic():
        AssistanceRecord.objects.filter(pk=third.pk).update(former=uuid.uuid4())
    with refuses("name a row of households_assistancerecord"), transaction.atomic(), connection.cursor() as cursor:
        Coverage._base_manager.filter(record=one).delete()
        cursor.execute("DELETE FROM households_assistancerecord WHERE id = %s", [one.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_every_gate_is_closed_to_who_has_no_place(supervision, system_administrator):
    household = HouseholdFactory(authorised=True, with_kin=True)
    factories.assistance(household)
    factories.fact(factories.head_of(household), "disability_card", True)
    factories.tag(household, "low_income")
    rows = (Household, Resident, Membership, Fact, IdentityTag, AssistanceRecord, Coverage, Access, Authorisation, KinDeclaration)
    for post in (supervision, system_administrator, None):
        assert [m.__name__ for m in rows if m.objects.visible_to(post).exists()] == []


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("closed_household_says_who_and_when", {"closed_at": F("opened_at")}),
        ("a_household_is_not_its_own_successor", {"closed_at": F("opened_at"), "closed_by": F("opened_by"), "successor": F("id")}),
    ],
)
def test_closed_household(constraint, changed):
    broken(HouseholdFactory(alone=True), constraint, **changed)


def test_who_is_merged_is_closed():
    broken(HouseholdFactory(alone=True), "closed_household_says_who_and_when", successor=HouseholdFactory(alone=True))


def test_merged_resident():
    broken(ResidentFactory(), "merged_resident_names_the_survivor", merged_at=F("entered_at"), merged_by=F("entered_by"))
    merged = {"merged_at": F("entered_at"), "merged_by": F("entered_by"), "survivor": F("id")}
    broken(ResidentFactory(), "merged_resident_names_the_survivor", **merged)


ANSWERED = {"answered_at": F("proposed_at"), "answered_by": F("proposed_by"), "answered_by_staff": F("proposed_by_staff")}


def change_of(household):
    by = factories.clerk_of(household.region)
    return propose_change(wish=Wish("void", "误建", household), by=by)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("change_is_of_a_household_or_a_resident", {"household": None}),
        ("change_is_of_a_household_or_a_resident", {"kind": "merge_residents"}),
        ("change_of_place_names_the_place", {"kind": "move"}),
        ("change_of_place_names_the_place", {"address": "一组"}),
        ("change_names_where_it_leads", {"kind": "merge"}),
        ("change_leads_to_another", {"kind": "merge", "target": F("household")}),
        ("registry_change_has_its_reason", {"reason": ""}),
        ("answered_change_says_who_and_when", {"status": "withdrawn"}),
        ("answered_change_says_who_and_when", {"answered_at": F("proposed_at")}),
        ("change_is_answered_by_a_second_person", {"status": "confirmed", **ANSWERED}),
    ],
)
def test_registry_change(constraint, changed):
    broken(change_of(HouseholdFactory(alone=True)), constraint, **changed)


def test_one_proposal_waits_at_a_time(second_clerk):
    row = change_of(HouseholdFactory(alone=True))
    answered = {**ANSWERED, "answered_by_staff": second_clerk.staff}
    broken(row, "rejected_change_says_why", **{**answered, "status": "rejected"})
    place = {"kind": "split", "region": factories.place(), "setting": "rural"}
    broken(row, "confirmed_split_names_the_new_household", **{**answered, **place, "status": "confirmed"})
    double = Wish("merge_residents", "同一人", resident=ResidentFactory(), survivor=ResidentFactory())
    merged = propose_change(wish=double, by=second_clerk)
    for waiting, constraint in ((row, "one_open_change_per_household"), (merged, "one_open_merge_per_resident")):
        copy = RegistryChange.objects.get(pk=waiting.pk)
        copy.pk = uuid.uuid4()
        with refuses(constraint), transaction.atomic():
            copy.save(force_insert=True)
    member = ChangeMember(change=row, resident=ResidentFactory(), relation="20")
    member.save()
    member.pk = None
    with refuses("a_member_stands_once_in_a_change"), transaction.atomic():
        member.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("closed_fact_request_has_its_answerer", {"status": "withdrawn"}),
        ("answered_fact_request_has_its_fact", {"status": "answered", "answered_at": F("asked_at"), "answered_by": F("asked_by")}),
        (
            "no_answer_to_a_fact_request_has_its_cause",
            {"status": "unable", "answered_at": F("asked_at"), "answered_by": F("asked_by"), "cause": "nobody"},
        ),
    ],
)
def test_truths_of_a_request_for_a_fact(clerk, constraint, changed):
    household = HouseholdFactory(alone=True)
    row = ask_for_fact(household_id=household.pk, kind_key="dibao", resident_id=factories.head_of(household).pk, by=clerk)
    broken(row, constraint, **changed)


def test_a_fact_is_asked_for_once(clerk):
    household = HouseholdFactory(alone=True)
    row = ask_for_fact(household_id=household.pk, kind_key="dibao", resident_id=factories.head_of(household).pk, by=clerk)
    row.pk = uuid.uuid4()
    with refuses("one_open_request_per_fact"), transaction.atomic():
        row.save(force_insert=True)


def test_screenings_follow_one_another(clerk):
    row = screen_household(household_id=HouseholdFactory(alone=True).pk, by=clerk)
    broken(row, "screening_is_not_its_own_predecessor", previous=row.pk)
    row.pk = uuid.uuid4()
    with refuses("screenings_follow_one_another"), transaction.atomic():
        row.save(force_insert=True)


def test_a_record_is_absent_once_from_the_rolls_of_a_day(platform):
    record = factories.assistance(HouseholdFactory(alone=True))
    batch = sheets.batch_of(Rolls().template("MZ01"), unit=record.unit, by=platform)
    row = RollAbsence.objects.create(record=record, as_of=batch.as_of, batch=batch, noted_at=batch.handed_in_at, noted_by=platform)
    row.pk = None
    with refuses("a_record_is_absent_once_from_the_rolls_of_a_day"), transaction.atomic():
        row.save(force_insert=True)
