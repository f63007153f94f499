"""Gaps are shown until they are closed: ZX-13, ZX-17, XX-27, LY-06, nobody to decide."""

from datetime import date, timedelta

import pytest

from organization.alarms import alarms, staff_by_population
from organization.models import Region, Unit
from organization.transitions import posts
from organization.transitions.parameters import set_parameter
from tests.cast import HOME

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
BANDS = [{"up_to": 20000, "staff": 1}, {"up_to": 50000, "staff": 2}, {"up_to": None, "staff": 3}]


def kinds_of(unit: Unit) -> set[str]:
    return {a.kind for a in alarms(Unit.objects.all(), TODAY) if a.unit.pk == unit.pk}


def test_a_window_without_a_dedicated_person(clerk, security_administrator):
    assert "窗口无专人" not in kinds_of(clerk.unit)
    posts.end(post_id=clerk.pk, reason="调离", by=security_administrator)
    assert "窗口无专人" in kinds_of(clerk.unit)


def test_a_village_without_an_assistant(assistant, security_administrator):
    assert "村无协理员" not in kinds_of(assistant.unit)
    posts.end(post_id=assistant.pk, reason="换届", by=security_administrator)
    assert "村无协理员" in kinds_of(assistant.unit)


def test_more_assistants_than_usual_are_a_warning(assistant, nobody, system_administrator, security_administrator, double, officer):
    for staff in (nobody, double.staff):
        post = posts.propose(
            staff_id=staff.pk, unit=assistant.unit, rank="handler", valid_from=TODAY, valid_until=TODAY + timedelta(days=9),
            flags=frozenset({"is_assistant"}), by=system_administrator,
        )  # fmt: skip
        posts.grant(post_id=post.pk, by=security_administrator)
    found = [a for a in alarms(Unit.objects.all(), TODAY) if a.unit.pk == assistant.unit_id]
    assert [(a.kind, a.colour) for a in found] == [("协理员超员", "amber")]


def test_a_unit_with_nobody_to_decide(department_approver, security_administrator):
    assert "无人审批" not in kinds_of(department_approver.unit)
    posts.end(post_id=department_approver.pk, reason="退休", by=security_administrator)
    assert "无人审批" in kinds_of(department_approver.unit)


def test_a_post_past_its_date_no_longer_counts(department_approver):
    later = department_approver.valid_until + timedelta(days=1)
    assert any(a.kind == "无人审批" and a.unit.pk == department_approver.unit_id for a in alarms(Unit.objects.all(), later))


def test_a_township_short_of_staff_shows_both_rules(clerk):
    Region.objects.filter(pk=HOME).update(population=60000)
    window = Unit.objects.get(kind="township_window", region_id="500233003")
    sentences = {a.unit.pk: a.sentence for a in alarms(Unit.objects.all(), TODAY) if a.kind == "乡镇人手不足"}
    assert "经办人员不少于2人" in sentences[window.pk]
    assert "按户籍人口应配2人" in sentences[window.pk]


@pytest.mark.parametrize(("population", "staff"), [(None, 0), (0, 1), (20000, 1), (20001, 2), (50000, 2), (50001, 3), (241300, 3)])
def test_staff_by_population(population, staff):
    """LY-06: the boundary belongs to the lower band (RULES F13, a parameter)."""
    assert staff_by_population(population, BANDS) == staff


def test_a_township_sees_its_own_gaps_only(approver, platform, signed_in):
    own = signed_in(approver).get("/organization/alarms/").content.decode()
    county = signed_in(platform).get("/organization/alarms/").content.decode()
    assert "兴峰乡" not in own
    assert "兴峰乡" in county


def test_a_fixed_number_of_queries(assert_queries):
    with assert_queries(6):
        alarms(Unit.objects.all(), TODAY)


def test_a_department_without_liaison_and_data_manager(officer):
    """LY-13 and ZX-27 ask each member unit for both; the officer is the liaison, nobody keeps the data."""
    assert "缺数据管理员" in kinds_of(officer.unit)
    silent = Unit.objects.get(kind="department", department__code="SF")
    assert "缺联络员、数据管理员" in kinds_of(silent)


def test_an_administrators_desk_that_is_or_will_soon_be_empty(security_administrator, audit_administrator):
    desk = security_administrator.unit
    last = security_administrator.valid_until

    def on(day: date) -> set[str]:
        return {a.kind for a in alarms(Unit.objects.filter(pk=desk.pk), day)}

    assert on(last - timedelta(days=31)) == set()
    assert on(last - timedelta(days=30)) == {"三员即将到期"}
    assert on(last) == {"三员即将到期"}
    assert on(last + timedelta(days=1)) == {"三员缺岗"}


def test_the_least_and_the_most_are_the_countys_figures(assistant, officer, platform_approver):
    common = {"valid_from": TODAY, "origin": "assumed", "source": "会议纪要", "by": platform_approver}
    set_parameter(key="assistants_per_village", value={"min": 2, "max": 3}, **common)
    assert "协理员不足" in kinds_of(assistant.unit)
    set_parameter(key="liaisons_min", value=2, **common)
    sentence = next(a.sentence for a in alarms(Unit.objects.all(), TODAY) if a.unit.pk == officer.unit_id)
    assert "联络员至少2名，现有1名" in sentence
