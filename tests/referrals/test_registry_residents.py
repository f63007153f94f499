"""Two rows of one person become one: numbers, names and look-ups find the survivor alone."""

from datetime import timedelta
from importlib import import_module
from itertools import pairwise

import pytest
from django.db import connection

from audit.models import Event
from config import clock as house_clock
from config.dates import add_months
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from households.models import AssistanceRecord, Membership, Resident
from households.transitions import authorise, find_by_number, note_death, note_relative, open_household
from households.transitions.carrying import carry_knowledge
from intake.models import ApplicationItem
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, ResidentFactory, person
from tests.intake.factories import ApplicationFactory

from .registering import confirmed, done, proposed

pytestmark = pytest.mark.django_db


def test_what_is_known_goes_over_and_only_the_survivor_is_found(signed_in, clerk):
    number, other_number = factories.id_number(), factories.id_number()
    household = HouseholdFactory(members=[person(name="虚一一", number=number), person("10")])
    gone, stays = factories.head_of(household), ResidentFactory(name="虚一一", number=other_number)
    fact, tag = factories.fact(gone, "disability_card", True), factories.tag(gone, "severe_disability")
    record, of_household = factories.assistance(gone, "MZ03"), factories.assistance(household)
    outside = ResidentFactory()
    note_relative(resident_id=gone.pk, relative_id=outside.pk, role="obligor", relation="20", since=house_clock.today(), by=clerk)
    factories.form("authorisation")
    authorise(household_id=household.pk, resident_id=gone.pk, signed_on=house_clock.today(), by=clerk)
    done(gone, "merge_residents", survivor_id=stays.pk)
    for row in (gone, stays, fact, tag, record):
        row.refresh_from_db()
    assert (gone.survivor, fact.resident, tag.resident, record.resident) == (stays, stays, stays, stays)
    assert Membership.objects.open().get(resident=stays).household == household
    assert Membership.objects.get(resident=gone).end_reason == "合并重复人员"
    assert set(of_household.coverage.values_list("resident_id", flat=True)) >= {stays.pk}
    assert household.authorisations.standing().get().resident == stays
    assert stays.relatives.get().relative == outside
    assert Event.objects.filter(verb="assistance_record.carried", subject_id=str(record.pk)).count() == 1
    # Either number finds the survivor, a name finds the survivor alone, the old address leads there.
    assert find_by_number(number=number, by=clerk).resident == find_by_number(number=other_number, by=clerk).resident == stays
    assert list(Resident.objects.named("虚一一", clerk)) == [stays]
    client = signed_in(clerk)
    assert client.get(gone.get_absolute_url()).url == stays.get_absolute_url()
    with pytest.raises(TransitionError, match="已是户编号"):
        open_household(region=stays.region, setting="rural", address="", members=[person(name="虚一一", number=number)], by=clerk)
    with pytest.raises(TransitionError, match="已合并"):
        proposed(gone, "merge_residents", survivor_id=stays.pk)


def test_the_beneficiary_of_an_open_case_is_the_survivor(clerk):
    application = ApplicationFactory(accepted=True, programs=[("CL01", "ordinary")])
    gone, stays = application.applicant, ResidentFactory(name=application.applicant.name)
    done(gone, "merge_residents", survivor_id=stays.pk)
    application.refresh_from_db()
    assert application.applicant == stays
    assert set(ApplicationItem.objects.filter(application=application).values_list("resident_id", flat=True)) <= {stays.pk, None}
    assert Event.objects.get(verb="application.carried").application_id == application.pk


def test_one_person_is_reached_once_by_a_record_of_the_family():
    """Twice in one family: what reached both reaches the survivor alone, as long as either."""
    household = HouseholdFactory()
    gone, stays = (household.memberships.get(relation=relation).resident for relation in ("30", "10"))
    record = factories.assistance(household, since=house_clock.today() - timedelta(days=90))
    record.coverage.filter(resident=stays).update(until=house_clock.today() - timedelta(days=30))
    done(gone, "merge_residents", survivor_id=stays.pk)
    in_force = record.coverage.regular_from(house_clock.today())
    assert set(in_force.values_list("resident_id", flat=True)) == {factories.head_of(household).pk, stays.pk}
    assert Event.objects.filter(verb="coverage.ended").count() == 1


def test_what_stands_in_the_way(clerk):
    first, second = ApplicationFactory(drafted=True), ApplicationFactory(drafted=True)
    with pytest.raises(TransitionError, match=f"{first.number}、{second.number}.*请先办结或撤回"):
        proposed(first.applicant, "merge_residents", survivor_id=second.applicant.pk)
    lone = HouseholdFactory()
    with pytest.raises(TransitionError, match="分属两户"):
        proposed(first.applicant, "merge_residents", survivor_id=lone.memberships.get(relation="10").resident_id)
    one, other = ResidentFactory(), ResidentFactory()
    rows = factories.assistance(one, "MZ03"), factories.assistance(other, "MZ03")
    with pytest.raises(TransitionError, match="请先停止其中一份"):
        proposed(one, "merge_residents", survivor_id=other.pk)
    assert len(rows) == AssistanceRecord.objects.count()
    unknown = ResidentFactory(id_type="none", number="")
    with pytest.raises(TransitionError, match="保留有证件号码"):
        proposed(one, "merge_residents", survivor_id=unknown.pk)
    with pytest.raises(TransitionError, match="同一份档案"):
        proposed(one, "merge_residents", survivor_id=one.pk)
    dead = note_death(resident=ResidentFactory(), on=house_clock.today(), source="死亡证明", by=clerk)
    for pair in ((dead, other), (other, dead)):
        with pytest.raises(TransitionError, match="死亡登记不一致"):
            proposed(pair[0], "merge_residents", survivor_id=pair[1].pk)
    head = factories.head_of(lone)
    with pytest.raises(TransitionError, match="请先变更户主"):
        proposed(head, "merge_residents", survivor_id=factories.head_of(HouseholdFactory()).pk)


def test_aid_that_begins_next_month_is_not_left_where_it_would_be_paid_twice(clerk):
    """One file has 低保 of one person in force, the other has it from next month on (起发时间)."""
    one, other = ResidentFactory(), ResidentFactory()
    next_month = add_months(house_clock.today().replace(day=1), 1)
    running = factories.assistance(one, "MZ03", since=add_months(next_month, -6))
    coming = factories.assistance(other, "MZ03", since=next_month)
    for gone, stays in ((one, other), (other, one)):
        with pytest.raises(TransitionError, match="起止日期不重叠"):
            proposed(gone, "merge_residents", survivor_id=stays.pk)
        with pytest.raises(TransitionError, match="日期重叠，不能并入"):
            carry_knowledge(gone, stays, clerk)
    running.until = next_month - timedelta(days=1)
    running.save()
    done(other, "merge_residents", survivor_id=one.pk)
    coming.refresh_from_db()
    assert coming.resident == one


def test_what_is_over_does_not_keep_what_stands_behind():
    """Past aid of whoever stays clashes with what the other has: the other is kept instead, and the past aid stays with its row."""
    today, one, other = house_clock.today(), ResidentFactory(), ResidentFactory()
    running = factories.assistance(one, "MZ03", since=today - timedelta(days=90))
    past = factories.assistance(other, "MZ03", since=today - timedelta(days=60), until=today - timedelta(days=1))
    with pytest.raises(TransitionError, match="请改为保留另一份档案"):
        proposed(one, "merge_residents", survivor_id=other.pk)
    done(other, "merge_residents", survivor_id=one.pk)
    for row in (running, past):
        row.refresh_from_db()
    assert (running.resident, past.resident) == (one, other)


def test_somebody_without_papers_is_known_at_last():
    unknown, known = ResidentFactory(id_type="none", number="", name="无名氏"), ResidentFactory()
    temporary = unknown.id_number
    done(unknown, "merge_residents", survivor_id=known.pk)
    unknown.refresh_from_db()
    assert unknown.survivor == known
    assert str(unknown.id_number) == str(temporary)


def test_by_its_page(signed_in, clerk, second_clerk):
    gone = ResidentFactory(name="虚同名")
    stays = ResidentFactory(name="虚同名")
    number = factories.id_number()
    other = ResidentFactory(name="虚异名", number=number)
    client, address = signed_in(clerk), f"/registry/residents/{gone.pk}/merge/"
    assert str(stays.id_number) in client.get(address).content.decode()
    said = {"survivor": "", "number": "", "reason": "核对户口簿"}
    assert "请选择保留的档案" in client.post(address, said).content.decode()
    answer = client.post(address, {**said, "number": number})
    assert answer.status_code == 302
    change = gone.changes.get()
    assert change.survivor == other
    confirmed(change, by=second_clerk)
    assert cast.member("clerk") == clerk


def test_whoever_was_merged_before_leads_to_the_last(clerk):
    """Twice over: the first number finds who stayed, by each reader of one step."""
    first, second, last = (ResidentFactory() for _ in range(3))
    number = open_sealed(first, "id_number")
    done(first, "merge_residents", survivor_id=second.pk)
    done(second, "merge_residents", survivor_id=last.pk)
    for row in (first, second):
        row.refresh_from_db()
    assert (first.survivor, second.survivor) == (last, last)
    assert find_by_number(number=number, by=clerk).resident == last
    [event] = Event.objects.filter(verb="resident.carried")
    assert (event.subject_id, event.old, event.new) == (str(first.pk), str(second.pk), str(last.pk))


def test_chains_that_stood_are_shortened():
    first, second, third, last = rows = [ResidentFactory() for _ in range(4)]
    by = cast.member("clerk")
    for gone, stays in pairwise(rows):
        Resident.objects.filter(pk=gone.pk).update(survivor=stays, merged_at=house_clock.now(), merged_by=by)
    with connection.cursor() as cursor:
        cursor.execute(import_module("households.migrations.0026_whoever_was_merged_leads_to_the_last").FOLLOWED)
    assert set(Resident._base_manager.filter(pk__in=[first.pk, second.pk, third.pk]).values_list("survivor", flat=True)) == {last.pk}
    assert Resident._base_manager.get(pk=last.pk).survivor is None
