"""A household moves: proposed by one, confirmed by another, or by the other township; a case that runs stays where it was accepted."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.models import Event
from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Duty
from households.models import Access, Household, Membership, RegistryChange, Resident
from households.transitions import moving, registry, reject_change, revise_household, take_on, withdraw_change
from households.transitions.registry import newest
from referrals import transitions
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory, person
from tests.intake.factories import ApplicationFactory
from tests.racing import race

from .registering import confirmed, done, neighbour, proposed

pytestmark = pytest.mark.django_db


def test_it_moves_with_its_members_once_a_second_person_agrees(clerk, second_clerk):
    household = HouseholdFactory()
    change = proposed(household, "move")
    assert (change.status, change.unit, change.proposed_by_staff, change.confirming_code) == (
        "proposed",
        clerk.unit,
        clerk.staff,
        cast.HOME,
    )
    duty = Duty.objects.open().get(subject_id=str(change.pk))
    assert (duty.unit, duty.kind) == (clerk.unit, "confirm_change")
    assert factories.head_of(household).name not in duty.title
    assert Household.objects.get(pk=household.pk).region_id == cast.VILLAGE
    change = confirmed(change)
    assert (change.status, change.answered_by, change.answered_by_staff) == ("confirmed", second_clerk, second_clerk.staff)
    household.refresh_from_db()
    assert (household.region_id, household.address) == (cast.OTHER_VILLAGE, "虚构组9号")
    assert set(Resident.objects.filter(memberships__household=household).values_list("region_id", flat=True)) == {cast.OTHER_VILLAGE}
    assert Membership.objects.open().filter(household=household).count() == 3
    assert not Duty.objects.open().filter(subject_id=str(change.pk)).exists()
    told = [phrase(event) for event in Event.objects.filter(household_id=household.pk, verb__in=["household.moved", "registry.confirmed"])]
    assert "确认家庭变动“整户迁移”" in told
    assert any(line.startswith("整户迁移：") for line in told)


def test_to_another_township_it_is_confirmed_there_and_the_case_goes_on_here(clerk, neighbour_clerk, neighbour_approver, approver):
    application = ApplicationFactory(accepted=True)
    household = application.household
    change = proposed(household, "move", region=neighbour())
    assert change.unit == neighbour_clerk.unit
    assert Household.objects.visible_to(neighbour_clerk).filter(pk=household.pk).exists(), "who is to confirm sees whom"
    with pytest.raises(PermissionDenied):
        confirmed(change, by=approver)
    confirmed(change, by=neighbour_approver)
    household.refresh_from_db()
    application.refresh_from_db()
    assert (household.township_code, application.township_code, application.status) == (cast.NEIGHBOUR, cast.HOME, "accepted")
    access = Access.objects.about(application).get()
    assert (access.unit, access.reason, access.until) == (application.unit, "accepted", None)
    line = Event.objects.get(verb="application.kept")
    assert line.application_id == application.pk
    assert "由原受理窗口继续办理" in line.note
    # The case's own township works on, the new one keeps the household.
    transitions.withdraw_application(application_id=application.pk, reason="不再需要", by=clerk)
    access.refresh_from_db()
    assert access.until is not None


def test_the_receiving_township_may_ask_for_it(clerk, neighbour_clerk, second_clerk):
    number = factories.id_number()
    household = HouseholdFactory(members=[person(number=number)])
    take_on(token=factories.outside_token(number, neighbour_clerk), by=neighbour_clerk)
    change = proposed(household, "move", region=neighbour(), by=neighbour_clerk)
    assert change.unit == clerk.unit
    confirmed(change, by=second_clerk)
    assert Household.objects.get(pk=household.pk).township_code == cast.NEIGHBOUR
    assert Household.objects.visible_to(clerk).filter(pk=household.pk).exists(), "who let it go looks on for some days"


def test_who_may_not(neighbour_clerk, approver, assistant, officer):
    household = HouseholdFactory()
    with pytest.raises(Http404):
        proposed(household, "move", by=neighbour_clerk)
    for post in (approver, assistant):
        with pytest.raises(PermissionDenied):
            proposed(household, "move", by=post)
    change = proposed(household, "move")
    for post in (neighbour_clerk, officer, assistant):
        with pytest.raises(Http404):
            confirmed(change, by=post)


def test_nobody_confirms_the_own_proposal(clerk):
    change = proposed(HouseholdFactory(), "move")
    with pytest.raises(TransitionError, match="提出人不能自己确认"):
        confirmed(change, by=clerk)
    with pytest.raises(TransitionError, match="提出人不能自己确认"):
        reject_change(change_id=change.pk, reason="不", by=clerk)


def test_it_is_rejected_with_a_reason_or_withdrawn_and_then_over(clerk, second_clerk, neighbour_clerk):
    household = HouseholdFactory()
    change = proposed(household, "move")
    with pytest.raises(AlreadyHandled, match="已有一项待确认的变动"):
        proposed(household, "void")
    with pytest.raises(ValidationError):
        reject_change(change_id=change.pk, reason=" ", by=second_clerk)
    assert reject_change(change_id=change.pk, reason="地址不对", by=second_clerk).status == "rejected"
    for verb in (confirmed, lambda c: withdraw_change(change_id=c.pk, by=clerk)):
        with pytest.raises(AlreadyHandled, match="安替岗.*不同意"):
            verb(change)
    again = proposed(household, "move")
    assert withdraw_change(change_id=again.pk, by=clerk).status == "withdrawn"
    with pytest.raises(AlreadyHandled, match="已撤回"):
        reject_change(change_id=again.pk, reason="不对", by=second_clerk)
    assert not Duty.objects.open().filter(subject_label="households.registrychange").exists()


def test_what_is_asked_of_the_place_and_the_words(clock, second_clerk):
    household = HouseholdFactory()
    with pytest.raises(TransitionError, match="与现在的相同"):
        proposed(household, "move", region=household.region, address=household.address)
    with pytest.raises(TransitionError, match="证件号码"):
        transitions.propose_registry(kind="void", household_id=household.pk, reason=f"误建{factories.id_number()}", by=cast.member("clerk"))
    change = proposed(household, "move")
    seen_at = newest(change)
    clock.forward(minutes=5)
    place = factories.place()
    revise_household(
        household_id=household.pk, region=place, setting="urban", address="", seen_at=household.revised_at, by=cast.member("clerk")
    )
    with pytest.raises(AlreadyHandled, match="有更正"):
        transitions.confirm_registry(change_id=change.pk, seen_at=seen_at, by=second_clerk)


def test_the_event_fails_and_nothing_has_changed(monkeypatch):
    household = HouseholdFactory()
    change = proposed(household, "move")

    def fail(*args, **kwargs):
        raise RuntimeError("no record")

    monkeypatch.setattr(moving, "record", fail)
    with pytest.raises(RuntimeError):
        confirmed(change)
    assert Household.objects.get(pk=household.pk).region_id == cast.VILLAGE
    assert RegistryChange.objects.get(pk=change.pk).status == "proposed"
    monkeypatch.setattr(registry, "record", fail)
    with pytest.raises(RuntimeError):
        proposed(HouseholdFactory(), "void")
    assert RegistryChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_the_second_is_told():
    change = proposed(HouseholdFactory(), "move", region=neighbour(), by=cast.member("clerk"))
    people = cast.member("neighbour_clerk"), cast.member("neighbour_approver")
    answers = race(*(lambda by=by: confirmed(change, by=by) for by in people))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyHandled", "RegistryChange"]


def test_an_assistant_sees_households_of_the_village_that_is_kept_now(assistant, other_assistant):
    household = HouseholdFactory()
    done(household, "move")
    assert not Household.objects.visible_to(assistant).filter(pk=household.pk).exists()
    assert Household.objects.visible_to(other_assistant).filter(pk=household.pk).exists()


def test_by_its_pages(signed_in, clerk, second_clerk, neighbour_clerk):
    household = HouseholdFactory()
    client = signed_in(clerk)
    page = client.get(f"/registry/households/{household.pk}/move/").content.decode()
    assert "户编号不变" in page
    assert "在办申请" in page
    said = {"region": cast.OTHER_VILLAGE, "setting": "rural", "address": "虚构组9号", "reason": ""}
    answer = client.post(f"/registry/households/{household.pk}/move/", said)
    assert answer.status_code == 422
    assert "虚构组9号" in answer.content.decode()
    answer = client.post(f"/registry/households/{household.pk}/move/", {**said, "reason": "搬家"})
    change = RegistryChange.objects.get()
    assert answer.url == f"/registry/{change.pk}/"
    assert "须由另一名工作人员确认" in client.get(answer.url).content.decode()
    assert "整户迁移待确认" in client.get(household.get_absolute_url()).content.decode()
    other = signed_in(second_clerk)
    assert "整户迁移" in other.get("/registry/").content.decode()
    page = other.get(answer.url)
    seen_at = page.context["form"].initial["seen_at"]
    answered = other.post(f"{answer.url}answer/", {"step": "reject", "note": "", "seen_at": seen_at})
    assert answered.status_code == 422
    assert "请写明不同意的理由" in answered.content.decode()
    assert other.post(f"{answer.url}answer/", {"step": "confirm", "note": "", "seen_at": "?"}).status_code == 422
    assert other.post(f"{answer.url}answer/", {"step": "confirm", "note": "", "seen_at": seen_at}).status_code == 302
    late = other.post(f"{answer.url}answer/", {"step": "reject", "note": "那里没有这一户", "seen_at": seen_at})
    assert late.status_code == 409
    for shown in (f"{second_clerk.label}已于", "那里没有这一户"):
        assert shown in late.content.decode()
    assert signed_in(neighbour_clerk).get(answer.url).status_code == 404
