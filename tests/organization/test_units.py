"""Units, villages and the department x township table (ZX-09, ZX-14, ZX-16, ZX-33)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from audit.models import Event
from config.verbs import TransitionError
from organization.models import Department, Region, Unit
from organization.transitions import units
from tests.cast import HOME

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def test_every_township_has_a_window_and_the_thirteen_offices():
    townships = Region.objects.townships()
    assert townships.count() == 29
    for township in townships:
        kinds = list(township.unit_set.values_list("kind", flat=True))
        assert kinds.count("township_window") == 1
        assert set(township.unit_set.filter(kind="township_office").values_list("office", flat=True)) == set(Unit.Office.values)


def test_the_seventeen_departments_in_the_lists_order():
    listed = Department.objects.with_programs()
    assert [d.number for d in listed] == list(range(1, 18))
    assert [d.declared_programs for d in listed] == [12, 4, 7, 5, 2, 1, 4, 3, 1, 1, 3, 1, 3, 4, 1, 1, 1]


def test_the_sixteen_members_of_the_conference():
    assert Department.objects.filter(is_conference_member=True).count() == 16
    outside = Department.objects.with_programs().filter(is_conference_member=False).values_list("name", flat=True)
    assert set(outside) == {"县城管局", "县慈善会", "县红十字会"}


def test_civil_affairs_is_two_units():
    kinds = Unit.objects.filter(department__code="MZ").values_list("kind", flat=True)
    assert set(kinds) == {"department", "platform"}


def test_social_affairs_reviews_where_nothing_else_is_named():
    conveyed = Unit.objects.reviewing(Department.objects.get(code="MZ").pk, HOME, TODAY)
    named = Unit.objects.reviewing(Department.objects.get(code="JW").pk, HOME, TODAY)
    assert (conveyed.office, named.office) == ("social_affairs", "education")


def test_naming_another_office_ends_the_earlier_row_the_day_before(system_administrator):
    department, township = Department.objects.get(code="JW"), Region.objects.get(pk=HOME)
    office = Unit.objects.get(region_id=HOME, office="party_government")
    units.assign_review_office(department=department, township=township, office=office, since=date(2026, 12, 1), by=system_administrator)
    assert Unit.objects.reviewing(department.pk, HOME, date(2026, 11, 30)).office == "education"
    assert Unit.objects.reviewing(department.pk, HOME, date(2026, 12, 1)).office == "party_government"
    assert Event.objects.filter(verb="review_office.assigned").first().old == "忠州街道教管中心"


def test_an_office_of_another_township_is_refused(system_administrator):
    foreign = Unit.objects.get(region_id="500233002", office="justice")
    with pytest.raises(TransitionError, match="没有这个业务机构"):
        units.assign_review_office(
            department=Department.objects.get(code="JW"),
            township=Region.objects.get(pk=HOME),
            office=foreign,
            since=TODAY,
            by=system_administrator,
        )


def test_a_village_comes_with_its_window(system_administrator):
    window = units.add_village(
        township=Region.objects.get(pk=HOME),
        code=f"{HOME}995",
        name="试村",
        setting="rural",
        population=None,
        fictional=True,
        by=system_administrator,
    )
    assert (window.kind, window.region.parent_id, window.region.township_code) == ("village_window", HOME, HOME)


@pytest.mark.parametrize("code", ["500233002995", "500233001"])
def test_a_code_outside_the_township_is_refused(system_administrator, code):
    with pytest.raises((TransitionError, ValidationError)):
        units.add_village(
            township=Region.objects.get(pk=HOME), code=code, name="试村", setting="rural", population=None, by=system_administrator
        )


def test_a_code_taken_already_is_said_in_plain_words(system_administrator):
    home = Region.objects.get(pk=HOME)
    row = {"township": home, "code": f"{HOME}994", "setting": "rural", "population": None, "by": system_administrator}
    units.add_village(name="试村", **row)
    with pytest.raises(ValidationError) as refused:
        units.add_village(name="又一村", **row)
    assert refused.value.message_dict == {"code": ["这个代码已有村（社区）使用，请核对。"]}


@pytest.mark.parametrize("actor", ["security_administrator", "platform_approver", "clerk"])
def test_only_the_system_administrator_keeps_units(actor, request):
    with pytest.raises(PermissionDenied):
        units.describe_unit(unit_id=Unit.objects.get(kind="platform").pk, phone="1", address="", by=request.getfixturevalue(actor))


def test_telephone_and_address_with_old_and_new(system_administrator):
    desk = Unit.objects.get(kind="platform")
    units.describe_unit(unit_id=desk.pk, phone="023-0000", address="某路1号", by=system_administrator)
    assert Event.objects.about(desk).first().new == "023-0000 某路1号"


def test_people_of_another_unit_are_not_shown(clerk, officer, signed_in):
    own, other = (
        signed_in(clerk).get(f"/organization/units/{clerk.unit_id}/"),
        signed_in(clerk).get(f"/organization/units/{officer.unit_id}/"),
    )
    assert clerk.staff.name in own.content.decode()
    assert officer.staff.name not in other.content.decode()


def test_the_directory_stays_flat(clerk, signed_in, assert_queries):
    client = signed_in(clerk)
    client.get("/organization/units/")
    with assert_queries(6):
        client.get("/organization/units/?kind=township_office")


def test_the_directory_is_filtered_by_code_and_name(clerk, signed_in):
    page = signed_in(clerk).get("/organization/units/?region=500233116&kind=township_window")
    assert [u.region_id for u in page.context["page"]] == ["500233116"]
