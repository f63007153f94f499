"""A number in full: one logged click on one's own work, a typed reason elsewhere, never stopped, watched (SECURITY D12, abuse 7)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config.protection.masks import mask_name
from config.verbs import TransitionError
from deadlines.models import Notice
from deadlines.transitions import drain
from households.transitions import close_access, let_in, open_fact, reveal_number, revise_resident, take_on
from organization.transitions import parameters
from tests import cast

from . import factories
from .factories import HouseholdFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def number():
    return factories.id_number()


@pytest.fixture
def household(number):
    return HouseholdFactory(members=[person(number=number, phone="13800000001")])


@pytest.fixture
def head(household):
    return factories.head_of(household)


def revealed():
    return Event.objects.filter(verb="personal_data.revealed")


def shown(head, by, field="id_number", reason=""):
    return reveal_number(resident_id=head.pk, field=field, reason=reason, by=by)


def test_on_own_work_one_click_is_enough(clerk, household, head, number):
    assert shown(head, clerk) == number
    assert shown(head, clerk, "phone") == "13800000001"
    event = revealed().latest("id")
    assert (event.household_id, event.note, event.data["what"]) == (
        household.pk,
        f"办理本单位工作（户编号 {household.number}）",
        "联系电话",
    )
    assert number not in str(vars(event))
    assert event.subject_text == mask_name(head.name)


@pytest.mark.parametrize("role", ["approver", "platform", "platform_approver"])
def test_who_looks_on_says_why(role, request, head, number):
    by = request.getfixturevalue(role)
    with pytest.raises(TransitionError, match="请填写查看原因"):
        shown(head, by)
    assert not revealed().exists()
    assert shown(head, by, reason="核对举报") == number
    assert revealed().get().note == "核对举报"


def test_a_department_clicks_while_the_matter_is_open(officer, clerk, household, head, number):
    with pytest.raises(Http404):
        shown(head, officer)
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    assert shown(head, officer) == number
    close_access(subject=household, by=clerk)
    with pytest.raises(TransitionError, match="请填写查看原因"):
        shown(head, officer)
    assert shown(head, officer, reason="复核已办事项") == number


def test_who_took_somebody_on_says_why_until_the_case_is_open(neighbour_clerk, head, number, household):
    take_on(token=factories.outside_token(number, neighbour_clerk), by=neighbour_clerk)
    with pytest.raises(TransitionError, match="请填写查看原因"):
        shown(head, neighbour_clerk)
    let_in(household=household, unit=neighbour_clerk.unit, reason="accepted", subject=head, by=neighbour_clerk)
    assert shown(head, neighbour_clerk) == number


def test_the_neighbour_the_village_and_the_account(clerk, neighbour_clerk, assistant, approver, head):
    with pytest.raises(Http404):
        shown(head, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        shown(head, assistant)
    revise_resident(resident_id=head.pk, fields={}, bank_account="6222000000001234", seen_at=head.changed_at, by=clerk)
    with pytest.raises(PermissionDenied):
        shown(head, clerk, "bank_account")
    with pytest.raises(PermissionDenied):
        shown(head, clerk, "name")
    assert shown(head, approver, "bank_account", reason="核对发放") == "6222000000001234"


def test_past_the_mark_the_platform_is_told_once_a_day(clerk, platform, platform_approver, head, clock):
    parameters.set_parameter(
        key="reveal_cap_per_day", value=2, valid_from=date(2026, 9, 24), region=None, origin="assumed", source="试验", by=platform_approver
    )
    for _ in range(4):
        shown(head, clerk)
    drain()
    warned = Event.objects.filter(verb="personal_data.reveal_cap_reached")
    assert (warned.count(), warned.get().by_id, Notice.objects.filter(unit=platform.unit).count()) == (1, clerk.staff_id, 1)
    clock.forward(days=1)
    shown(head, clerk)
    assert warned.count() == 1
    shown(head, clerk)
    drain()
    assert (warned.count(), Notice.objects.filter(unit=platform.unit).count()) == (2, 2)


def test_a_sensitive_fact_is_opened_with_its_line(clerk, platform, assistant, officer, household, head):
    row = factories.fact(head, "disability_level", "2", detail="下肢二级")
    assert open_fact(fact_id=row.pk, by=clerk) == ("二级", "下肢二级")
    with pytest.raises(TransitionError, match="请填写查看原因"):
        open_fact(fact_id=row.pk, by=platform)
    assert open_fact(fact_id=row.pk, reason="会商", by=platform)[0] == "二级"
    with pytest.raises(PermissionDenied):
        open_fact(fact_id=row.pk, by=assistant)
    with pytest.raises(Http404):
        open_fact(fact_id=row.pk, by=officer)
    bare = factories.fact(household, "income_per_head", "400")
    assert open_fact(fact_id=bare.pk, reason="会商", by=platform) == ("400.00元", "")
    assert [event.subject_text for event in revealed().order_by("pk")] == [mask_name(head.name)] * 2 + [str(household)]


def test_a_department_opens_what_it_holds(clerk, officer, neighbour_officer, household, head):
    row = factories.fact(head, "disability_level", "2")
    for post in (officer, neighbour_officer):
        let_in(household=household, unit=post.unit, reason="referral", subject=household, by=clerk)
    assert open_fact(fact_id=row.pk, by=officer)[0] == "二级"
    with pytest.raises(PermissionDenied):
        open_fact(fact_id=row.pk, by=neighbour_officer)
    assert cast.member("officer").unit.department_id == row.kind.holder_id
