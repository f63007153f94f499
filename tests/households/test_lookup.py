"""An exact number finds anybody in the county; beyond the gate a card, a line, and a day's cap (DESIGN 3, SECURITY #20)."""

from datetime import date

import pytest
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.presenters import phrase
from config.verbs import TransitionError
from households import open_cases
from households.models import Access, Household
from households.transitions import find_by_number, known_elsewhere, note_relative, take_on
from households.transitions import lookup as verbs
from organization.figures import figure
from organization.transitions import parameters
from tests import cast
from tests.racing import race

from . import factories
from .factories import HouseholdFactory, ResidentFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def number():
    return factories.id_number()


@pytest.fixture
def stranger(number):
    return HouseholdFactory(in_neighbour=True, members=[person(name="褚远山", number=number)])


def capped(by, looks=1):
    parameters.set_parameter(
        key="id_search_cap_per_day", value=looks, valid_from=date(2026, 9, 24), region=None, origin="assumed", source="试验", by=by
    )


# ── within the gate ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_within_the_gate_it_finds_person_and_household(clerk, number, lines):
    household = HouseholdFactory(members=[person(number=number)])
    found = find_by_number(number=f" {number[:6]} {number[6:]}", by=clerk)
    assert (found.resident, found.household, found.is_outside) == (factories.head_of(household), household, False)
    assert lines("resident.looked_up") == []


def test_somebody_without_household_is_found_alone(clerk, number):
    known = ResidentFactory(number=number)
    found = find_by_number(number=number, by=clerk)
    assert (found.resident, found.household, found.has_household) == (known, None, False)


def test_nobody_holds_the_number(clerk, number):
    found = find_by_number(number=number, by=clerk)
    assert (found.resident, found.is_outside) == (None, False)


# ── beyond it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_beyond_the_gate_a_card_and_a_line(clerk, number, stranger, lines):
    found = find_by_number(number=number, by=clerk)
    assert (found.resident, found.household, found.is_outside) == (None, None, True)
    assert (found.masked_name, found.township_name, found.has_household, found.has_open_case) == ("褚*山", "白公街道", True, False)
    [event] = lines("resident.looked_up")
    assert (event.by_id, event.subject_text, phrase(event)) == (clerk.staff_id, "褚*山", "按证件号码查找管辖外人员（白公街道）")
    assert number not in str(vars(event))


def test_the_card_says_that_a_case_is_open_there(clerk, number, stranger, monkeypatch):
    monkeypatch.setattr(open_cases, "_KNOWN", [lambda household_id: household_id == stranger.pk])
    assert find_by_number(number=number, by=clerk).has_open_case


def test_a_relative_of_somebody_here_who_lives_elsewhere(clerk, number, stranger):
    head = factories.head_of(HouseholdFactory())
    elsewhere = factories.head_of(stranger)
    note_relative(
        resident_id=head.pk, person=verbs_person("褚远山", number), role="obligor", relation="20", since=date(2026, 9, 1), by=clerk
    )
    found = find_by_number(number=number, by=clerk)
    assert (found.resident, found.household, found.township_name) == (elsewhere, None, "白公街道")
    assert found.outside_token


def verbs_person(name, number):
    from households.transitions import Person

    return Person(name, number=number)


@pytest.mark.parametrize("role", ["officer", "department_approver", "assistant"])
def test_departments_and_villages_learn_nothing_beyond_their_gate(role, request, number, stranger, lines):
    by = request.getfixturevalue(role)
    assert find_by_number(number=number, by=by) == find_by_number(number=factories.id_number(), by=by)
    assert lines("resident.looked_up") == []


@pytest.mark.parametrize("role", ["supervision", "system_administrator", "convener"])
def test_who_does_no_casework_finds_nobody(role, request, number):
    with pytest.raises(PermissionDenied):
        find_by_number(number=number, by=request.getfixturevalue(role))


def test_the_platform_sees_the_county_without_a_card(platform, number, stranger, lines):
    assert find_by_number(number=number, by=platform).household == stranger
    assert lines("resident.looked_up") == []


# ── the cap ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_past_the_days_cap_it_says_neither_yes_nor_no(clerk, number, stranger, platform_approver, clock):
    capped(platform_approver)
    find_by_number(number=number, by=clerk)
    for asked in (number, factories.id_number()):
        with pytest.raises(TransitionError, match="已达1次的上限"):
            find_by_number(number=asked, by=clerk)
    own = factories.id_number()
    HouseholdFactory(members=[person(number=own)])
    assert find_by_number(number=own, by=clerk).household
    clock.forward(days=1)
    assert find_by_number(number=number, by=clerk).is_outside


def test_the_cap_is_a_persons_own(clerk, second_clerk, number, stranger, platform_approver):
    capped(platform_approver)
    assert find_by_number(number=number, by=clerk).is_outside
    assert find_by_number(number=number, by=second_clerk).is_outside


@pytest.mark.django_db(transaction=True)
def test_looks_made_at_once_are_all_counted():
    capped(cast.member("platform_approver"), looks=2)
    numbers = [factories.id_number() for _ in range(4)]
    for number in numbers:
        HouseholdFactory(in_neighbour=True, members=[person(number=number)])
    by = cast.member("clerk")
    assert figure("id_search_cap_per_day") == 2
    answers = race(*(lambda number=number: find_by_number(number=number, by=by) for number in numbers))
    assert sorted(type(answer).__name__ for answer in answers) == ["Found"] * 2 + ["TransitionError"] * 2


def test_no_card_without_its_line(clerk, number, stranger, failing_record):
    failing_record(verbs)
    with pytest.raises(RuntimeError, match="no record"):
        find_by_number(number=number, by=clerk)


# ── several numbers of one form ─────────────────────────────────────────────────────────────────────────────────────


def test_numbers_that_belong_somewhere_are_named_before_saving(clerk, number, stranger, lines):
    own = factories.id_number()
    household = HouseholdFactory(members=[person(name="沈近水", number=own)])
    told = known_elsewhere(numbers=["", own, factories.id_number(), number], by=clerk)
    assert sorted(told) == [1, 3]
    assert told[1].startswith(f"沈近水已登记在户编号{household.number}")
    assert told[3].startswith("褚*山已登记在白公街道的家庭")
    assert [event.subject_text for event in lines("resident.looked_up")] == ["褚*山"]


def test_a_form_of_strangers_costs_one_question_however_long(clerk, django_assert_num_queries):
    for lines_of_the_form in (1, 20):
        with django_assert_num_queries(3):  # and the verb's savepoint
            assert known_elsewhere(numbers=[factories.id_number() for _ in range(lines_of_the_form)], by=clerk) == {}


def test_a_form_is_no_way_round_the_cap(clerk, number, stranger, platform_approver):
    capped(platform_approver)
    find_by_number(number=number, by=clerk)
    with pytest.raises(TransitionError, match="上限"):
        known_elsewhere(numbers=[number], by=clerk)


# ── taking on ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_window_takes_on_who_is_registered_elsewhere(clerk, approver, number, stranger, lines, clock):
    token = factories.outside_token(number, clerk)
    assert not Household.objects.visible_to(clerk).filter(pk=stranger.pk).exists()
    assert take_on(token=token, by=clerk) == stranger
    access = Access.objects.get()
    assert (access.unit, access.reason, str(access.until)) == (clerk.unit, "accepted", "2026-12-23")
    [event] = lines("household.taken_on")
    assert (event.household_id, phrase(event)) == (stranger.pk, f"受理管辖外家庭：{clerk.unit.name}")
    for post in (clerk, approver):
        assert Household.objects.visible_to(post).filter(pk=stranger.pk).exists()
    clock.forward(days=91)
    assert not Household.objects.visible_to(clerk).filter(pk=stranger.pk).exists()


def test_taking_on_again_moves_the_end(clerk, number, stranger, clock):
    take_on(token=factories.outside_token(number, clerk), by=clerk)
    clock.forward(days=1)
    again = signing.dumps(
        {"resident": str(factories.head_of(stranger).pk), "staff": clerk.staff_id, "at": "2026-09-25T10:00:00+08:00"}, salt=verbs.SALT
    )
    take_on(token=again, by=clerk)
    assert str(Access.objects.get().until) == "2026-12-24"


def test_a_token_is_for_who_looked_and_for_a_while(clerk, second_clerk, number, stranger, clock):
    token = factories.outside_token(number, clerk)
    with pytest.raises(Http404):
        take_on(token=token, by=second_clerk)
    with pytest.raises(Http404):
        take_on(token=token[:-2] + "xx", by=clerk)
    clock.forward(minutes=31)
    with pytest.raises(TransitionError, match="查找结果已过期"):
        take_on(token=token, by=clerk)


@pytest.mark.parametrize("role", ["approver", "officer", "platform", "assistant"])
def test_only_a_window_takes_on(role, request, number, stranger, clerk):
    token = factories.outside_token(number, clerk)
    with pytest.raises(PermissionDenied):
        take_on(token=token, by=request.getfixturevalue(role))


def test_who_has_no_household_cannot_be_taken_on(clerk, number):
    ResidentFactory(number=number, region=factories.place(cast.NEIGHBOUR))
    found = find_by_number(number=number, by=clerk)
    assert (found.is_outside, found.has_household) == (True, False)
    with pytest.raises(TransitionError, match="还没有登记家庭"):
        take_on(token=found.outside_token, by=clerk)
