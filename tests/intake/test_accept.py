"""Taken on: the promise to the resident runs from here, the verification opens, the receipt is handed out."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from config import clock
from config.protection.sealing import open_sealed
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty, OutboxMessage
from documents.models import IssuedDocument
from households import transitions as households
from households.models import Access, Household, Relative, Resident
from intake import transitions
from intake.models import Paper
from programs import transitions as programs
from tests import cast
from tests.intake import factories
from tests.intake.factories import ApplicationFactory, add, fill_in
from tests.intake.verbs import events, fail, fresh, the_event
from tests.programs.factories import next_version
from verification.models import Verification

pytestmark = pytest.mark.django_db


def accept(application, by):
    return transitions.accept(application_id=application.pk, by=by)


def refused(application, by):
    with pytest.raises(TransitionError) as error:
        accept(application, by)
    return str(error.value)


def test_it_works(second_clerk, submitted):
    application = accept(submitted, second_clerk)
    assert (application.status, application.accepted_at) == ("accepted", clock.now())
    assert (application.accepted_by, application.accepted_by_staff) == (second_clerk, second_clerk.staff)
    event = the_event("application.accepted")
    assert (event.by, event.application_id, event.household_id) == (second_clerk.staff, submitted.pk, submitted.household_id)


def test_the_windows_duty_is_done_and_the_verifications_begins(clerk, submitted):
    accept(submitted, clerk)
    done = Duty.objects.about(submitted, "accept").get()
    assert (done.kind, done.closed_at, done.outcome) == ("accept", clock.now(), "done")
    verification = Verification.objects.get(household=submitted.household)
    duty = Duty.objects.open().about(verification).get()
    assert duty.unit == clerk.unit
    assert submitted.applicant.name not in duty.title
    assert not OutboxMessage.objects.exists()


def test_one_verification_for_all_items_and_applications(clerk, submitted):
    accept(submitted, clerk)
    other = ApplicationFactory(accepted=True, household=submitted.household, programs=[("MZ01", "ordinary"), ("ZJ01", "ordinary")])
    assert other.status == "accepted"
    assert Verification.objects.filter(household=submitted.household).count() == 1


def test_without_an_item_that_is_verified_before_none_opens(clerk):
    ApplicationFactory(accepted=True, programs=[("CS01", "ordinary")])
    assert not Verification.objects.exists()


def test_the_receipt_says_what_was_taken_on(clerk, submitted):
    accept(submitted, clerk)
    paper = IssuedDocument.objects.about(submitted).get()
    assert (paper.kind, paper.application_id, paper.household_id) == ("acceptance_notice", submitted.pk, submitted.household_id)
    said = paper.data
    assert (said["addressee"], said["application_number"], said["first_responder"]) == (
        submitted.applicant.name,
        submitted.number,
        clerk.staff.name,
    )
    [item] = said["items"]
    assert (item["program"], item["beneficiary"], item["promise"]) == ("临时救助", "全家2人", "15个工作日")
    assert item["unit"] == cast.member("approver").unit.name
    assert item["due_on"] == "2026年10月22日"
    assert "事由票据（已看原件）" in said["received"]


def test_it_does_not_dispatch(submitted, clerk):
    assert accept(submitted, clerk).status == "accepted"
    assert not events("application.started")


def test_a_required_paper_that_is_missing_is_named(clerk, submitted):
    paper = submitted.papers.get(material="cause_bills")
    transitions.settle_paper(paper_id=paper.pk, state="missing", by=clerk)
    assert "事由票据" in refused(submitted, clerk)
    transitions.settle_paper(paper_id=paper.pk, state="later", by=clerk)
    assert accept(submitted, clerk)
    assert IssuedDocument.objects.about(submitted).get().data["later"] == ["事由票据"]


def test_what_is_asked_for_in_a_certain_case_only_holds_nothing_up(clerk):
    application = ApplicationFactory(submitted=True, programs=[("MZ01", "ordinary")])
    bills = application.papers.get(material="rigid_bills")
    assert (bills.state, bills.is_required) == (Paper.State.MISSING, False)
    assert accept(application, clerk)


def test_what_held_for_submission_holds_still(clerk, submitted):
    Resident.objects.filter(pk=submitted.applicant_id).update(died_on=date(2026, 9, 23))
    assert "请更换申请人" in refused(submitted, clerk)


def test_a_new_version_leaves_what_is_handed_in_alone(clerk, submitted):
    version = next_version("MZ04", valid_from=clock.today())
    accept(submitted, clerk)
    assert submitted.items.get().version != version


def test_a_program_paused_meanwhile_is_not_accepted(clerk, submitted, platform_approver):
    programs.pause(code="MZ04", reason="资金调整", by=platform_approver)
    assert "资金调整" in refused(submitted, clerk)


def test_an_item_added_after_submission_is_looked_at_too(clerk, submitted):
    add(submitted, "MZ01")
    said = refused(submitted, clerk)
    assert "近亲属关系" in said
    assert "收入和财产声明" in said
    fill_in(submitted)
    assert accept(submitted, clerk)


def test_nobody_accepts_his_own_kin(clerk, second_clerk):
    head = factories.member()
    application = ApplicationFactory(submitted=True, household=factories.family(members=[head]))
    households.declare_own_kin(name=head.name, relation="97", number=head.number, by=second_clerk)
    assert "请由同事办理" in refused(application, second_clerk)
    assert accept(application, clerk)


def test_nobody_accepts_for_a_ward_who_is_his_kin_and_lives_elsewhere(clerk, second_clerk):
    application = ApplicationFactory(submitted=True)
    ward = factories.people(factories.family(members=[factories.member(birth_on=date(2015, 5, 5))]))[0]
    Relative.objects.create(
        resident=ward, relative=application.applicant, role="guardian", relation="97", since=date(2026, 1, 1), noted_at=clock.now(),
        noted_by=clerk,
    )  # fmt: skip
    add(application, "CL01", resident=ward)
    households.declare_own_kin(name=ward.name, relation="97", number=open_sealed(ward, "id_number"), by=second_clerk)
    assert "请由同事办理" in refused(application, second_clerk)
    assert "近亲属关系，请" not in refused(application, clerk)


def test_somebody_registered_elsewhere_is_let_in_for_the_window(neighbour_clerk):
    head = factories.member()
    household = factories.family(members=[head])
    found = households.find_by_number(number=head.number, by=neighbour_clerk)
    households.take_on(token=found.outside_token, by=neighbour_clerk)
    application = ApplicationFactory(accepted=True, household=household, by=neighbour_clerk)
    access = Access.objects.about(application).get()
    assert (access.unit, access.reason, access.until) == (neighbour_clerk.unit, "accepted", None)
    transitions.stop(application=application, status="withdrawn", reason="不再需要", by=neighbour_clerk)
    access.refresh_from_db()
    assert access.until == date(2026, 12, 23)
    assert Household.objects.visible_to(neighbour_clerk).filter(pk=household.pk).exists()


def test_at_home_nobody_is_let_in(accepted):
    assert not Access.objects.exists()


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, submitted):
    with pytest.raises(Http404):
        accept(submitted, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        accept(submitted, approver)


def test_a_second_acceptance_is_told_of_the_first(second_clerk, accepted):
    with pytest.raises(AlreadyHandled, match="甘晓窗"):
        accept(accepted, second_clerk)
    assert len(events("application.accepted")) == 1


def test_the_event_fails_and_nothing_has_happened(clerk, submitted, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        accept(submitted, clerk)
    assert fresh(submitted).status == "submitted"
    assert not Verification.objects.exists()
    assert not IssuedDocument.objects.exists()
    assert Duty.objects.open().about(submitted).get().kind == "accept"
