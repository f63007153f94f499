"""Authorisations (TZ-19) and close relatives among staff (XX-16, SECURITY abuse 2)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from deadlines.models import Notice
from deadlines.transitions import drain
from documents.models import FormVersion
from households.knowledge import kin_is_cleared, kin_matches, missing_authorisations
from households.models import Authorisation, KinDeclaration, StaffKin
from households.transitions import (
    authorise,
    declare_kin,
    declare_own_kin,
    file_kin,
    revise_resident,
    revoke_authorisation,
    take_on,
    withdraw_own_kin,
)
from households.transitions import consent as verbs
from tests import cast
from tests.racing import race

from . import factories
from .factories import HouseholdFactory, person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


@pytest.fixture
def household():
    factories.form("authorisation")
    factories.form("kin_declaration")
    return HouseholdFactory()


def signed(household, by, who=None, on=TODAY, **given):
    who = who or factories.head_of(household)
    return authorise(household_id=household.pk, resident_id=who.pk, signed_on=on, by=by, **given)


def declared(household, by, has_kin=True, **changed):
    said = {"staff_name": "某干部", "staff_unit": "虚构一村", "relation": "70"} if has_kin else {}
    return declare_kin(household_id=household.pk, has_kin=has_kin, declared_on=TODAY, by=by, **{**said, **changed})


# ── authorisations ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_named_worker_is_written_as_in_the_list_of_staff(clerk, household):
    """By this name he is kept from going there; a pasted space made him somebody else."""
    assert declared(household, clerk, staff_name=" 甘 晓\u3000窗 ").staff_name == "甘晓窗"


def test_a_signature_names_its_day_and_form(clerk, household, lines):
    row = signed(household, clerk, signer_note="不识字，由女儿代签")
    assert (row.signed_on, row.form, row.registered_by) == (TODAY, FormVersion.objects.in_force("authorisation", TODAY), clerk)
    [event] = lines("authorisation.registered")
    assert (event.household_id, phrase(event)) == (household.pk, f"登记核对授权，签署日期2026-09-24：{row.form}")


def test_all_living_adults_who_count_have_to_sign(clerk, household, clock):
    wife = household.memberships.get(relation="10").resident
    assert missing_authorisations(household, TODAY) == [factories.head_of(household), wife]
    signed(household, clerk)
    assert missing_authorisations(household, TODAY) == [wife]
    revise_resident(resident_id=wife.pk, fields={"died_on": TODAY}, seen_at=wife.changed_at, by=clerk)
    assert missing_authorisations(household, TODAY) == []
    assert [r.name for r in missing_authorisations(household, date(2034, 7, 7))] == []
    assert len(missing_authorisations(household, date(2034, 7, 8))) == 1


def test_a_signature_is_registered_once(clerk, second_clerk, household):
    signed(household, second_clerk)
    with pytest.raises(AlreadyHandled, match="安替岗（经办）登记，签署日期2026-09-24"):
        signed(household, clerk)


def test_who_is_no_member_or_dead_does_not_sign(clerk, household):
    with pytest.raises(TransitionError, match="应是本户现有成员"):
        signed(household, clerk, who=factories.head_of(HouseholdFactory()))
    head = factories.head_of(household)
    revise_resident(resident_id=head.pk, fields={"died_on": TODAY}, seen_at=head.changed_at, by=clerk)
    with pytest.raises(TransitionError, match="不需要授权"):
        signed(household, clerk)
    with pytest.raises(ValidationError, match="签署日期不能晚于今天"):
        signed(household, clerk, who=household.memberships.get(relation="10").resident, on=date(2026, 9, 25))


def test_without_a_published_form_nobody_signs(clerk, household, monkeypatch):
    monkeypatch.setattr(type(FormVersion.objects.all()), "in_force", lambda rows, key, on: None)
    with pytest.raises(TransitionError, match="“经济状况核对授权书”还没有启用的版本"):
        signed(household, clerk)


def test_consent_is_taken_where_the_household_applies(clerk, neighbour_clerk, approver, officer):
    number = factories.id_number()
    factories.form("authorisation")
    household = HouseholdFactory(members=[person(number=number)])
    with pytest.raises(Http404):
        signed(household, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        signed(household, approver)
    take_on(token=factories.outside_token(number, neighbour_clerk), by=neighbour_clerk)
    assert signed(household, neighbour_clerk).registered_by == neighbour_clerk


def test_consent_is_taken_back_once(clerk, household, approver, lines):
    row = signed(household, clerk)
    with pytest.raises(PermissionDenied):
        revoke_authorisation(authorisation_id=row.pk, by=approver)
    assert revoke_authorisation(authorisation_id=row.pk, by=clerk).revoked_by == clerk
    assert len(lines("authorisation.revoked")) == 1
    with pytest.raises(AlreadyHandled, match="于2026-09-24 10:00登记撤回"):
        revoke_authorisation(authorisation_id=row.pk, by=clerk)
    assert signed(household, clerk).pk != row.pk


@pytest.mark.django_db(transaction=True)
def test_of_two_registrations_at_once_one_wins():
    factories.form("authorisation")
    household = HouseholdFactory()
    people = cast.member("clerk"), cast.member("second_clerk")
    answers = race(*(lambda by=by: signed(household, by) for by in people))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyHandled", "Authorisation"]


# ── kin ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_yes_goes_to_the_platform(clerk, platform, household, lines):
    row = declared(household, clerk, resident_id=factories.head_of(household).pk)
    assert (row.has_kin, row.staff_name, row.relation, row.declared_by) == (True, "某干部", "70", clerk)
    assert phrase(lines("kin.declared")[0]) == "登记近亲属申报：有近亲属"
    drain()
    assert Notice.objects.visible_to(platform).get(kind="kin.declared").title == f"近亲属申报待备案：户编号 {household.number}"


def test_a_no_names_nobody_and_tells_nobody(clerk, household):
    row = declared(household, clerk, has_kin=False, staff_name="误填", relation="70")
    assert (row.has_kin, row.staff_name, row.relation) == (False, "", "")
    drain()
    assert not Notice.objects.filter(kind="kin.declared").exists()


def test_a_yes_names_the_staff_member(clerk, household):
    with pytest.raises(ValidationError, match="请填写工作人员姓名和关系"):
        declared(household, clerk, staff_name=" ")
    with pytest.raises(TransitionError, match="应是本户现有成员"):
        declared(household, clerk, resident_id=factories.head_of(HouseholdFactory()).pk)
    with pytest.raises(ValidationError, match="申报日期不能晚于今天"):
        declare_kin(household_id=household.pk, has_kin=False, declared_on=date(2026, 9, 25), by=clerk)


def test_a_later_answer_replaces_the_earlier(clerk, household):
    first, second = declared(household, clerk, has_kin=False), declared(household, clerk)
    first.refresh_from_db()
    assert (first.replaced_by, list(household.kin_declarations.standing())) == (clerk, [second])


def test_the_question_is_asked_by_who_sees_the_household(neighbour_clerk, approver, household):
    with pytest.raises(Http404):
        declared(household, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        declared(household, approver)


def test_filing_says_who_when_and_what(clerk, platform, household, lines):
    row = file_kin(declaration_id=declared(household, clerk).pk, note=" 由他人经办 ", by=platform)
    assert (row.filing_note, row.filed_by) == ("由他人经办", platform)
    assert phrase(lines("kin.filed")[0]) == "近亲属备案：由他人经办"
    drain()
    assert Notice.objects.filter(kind="kin.filed", unit=clerk.unit).exists()
    with pytest.raises(AlreadyHandled, match="平台一（经办）已于2026-09-24 10:00备案"):
        file_kin(declaration_id=row.pk, note="再次", by=platform)


def test_filing_needs_the_platform_a_note_and_a_standing_yes(clerk, approver, neighbour_clerk, platform, household):
    row = declared(household, clerk)
    with pytest.raises(Http404):
        file_kin(declaration_id=row.pk, note="x", by=neighbour_clerk)
    for by in (clerk, approver):
        with pytest.raises(PermissionDenied):
            file_kin(declaration_id=row.pk, note="x", by=by)
    with pytest.raises(ValidationError, match="请填写备案意见"):
        file_kin(declaration_id=row.pk, note=" ", by=platform)
    declared(household, clerk, has_kin=False)
    with pytest.raises(AlreadyHandled, match="不用备案"):
        file_kin(declaration_id=row.pk, note="x", by=platform)


def test_when_nothing_stands_against_a_decision(clerk, platform, household):
    assert "尚未作近亲属申报" in kin_is_cleared(household)
    row = declared(household, clerk)
    assert "须先由县级平台备案" in kin_is_cleared(household)
    file_kin(declaration_id=row.pk, note="已了解", by=platform)
    assert kin_is_cleared(household) == ""
    declared(household, clerk, has_kin=False)
    assert kin_is_cleared(household) == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_declarations_and_two_filings_at_once_one_stands():
    factories.form("kin_declaration")
    household = HouseholdFactory()
    people = cast.member("clerk"), cast.member("second_clerk")
    answers = race(*(lambda by=by: declared(household, by) for by in people))
    assert all(isinstance(answer, KinDeclaration) for answer in answers)
    row, desk = household.kin_declarations.standing().get(), (cast.member("platform"), cast.member("platform_approver"))
    answers = race(*(lambda by=by: file_kin(declaration_id=row.pk, note="由他人经办", by=by) for by in desk))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyHandled", "KinDeclaration"]


# ── staff's own ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_declare_and_the_household_is_matched_by_number(clerk, assistant, platform, lines):
    number = factories.id_number()
    household = HouseholdFactory(members=[person(name="甘老", number=number)])
    factories.form("kin_declaration")
    row = declare_own_kin(name="甘老", relation="50", number=number, by=assistant)
    assert (row.staff, str(row.id_number)[:6], number in str(vars(row))) == (assistant.staff, "000000", False)
    assert kin_matches(household) == [row]
    assert kin_matches(HouseholdFactory()) == []
    assert [e.subject_text for e in lines("own_kin.declared")] == ["甘*"]
    declared(household, clerk, has_kin=False)
    assert "而该户申报为“无”" in kin_is_cleared(household)
    file_kin(declaration_id=declared(household, clerk).pk, note="已了解", by=platform)
    assert kin_is_cleared(household) == ""


def test_a_relative_is_declared_once_and_withdrawn_once(clerk, second_clerk, lines):
    number = factories.id_number()
    row = declare_own_kin(name="甘姐", relation="70", number=number, by=clerk)
    with pytest.raises(ValidationError, match="这位亲属您已申报过"):
        declare_own_kin(name="甘姐", relation="70", number=number, by=clerk)
    with pytest.raises(Http404):
        withdraw_own_kin(kin_id=row.pk, by=second_clerk)
    assert withdraw_own_kin(kin_id=row.pk, by=clerk).withdrawn_by == clerk
    assert len(lines("own_kin.withdrawn")) == 1
    with pytest.raises(AlreadyHandled, match="撤销"):
        withdraw_own_kin(kin_id=row.pk, by=clerk)
    declare_own_kin(name="甘姐", relation="70", number=number, by=clerk)


@pytest.mark.parametrize("number", ["", "123", "000000198003040010"])
def test_own_kin_needs_a_right_number(clerk, number):
    with pytest.raises(ValidationError) as refused:
        declare_own_kin(name="甘姐", relation="70", number=number, by=clerk)
    assert list(refused.value.message_dict) == ["number"]


def test_own_kin_is_for_casework(supervision, system_administrator):
    for by in (supervision, system_administrator):
        with pytest.raises(PermissionDenied):
            declare_own_kin(name="某", relation="70", number=factories.id_number(), by=by)


def test_the_event_fails_and_nothing_has_changed(clerk, platform, household, failing_record):
    row, signature = declared(household, clerk), signed(household, clerk)
    kin = declare_own_kin(name="甘姐", relation="70", number=factories.id_number(), by=clerk)
    failing_record(verbs)
    calls = (
        lambda: signed(household, clerk, who=household.memberships.get(relation="10").resident),
        lambda: revoke_authorisation(authorisation_id=signature.pk, by=clerk),
        lambda: withdraw_own_kin(kin_id=kin.pk, by=clerk),
        lambda: declared(household, clerk, has_kin=False),
        lambda: file_kin(declaration_id=row.pk, note="x", by=platform),
        lambda: declare_own_kin(name="某", relation="70", number=factories.id_number(), by=clerk),
    )
    for call in calls:
        with pytest.raises(RuntimeError, match="no record"):
            call()
    assert list(Authorisation.objects.standing()) == [signature]
    assert list(StaffKin.objects.standing()) == [kin]
    assert KinDeclaration.objects.get().filed_at is None
