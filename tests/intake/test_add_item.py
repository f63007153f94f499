"""A program is picked: the version and track of the day, the right beneficiary, nothing twice."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.verbs import TransitionError
from households.models import AssistanceRecord, Relative, Resident
from intake import transitions
from intake.duplicates import warnings_of
from intake.models import ApplicationItem
from programs import transitions as programs
from programs.models import Program
from tests import cast
from tests.intake import factories
from tests.intake.factories import ApplicationFactory, add
from tests.intake.verbs import events, fail, the_event
from tests.programs.factories import next_version

pytestmark = pytest.mark.django_db


def test_it_works(second_clerk, draft):
    item = add(draft, amount=Decimal("800"), by=second_clerk)
    assert (item.household, item.resident, item.amount_asked) == (draft.household, None, Decimal("800"))
    assert (item.track.key, item.version, item.added_by) == ("ordinary", item.track.version, second_clerk)
    event = the_event("item.added", item)
    assert (event.by, event.application_id, event.household_id) == (second_clerk.staff, draft.pk, draft.household_id)
    assert event.data["program"] == "MZ04"


def test_its_papers_join_the_list(draft):
    add(draft)
    assert {"id_card", "promise", "authorisation", "cause_bills"} <= set(draft.papers.values_list("material", flat=True))
    assert the_event("application.papers_listed").data["listed"] == draft.papers.count()


def test_two_children_are_two_items(clerk):
    application = ApplicationFactory(drafted=True, household=factories.family(children=2))
    children = factories.people(application.household)[2:]
    items = [add(application, "MZ03", resident=child) for child in children]
    assert [item.resident for item in items] == children


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, draft):
    with pytest.raises(Http404):
        add(draft, by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        add(draft, by=approver)


@pytest.mark.parametrize(
    ("code", "track", "words"),
    [
        ("RS01", "ordinary", "由用人单位申请"),
        ("MZ06", "ordinary", "免申请"),
        ("MZ11", "ordinary", "在现场直接办理"),
        ("WJ03", "ordinary", "还没有名称"),
        ("MZ04", "urgent", "先救助、后补手续"),
        ("MZ04", "above_ceiling", "超过乡镇"),
        ("MZ04", "no_such", "没有这种办理情形"),
        ("MZ01", "delegated", "还没有启用"),
        ("MZ07", "stop", "不是申请"),
    ],
)
def test_what_is_not_applied_for_here_says_how_it_is_obtained(draft, code, track, words):
    with pytest.raises(TransitionError, match=words):
        add(draft, code, track)
    assert not ApplicationItem.objects.exists()


def test_outside_the_open_months_it_may_be_asked_for_and_will_wait(draft, clock):
    waiting = add(draft, "TX02")
    assert any("2027-08-01开放" in text for text in warnings_of(waiting))
    clock.set(datetime(2027, 1, 11, 10, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert not warnings_of(add(draft, "TX03"))


def test_a_paused_program_says_why(draft, platform_approver):
    programs.pause(code="MZ04", reason="资金调整", by=platform_approver)
    with pytest.raises(TransitionError, match="资金调整"):
        add(draft)


def test_the_version_of_the_day(draft):
    version = next_version("MZ04", valid_from=clock.today())
    assert add(draft).version == version


def test_the_beneficiary_is_of_the_programs_kind(clerk, draft):
    head = factories.people(draft.household)[0]
    given = {"application_id": draft.pk, "track_key": "ordinary", "by": clerk}
    for whom in ({"resident_id": head.pk}, {}, {"household_id": factories.family().pk}):
        with pytest.raises(TransitionError, match="救助的是家庭"):
            transitions.add_item(program_code="MZ04", **whom, **given)
    for whom in ({"household_id": draft.household_id}, {}, {"household_id": draft.household_id, "resident_id": head.pk}):
        with pytest.raises(TransitionError, match="救助的是个人"):
            transitions.add_item(program_code="MZ03", **whom, **given)


def test_a_resident_belongs_there_and_lives(draft):
    stranger = factories.people(factories.family())[0]
    with pytest.raises(TransitionError, match="在世的成员"):
        add(draft, "MZ03", resident=stranger)
    Relative.objects.create(
        resident=stranger, relative=draft.applicant, role="guardian", relation="97", since=date(2026, 1, 1), noted_at=clock.now(),
        noted_by=cast.member("clerk"),
    )  # fmt: skip
    assert add(draft, "MZ03", resident=stranger).resident == stranger
    Resident.objects.filter(pk=draft.applicant_id).update(died_on=date(2026, 9, 1))
    with pytest.raises(TransitionError, match="在世的成员"):
        add(draft, "MZ03", resident=draft.applicant)


def test_once_in_an_application(draft):
    add(draft)
    with pytest.raises(ValidationError, match="已在本申请中"):
        add(draft)


def test_what_runs_elsewhere_is_named_with_window_and_day(submitted, second_clerk):
    again = ApplicationFactory(drafted=True, household=submitted.household)
    with pytest.raises(TransitionError) as refused:
        add(again)
    assert all(words in str(refused.value) for words in (submitted.number, "2026-09-24", submitted.unit.name))
    assert submitted.applicant.name not in str(refused.value)
    assert add(again, "MZ01")


def test_a_draft_or_an_end_elsewhere_holds_nobody_up(clerk, draft):
    add(draft)
    other = ApplicationFactory(withdrawn=True, household=draft.household)
    assert add(ApplicationFactory(drafted=True, household=other.household))


def test_what_is_being_given_is_not_asked_for_again(draft, clerk):
    AssistanceRecord.objects.create(
        program=Program.objects.get(pk="MZ01"), household=draft.household, region_code=cast.VILLAGE, amount=500, cadence="monthly",
        since=date(2026, 10, 1), source="roll", unit=clerk.unit, granted_at=clock.now(), granted_by=clerk,
    )  # fmt: skip
    with pytest.raises(TransitionError, match="自2026-10-01起已在享受"):
        add(draft, "MZ01")


def test_any_amount_but_nothing_and_less(draft, clerk):
    with pytest.raises(ValidationError, match="必须大于0"):
        add(draft, amount=Decimal("0"))
    assert add(draft, amount=Decimal("999999")).amount_asked == Decimal("999999")


def test_the_event_fails_and_nothing_has_happened(draft, monkeypatch):
    monkeypatch.setattr("intake.transitions.items.record", fail)
    with pytest.raises(RuntimeError):
        add(draft)
    assert not draft.items.exists()
    assert not draft.papers.exists()
    assert not events("item.added")
