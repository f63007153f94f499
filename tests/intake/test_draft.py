"""An application begins at the window; who received the person stays 首问责任人."""

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from households import transitions as households
from households.models import Relative, Resident
from intake import transitions
from intake.models import Application
from tests import cast
from tests.intake import factories
from tests.intake.factories import VisitFactory
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db


def begin(household, by, **changed):
    return transitions.draft(**{"household_id": household.pk, "applicant_id": factories.people(household)[0].pk, "by": by, **changed})


def test_it_works(clerk, household):
    application = begin(household, clerk)
    assert (application.status, application.unit, application.township_code) == ("draft", clerk.unit, cast.HOME)
    assert (application.drafted_at, application.drafted_by, application.first_responder) == (clock.now(), clerk, clerk)
    assert application.number == "SQ202600100001"
    event = the_event("application.drafted")
    assert (event.by, event.application_id, event.household_id) == (clerk.staff, application.pk, household.pk)


def test_the_query_code_is_read_out_without_doubt(clerk, household):
    codes = {begin(household, clerk).query_code for _ in range(20)}
    assert len(codes) == 20
    assert all(re.fullmatch("[2-9A-HJKMNP-Z]{10}", code) for code in codes)


def test_a_code_that_is_taken_is_drawn_again(clerk, household, monkeypatch):
    first = begin(household, clerk)
    marks = iter(first.query_code + "2" * 10)
    monkeypatch.setattr("intake.transitions.applications.secrets.choice", lambda _: next(marks))
    assert begin(household, clerk).query_code == "2" * 10


def test_who_received_the_person_stays_responsible(second_clerk, household):
    visit = VisitFactory()
    application = begin(household, second_clerk, visit_id=visit.pk)
    assert application.first_responder == cast.member("clerk")
    assert application.visit == visit


@pytest.mark.parametrize("who", ["reviewer", "approver", "assistant", "officer", "platform", "supervision", "system_administrator"])
def test_only_a_window_takes_applications(who, household):
    with pytest.raises(PermissionDenied):
        begin(household, cast.member(who))


def test_the_neighbour_does_not_see_the_household(neighbour_clerk, household):
    with pytest.raises(Http404):
        begin(household, neighbour_clerk)


def test_somebody_registered_elsewhere_applies_here(neighbour_clerk):
    head = factories.member()
    household = factories.family(members=[head])
    found = households.find_by_number(number=head.number, by=neighbour_clerk)
    households.take_on(token=found.outside_token, by=neighbour_clerk)
    assert begin(household, neighbour_clerk).township_code == cast.NEIGHBOUR


def test_the_helper_is_named_with_relation_and_telephone(clerk, household):
    helper = {"helper_name": "周帮办", "helper_relation": "邻居", "helper_phone": "13800138000"}
    application = begin(household, clerk, channel="village", **helper)
    assert str(application.helper_phone) == "138****8000"
    assert open_sealed(application, "helper_phone") == "13800138000"
    with pytest.raises(ValidationError, match="与申请人的关系"):
        begin(household, clerk, helper_name="周帮办")


def test_a_single_person_says_why(clerk, household):
    application = begin(household, clerk, as_single_person=True, single_person_reason="severe_disability")
    assert application.get_single_person_reason_display() == "重度残疾"
    with pytest.raises(ValidationError, match="选择理由"):
        begin(household, clerk, as_single_person=True)
    assert begin(household, clerk, single_person_reason="major_illness").single_person_reason == ""


def test_the_dead_do_not_apply(clerk, household):
    head = factories.people(household)[0]
    Resident.objects.filter(pk=head.pk).update(died_on=date(2026, 9, 1))
    with pytest.raises(TransitionError, match="已登记死亡"):
        begin(household, clerk)


def test_strangers_do_not_apply_but_guardians_do(clerk, second_clerk, household):
    other = factories.people(factories.family(children=1))
    with pytest.raises(TransitionError, match="不是这个家庭的成员"):
        begin(household, clerk, applicant_id=other[0].pk)
    child = factories.people(factories.family(members=[factories.member(birth_on=date(2015, 5, 5))]))[0]
    Relative.objects.create(
        resident=child, relative=other[0], role="guardian", relation="97", since=date(2026, 1, 1), noted_at=clock.now(), noted_by=clerk
    )
    home = child.memberships.get().household
    assert begin(home, clerk, applicant_id=other[0].pk).applicant == other[0]
    households.declare_own_kin(name=other[0].name, relation="97", number=open_sealed(other[0], "id_number"), by=clerk)
    with pytest.raises(TransitionError, match="申请人或救助对象有近亲属关系，请由同事办理"):  # SECURITY, Kin: the guardian lives elsewhere
        begin(home, clerk, applicant_id=other[0].pk)
    assert begin(home, second_clerk, applicant_id=other[0].pk)


def test_nobody_takes_in_his_own_kin(clerk, second_clerk):
    head = factories.member()
    household = factories.family(members=[head])
    households.declare_own_kin(name=head.name, relation="97", number=head.number, by=clerk)
    with pytest.raises(TransitionError, match="请由同事办理"):
        begin(household, clerk)
    with pytest.raises(TransitionError, match="不能代办"):
        begin(household, second_clerk, helper_name=clerk.staff.name, helper_relation="亲戚")
    assert begin(household, second_clerk)


def test_a_space_in_the_name_makes_no_kin_a_stranger(clerk, second_clerk):
    head = factories.member()
    household = factories.family(members=[head])
    households.declare_own_kin(name=head.name, relation="97", number=head.number, by=clerk)
    name = clerk.staff.name
    with pytest.raises(TransitionError, match="不能代办"):
        begin(household, second_clerk, helper_name=f" {name[0]}\u3000{name[1:]} ", helper_relation="亲戚")


def test_a_helper_is_written_one_way(household, clerk):
    assert begin(household, clerk, helper_name=" 周 帮\u3000办 ", helper_relation="邻居").helper_name == "周帮办"


def test_the_event_fails_and_nothing_has_happened(clerk, household, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        begin(household, clerk)
    assert not Application.objects.exists()
    assert not events("application.drafted")
