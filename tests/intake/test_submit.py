"""Handed in: everything that is lacking is said at once; the window's clock starts."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config import clock
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, OutboxMessage
from households import transitions as households
from households.models import Household, Membership, Resident
from intake import transitions
from intake.readiness import lacks_for_submission
from programs import transitions as programs
from tests import cast
from tests.intake import factories
from tests.intake.factories import ApplicationFactory, add, fill_in
from tests.intake.verbs import events, fail, fresh, the_event
from tests.programs.factories import next_version

pytestmark = pytest.mark.django_db


def submit(application, by):
    return transitions.submit(application_id=application.pk, by=by)


def refused(application, by):
    with pytest.raises(TransitionError) as error:
        submit(application, by)
    return str(error.value)


def test_it_works(second_clerk, filled):
    application = submit(filled, second_clerk)
    assert (application.status, application.submitted_at, application.submitted_by) == ("submitted", clock.now(), second_clerk)
    event = the_event("application.submitted")
    assert (event.by, event.application_id, event.data) == (second_clerk.staff, filled.pk, {"programs": ["MZ04"]})


def test_the_windows_clock_starts(clerk, filled):
    submit(filled, clerk)
    duty = Duty.objects.open().about(filled).get()
    assert (duty.kind, duty.unit, duty.rule, duty.limit, duty.region_code) == ("accept", clerk.unit, "working_days", 5, cast.HOME)
    assert filled.applicant.name not in duty.title
    assert filled.number in duty.title
    assert not OutboxMessage.objects.exists()


def test_everything_that_lacks_is_said_at_once(clerk, draft):
    add(draft, "MZ01")
    said = refused(draft, clerk)
    for words in ("需求评估和初审意见", "诚信承诺书", "核对授权书", "近亲属关系", "（四）"):
        assert words in said
    assert all(person.name in said for person in factories.people(draft.household))


def test_without_a_program_nothing_is_asked(clerk, draft):
    fill_in(draft)
    assert "还没有选择救助项目" in refused(draft, clerk)


def test_what_is_not_verified_before_needs_no_authorisation(clerk, draft):
    add(draft, "CS01")
    transitions.assess(application_id=draft.pk, fields=factories.ASSESSED, by=clerk)
    transitions.promise(application_id=draft.pk, signed_on=clock.today(), by=clerk)
    assert submit(draft, clerk).status == "submitted"


def test_the_kin_question_belongs_to_versions_that_ask(clerk, draft):
    add(draft)
    fill_in(draft)
    assert not draft.household.kin_declarations.exists()
    assert submit(draft, clerk).status == "submitted"


def test_the_applicant_died_meanwhile(clerk, filled):
    Resident.objects.filter(pk=filled.applicant_id).update(died_on=date(2026, 9, 23))
    assert "请更换申请人" in refused(filled, clerk)


def test_somebody_left_the_household_meanwhile(clerk):
    household = factories.family(children=1)
    child = factories.people(household)[2]
    application = ApplicationFactory(drafted=True, household=household)
    add(application, "MZ03", resident=child)
    fill_in(application)
    members = Membership.objects.filter(until=None, household=household)
    left = {"until": clock.today(), "ended_at": clock.now(), "ended_by": clerk, "end_reason": "分户"}
    members.filter(resident=child).update(**left)
    assert f"救助对象{child.name}已不是这个家庭的成员" in refused(application, clerk)
    members.filter(resident=application.applicant).update(**left)
    assert f"{application.applicant.name}已不是这个家庭的成员" in refused(application, clerk)


def test_the_household_moved_away_meanwhile(clerk, filled):
    Household.objects.filter(pk=filled.household_id).update(region=cast.NEIGHBOUR)
    assert "已迁到白公街道" in refused(filled, clerk)


def test_the_program_was_paused_meanwhile(clerk, filled, platform_approver):
    programs.pause(code="MZ04", reason="资金调整", by=platform_approver)
    assert "暂停受理" in refused(filled, clerk)


def test_the_rules_changed_meanwhile(clerk, filled):
    next_version("MZ04", valid_from=clock.today())
    assert "请删除该事项后重新添加" in refused(filled, clerk)
    transitions.remove_item(item_id=filled.items.get().pk, by=clerk)
    add(filled)
    factories.settle_all(filled, by=clerk)
    assert submit(filled, clerk).status == "submitted"


def test_the_same_was_handed_in_elsewhere_meanwhile(clerk, filled):
    other = ApplicationFactory(submitted=True, household=filled.household)
    assert other.number in refused(filled, clerk)


def test_another_window_is_named(clerk, neighbour_clerk):
    """The household was taken on next door, and the same is asked for there first."""
    head = factories.member()
    household = factories.family(members=[head])
    here = ApplicationFactory(filled=True, household=household)
    found = households.find_by_number(number=head.number, by=neighbour_clerk)
    households.take_on(token=found.outside_token, by=neighbour_clerk)
    there = ApplicationFactory(submitted=True, household=household, by=neighbour_clerk)
    assert there.unit.name in refused(here, clerk)


def test_the_page_lists_what_the_verb_refuses(clerk, draft, filled):
    assert lacks_for_submission(filled, clock.today(), clerk) == []
    assert len(lacks_for_submission(draft, clock.today(), clerk)) == 3


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, filled):
    with pytest.raises(Http404):
        submit(filled, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        submit(filled, approver)


def test_a_second_submission_is_told_of_the_first(second_clerk, submitted):
    with pytest.raises(AlreadyHandled, match="甘晓窗"):
        submit(submitted, second_clerk)
    assert len(events("application.submitted")) == 1


def test_the_event_fails_and_nothing_has_happened(clerk, filled, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        submit(filled, clerk)
    assert fresh(filled).status == "draft"
    assert not Duty.objects.exists()
