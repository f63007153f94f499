"""Units, villages and the department x township table (ZX-09, ZX-14, ZX-16, ZX-33)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from audit.models import Event
from config.verbs import TransitionError
from organization.forms import ReviewOfficeForm
from organization.models import Department, Region, ReviewOffice, Unit
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


def test_an_office_that_ends_is_not_named_and_who_takes_over_is_told(system_administrator, signed_in):
    department, township = Department.objects.get(code="JW"), Region.objects.get(pk=HOME)
    ending, heir = (Unit.objects.get(region_id=HOME, office=office) for office in ("party_government", "justice"))
    units.end_unit(unit_id=ending.pk, successor_id=heir.pk, last_day=date(2026, 12, 31), by=system_administrator)
    wish = {"department": department, "township": township, "office": ending, "since": date(2026, 12, 1)}
    with pytest.raises(TransitionError, match=f"{ending.name}办理到2026-12-31为止，由{heir.name}承接，请改选"):
        units.assign_review_office(**wish, by=system_administrator)
    assert not ReviewOffice.objects.filter(office=ending).exists()
    said = {"department": department.pk, "township": HOME, "office": "party_government", "since": "2026-12-01"}
    answer = signed_in(system_administrator).post(reverse("organization:review_office_assign"), said)
    assert (answer.status_code, f"由{heir.name}承接" in answer.content.decode()) == (422, True)


def test_an_office_that_ends_in_every_township_is_not_offered(system_administrator):
    assert "justice" in dict(ReviewOfficeForm(by=system_administrator).fields["office"].choices)
    Unit.objects.filter(office="justice").update(valid_until=date(2026, 12, 31))
    assert "justice" not in dict(ReviewOfficeForm(by=system_administrator).fields["office"].choices)


def test_whatever_an_ending_office_reviews_or_will_review_goes_to_its_successor(system_administrator):
    """Rows with an end and rows that have not begun too: the table and the way of a referral say the same on each day."""
    department, office = Department.objects.get(code="JW"), Unit.objects.get(region_id=HOME, office="education")
    heir, then = (Unit.objects.get(region_id=HOME, office=key) for key in ("justice", "party_government"))
    ReviewOffice.objects.filter(office=office, department=department).update(valid_until=date(2027, 3, 31))
    spring = {"valid_from": date(2027, 4, 1), "valid_until": date(2027, 6, 30)}
    for row in ({"office": then, **spring}, {"office": office, "valid_from": date(2027, 7, 1)}):
        ReviewOffice.objects.create(department=department, township_id=HOME, **row)
    units.end_unit(unit_id=office.pk, successor_id=heir.pk, last_day=date(2026, 12, 31), by=system_administrator)
    days = {date(2026, 12, 31): office, date(2027, 1, 1): heir, date(2027, 3, 31): heir, date(2027, 4, 1): then, date(2027, 7, 1): heir}
    assert {day: Unit.objects.reviewing(department.pk, HOME, day) for day in days} == days
    rows = ReviewOffice.objects.filter(department=department, township_id=HOME)
    assert {day: rows.current(day).get().office for day in days} == days


def test_the_table_passes_over_an_office_that_has_ended(system_administrator, signed_in):
    department = Department.objects.get(code="JW")
    client, url = signed_in(system_administrator), reverse("organization:review_office_list")
    before = client.get(url).content.decode().count("教管中心")
    Unit.objects.filter(region_id=HOME, office="education").update(valid_until=date(2026, 1, 31))
    assert client.get(url).content.decode().count("教管中心") == before - 1
    assert Unit.objects.reviewing(department.pk, HOME, TODAY).office == "social_affairs"


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
