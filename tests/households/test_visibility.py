"""Who sees whom (DESIGN 2): village, township, department by an open Access, platform; everybody else nobody (SECURITY #1, #10, #14)."""

from datetime import date

import pytest

from households.models import AssistanceRecord, Fact, Household, IdentityTag, Membership, Relative, Resident, StaffKin
from households.transitions import Person, close_access, declare_own_kin, end_relative, let_in, note_relative
from tests import cast

from . import factories
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def homes():
    """One in each of two villages and one in the neighbouring township."""
    return {
        "village": HouseholdFactory(alone=True),
        "other_village": HouseholdFactory(alone=True, region=factories.place(cast.OTHER_VILLAGE)),
        "neighbour": HouseholdFactory(alone=True, in_neighbour=True),
    }


def names(homes, post):
    seen = set(Household.objects.visible_to(post).values_list("pk", flat=True))
    return {name for name, home in homes.items() if home.pk in seen}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("assistant", {"village"}),
        ("other_assistant", {"other_village"}),
        ("clerk", {"village", "other_village"}),
        ("approver", {"village", "other_village"}),
        ("neighbour_clerk", {"neighbour"}),
        ("officer", set()),
        ("department_approver", set()),
        ("platform", {"village", "other_village", "neighbour"}),
        ("platform_approver", {"village", "other_village", "neighbour"}),
        ("convener", set()),
        ("supervision", set()),
        ("system_administrator", set()),
        ("security_administrator", set()),
        ("audit_administrator", set()),
    ],
)
def test_each_sees_their_place(role, expected, homes, request):
    post = request.getfixturevalue(role)
    assert names(homes, post) == expected
    people = {m.resident_id for m in Membership.objects.filter(household__in=[homes[name] for name in expected])}
    assert set(Resident.objects.visible_to(post).values_list("pk", flat=True)) == people
    assert set(Membership.objects.visible_to(post).values_list("resident_id", flat=True)) == people


@pytest.mark.parametrize("role", ["officer", "neighbour_clerk"])
def test_an_access_shows_one_household_until_it_expires(role, request, homes, clerk, clock):
    post = request.getfixturevalue(role)
    home, before = homes["village"], names(homes, post)
    let_in(household=home, unit=post.unit, reason="referral", subject=home, by=clerk)
    assert names(homes, post) == before | {"village"}
    assert Resident.objects.visible_to(post).filter(pk=factories.head_of(home).pk).exists()
    close_access(subject=home, by=clerk)
    clock.forward(days=90)
    assert names(homes, post) == before | {"village"}
    clock.forward(days=1)
    assert names(homes, post) == before
    assert not Resident.objects.visible_to(post).filter(pk=factories.head_of(home).pk).exists()


def test_an_access_is_its_units_alone(homes, officer, neighbour_officer, clerk):
    let_in(household=homes["village"], unit=officer.unit, reason="referral", subject=homes["village"], by=clerk)
    assert names(homes, neighbour_officer) == set()


def test_a_townships_window_and_offices_are_let_in_as_one(homes, neighbour_clerk, neighbour_approver, clerk):
    let_in(household=homes["village"], unit=neighbour_clerk.unit, reason="accepted", subject=homes["village"], by=clerk)
    assert names(homes, neighbour_approver) == {"neighbour", "village"}


def test_a_village_is_let_in_alone(homes, other_assistant, clerk):
    let_in(household=homes["village"], unit=other_assistant.unit, reason="fact", subject=homes["village"], by=clerk)
    assert names(homes, other_assistant) == {"village", "other_village"}


def test_what_is_known_is_seen_with_whom_it_is_about(homes, clerk, neighbour_clerk, officer):
    home = homes["village"]
    head = factories.head_of(home)
    factories.fact(head, "enrolled", True)
    factories.fact(home, "household_register", "虚构户籍")
    factories.tag(head, "low_income")
    factories.assistance(home)
    for model, count in ((Fact, 2), (IdentityTag, 1), (AssistanceRecord, 1)):
        assert model.objects.visible_to(clerk).count() == count
        assert not model.objects.visible_to(neighbour_clerk).exists()
        assert not model.objects.visible_to(officer).exists()
    let_in(household=home, unit=officer.unit, reason="referral", subject=home, by=clerk)
    assert Fact.objects.visible_to(officer).count() == 2


def test_relatives_are_seen_with_their_resident(homes, clerk, neighbour_clerk):
    head, outside = factories.head_of(homes["village"]), ResidentFactory()
    row = note_relative(resident_id=head.pk, relative_id=outside.pk, role="guardian", relation="50", since=date(2026, 9, 1), by=clerk)
    assert list(Relative.objects.visible_to(clerk)) == [row]
    assert not Relative.objects.visible_to(neighbour_clerk).exists()
    let_in(household=homes["village"], unit=neighbour_clerk.unit, reason="accepted", subject=head, by=clerk)
    assert Resident.objects.visible_to(neighbour_clerk).filter(pk=outside.pk).exists()


def test_a_relative_is_no_longer_seen_when_the_relation_has_ended(homes, clerk, neighbour_clerk):
    head, outside = (
        factories.head_of(homes["village"]),
        ResidentFactory(region=factories.place(cast.NEIGHBOUR), number=(n := factories.id_number())),
    )
    row = note_relative(
        resident_id=head.pk, person=Person(outside.name, number=n), role="guardian", relation="50", since=date(2026, 9, 1), by=clerk
    )
    for sees in (True, False):
        assert Resident.objects.visible_to(clerk).filter(pk=outside.pk).exists() == sees
        if sees:
            end_relative(relative_id=row.pk, on=date(2026, 9, 24), by=clerk)


@pytest.mark.parametrize("role", ["assistant", "clerk", "neighbour_approver", "officer", "neighbour_officer", "platform", "supervision"])
def test_a_name_is_looked_for_within_the_gate(role, homes, request, clerk, officer, neighbour_clerk):
    """`named` finds whom `visible_to` and `names_like` find one after the other: by region, by access, as a relative."""
    post, home = request.getfixturevalue(role), homes["village"]
    head, outside = factories.head_of(home), ResidentFactory()
    note_relative(resident_id=head.pk, relative_id=outside.pk, role="guardian", relation="50", since=date(2026, 9, 1), by=clerk)
    for unit in (officer.unit, neighbour_clerk.unit):
        let_in(household=home, unit=unit, reason="accepted", subject=head, by=clerk)
    found = set()
    for person in Resident.objects.all():
        for term in (person.name, person.name[1:], person.name_initials):
            people = list(Resident.objects.named(term, post))
            assert people == list(Resident.objects.visible_to(post).names_like(term))
            found |= set(people)
    assert found == set(Resident.objects.visible_to(post))
    assert not Resident.objects.named("·", post).exists()


def test_who_left_a_household_is_no_longer_seen_through_it(homes, clerk, officer):
    from households.transitions import end_membership

    home = homes["village"]
    let_in(household=home, unit=officer.unit, reason="referral", subject=home, by=clerk)
    end_membership(membership_id=home.memberships.get().pk, on=date(2026, 9, 24), reason="迁出", by=clerk)
    assert not Resident.objects.visible_to(officer).exists()


def test_a_move_changes_who_sees(homes, clerk, assistant, other_assistant):
    from households.transitions import revise_household

    home = homes["village"]
    revise_household(
        household_id=home.pk, region=factories.place(cast.OTHER_VILLAGE), setting="rural", address="", seen_at=home.revised_at, by=clerk
    )
    assert names(homes, assistant) == set()
    assert names(homes, other_assistant) == {"village", "other_village"}
    assert Resident.objects.visible_to(other_assistant).count() == 2


def test_ones_own_kin_is_seen_by_oneself_alone(clerk, second_clerk, platform):
    row = declare_own_kin(name="甘亲", relation="70", number=factories.id_number(), by=clerk)
    assert list(StaffKin.objects.visible_to(clerk)) == [row]
    assert not StaffKin.objects.visible_to(second_clerk).exists()
    assert not StaffKin.objects.visible_to(platform).exists()
