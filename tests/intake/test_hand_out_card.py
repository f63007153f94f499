"""The 救助明白卡: of an answered visit, and of an accepted application."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config.verbs import AlreadyHandled, TransitionError
from documents.models import IssuedDocument
from households.transitions import note_fact
from intake import transitions
from tests.intake.factories import ApplicationFactory, VisitFactory, family, people
from tests.intake.verbs import fail, the_event

pytestmark = pytest.mark.django_db


def card(visit, by, *codes):
    return transitions.hand_out_card(visit_id=visit.pk, program_codes=codes, by=by).data


def test_a_card_says_where_what_and_when(clerk):
    visit = VisitFactory(known=True, answered=True)
    said = card(visit, clerk, "MZ04", "RS01")
    assert (said["addressee"], said["first_responder"], said["window"]) == (visit.resident.name, clerk.staff.name, clerk.unit.name)
    temporary, job = said["items"]
    assert (temporary["unit"], temporary["by_date"]) == (clerk.unit.name, "受理后15个工作日内办结")
    assert "事由票据" in temporary["bring"]
    assert "在读证明" in temporary["do_not_bring"]
    assert job["by_date"] == "由用人单位申请"
    assert job["bring"] == []
    assert visit.answer in said["notes"]
    event = the_event("visit.card_handed_out", visit)
    assert event.data == {"programs": ["MZ04", "RS01"]}
    assert event.new == IssuedDocument.objects.get().number


def test_what_is_proven_of_this_household_is_not_brought(clerk):
    household = family()
    visit = VisitFactory(resident_id=people(household)[0].pk, answered=True)
    [item] = card(visit, clerk, "MZ04")["items"]
    assert "户口簿" in item["bring"]
    note_fact(kind_key="household_register", household=household, value="本县", how="register", found_on=date(2026, 9, 1), by=clerk)
    [item] = card(visit, clerk, "MZ04")["items"]
    assert "户口簿" in item["do_not_bring"]


def test_of_a_stranger_the_platform_may_still_find_it(clerk):
    [item] = card(VisitFactory(answered=True), clerk, "MZ04")["items"]
    assert "户口簿（平台查不到时再补）" in item["do_not_bring"]


def test_a_card_without_programs_still_says_the_answer(clerk):
    visit = VisitFactory(answered=True)
    said = card(visit, clerk)
    assert (said["addressee"], said["items"]) == ("来访群众", [])
    assert visit.answer in said["notes"]


def test_no_answer_no_card(clerk):
    with pytest.raises(TransitionError, match="还没有登记答复"):
        card(VisitFactory(known=True), clerk, "MZ04")


def test_strangers_and_readers_hand_out_nothing(neighbour_clerk, approver, clerk):
    visit, accepted = VisitFactory(answered=True), ApplicationFactory(accepted=True)
    with pytest.raises(Http404):
        card(visit, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        card(visit, approver)
    with pytest.raises(Http404):
        transitions.hand_out_application_card(application_id=accepted.pk, by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        transitions.hand_out_application_card(application_id=accepted.pk, by=approver)


def test_the_card_of_an_application_names_who_decides_by_which_day(clerk, accepted):
    paper = transitions.hand_out_application_card(application_id=accepted.pk, progress_url="https://example.invalid/progress/", by=clerk)
    [item] = paper.data["items"]
    assert item["unit"].endswith("社会事务办")
    assert item["by_date"] == "2026年10月22日前办结"
    assert (paper.data["query_code"], paper.data["progress_url"]) == (accepted.query_code, "https://example.invalid/progress/")
    assert (paper.application_id, paper.household_id) == (accepted.pk, accepted.household_id)
    assert the_event("application.card_handed_out", accepted).new == paper.number


def test_before_acceptance_nobody_knows_by_when(clerk, submitted):
    with pytest.raises(AlreadyHandled, match="等待受理"):
        transitions.hand_out_application_card(application_id=submitted.pk, by=clerk)


def test_the_event_fails_and_no_card_was_given(clerk, monkeypatch):
    visit = VisitFactory(answered=True)
    monkeypatch.setattr("intake.transitions.cards.record", fail)
    with pytest.raises(RuntimeError):
        card(visit, clerk)
    assert not IssuedDocument.objects.exists()
