"""A person entered without household, and corrected (RULES C4: the paper's number decides)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404

from audit.presenters import phrase
from config.protection.sealing import open_sealed
from config.verbs import AlreadyHandled, TransitionError
from households.models import FormerNumber, Resident
from households.transitions import enter_resident, revise_resident
from households.transitions import residents as verbs
from tests import cast
from tests.racing import race

from . import factories
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db


def entered(by, number=None, code=cast.VILLAGE, **fields):
    number = factories.id_number() if number is None else number
    return enter_resident(fields={"name": "蒋十", **fields}, number=number, phone="", region=factories.place(code), by=by)


def revised(resident, by, seen_at=None, number=None, phone=None, bank_account=None, **fields):
    return revise_resident(
        resident_id=resident.pk, fields=fields, number=number, phone=phone, bank_account=bank_account,
        seen_at=seen_at or resident.changed_at, by=by,
    )  # fmt: skip


def test_a_person_is_entered(clerk, lines):
    row = entered(clerk, registered_place="虚构县外")
    assert (row.name, row.name_initials, row.registered_place, row.entered_by) == ("蒋十", "js", "虚构县外", clerk)
    [event] = lines("resident.entered")
    assert (event.subject_text, phrase(event)) == ("蒋*", "登记人员（居民身份证）")


def test_entering_is_for_the_townships_handlers(approver, officer, clerk):
    for by in (approver, officer):
        with pytest.raises(PermissionDenied):
            entered(by)
    with pytest.raises(TransitionError, match="不在本辖区"):
        entered(clerk, code=cast.NEIGHBOUR)


def test_a_number_is_registered_once(clerk):
    number = factories.id_number()
    entered(clerk, number)
    with pytest.raises(ValidationError, match="这个证件号码已登记过"):
        entered(clerk, number)


def test_an_old_number_is_refused_with_its_sentence(clerk):
    with pytest.raises(ValidationError, match="15位旧号码"):
        entered(clerk, "500233800304001")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_enter_a_number_at_once_one_wins():
    number = factories.id_number()
    people = cast.member("clerk"), cast.member("second_clerk")
    answers = race(*(lambda by=by: entered(by, number) for by in people))
    assert sorted(type(a).__name__ for a in answers) in (["ConstraintBroken", "Resident"], ["Resident", "TransitionError"])
    assert Resident.objects.count() == 1


def test_a_person_is_corrected_and_the_household_moves_with_it(clerk, clock, lines):
    household = HouseholdFactory()
    head = factories.head_of(household)
    clock.forward(minutes=5)
    row = revised(head, clerk, name="蒋十一", phone="13800000001", bank_account="6222000000001234", bank_name="虚构银行")
    assert (row.name, row.name_initials, str(row.phone), str(row.bank_account)) == ("蒋十一", "jsy", "138****0001", "尾号1234")
    assert (row.revised_by, row.revised_at) == (clerk, row.changed_at)
    household.refresh_from_db()
    assert household.revised_at == row.revised_at
    [event] = lines("resident.revised")
    assert phrase(event) == "更正人员资料：姓名、联系电话、银行账号、开户银行"
    assert event.data["new"]["联系电话"] == "138****0001"
    assert "蒋十一" not in str(vars(event))


def test_another_number_brings_its_birth_date_and_sex(clerk):
    head = factories.head_of(HouseholdFactory())
    row = revised(head, clerk, number=factories.id_number(date(1990, 9, 9), "2"), sex="", birth_on=None)
    assert (row.birth_on, row.sex) == (date(1990, 9, 9), "2")


def test_what_the_number_says_is_not_typed_away(clerk):
    head = factories.head_of(HouseholdFactory())
    born = head.birth_on
    with pytest.raises(ValidationError, match=f"号码中的出生日期是{born}") as refused:
        revised(head, clerk, birth_on=date(1981, 3, 4))
    assert list(refused.value.message_dict) == ["birth_on"]
    row = revised(head, clerk, birth_on=None, sex="0")
    assert (row.birth_on, row.sex) == (born, "1")


def test_somebody_whose_paper_comes_later_is_given_its_number(clerk):
    row = ResidentFactory(id_type="none", number="", birth_on=date(2019, 1, 1), sex="2")
    number = factories.id_number(date(2019, 1, 1), "2")
    assert str(row.id_number).startswith("WZ")
    row = revised(row, clerk, id_type="resident", number=number)
    assert (row.id_type, open_sealed(row, "id_number")) == ("resident", number)


def test_a_paper_that_turns_out_to_be_nobodys_gives_way_to_a_temporary_number(clerk):
    row = revised(ResidentFactory(), clerk, id_type="none", number="")
    assert str(row.id_number).startswith("WZ")


def test_a_number_of_somebody_else_is_refused(clerk):
    number = factories.id_number()
    ResidentFactory(number=number)
    with pytest.raises(ValidationError, match="这个证件号码已登记过"):
        revised(ResidentFactory(), clerk, number=number, birth_on=None, sex="")


def test_death_is_dated_between_birth_and_today(clerk):
    row = ResidentFactory()
    with pytest.raises(ValidationError, match="死亡日期不能晚于今天"):
        revised(row, clerk, died_on=date(2026, 9, 25))
    with pytest.raises(ValidationError, match="死亡日期不能早于出生日期"):
        revised(row, clerk, died_on=date(1970, 1, 1))
    assert revised(row, clerk, died_on=date(2026, 9, 24)).is_dead


def test_correcting_needs_gate_right_and_a_fresh_page(clerk, second_clerk, approver, neighbour_clerk, clock):
    row = ResidentFactory()
    with pytest.raises(Http404):
        revised(row, neighbour_clerk, name="甲")
    with pytest.raises(PermissionDenied):
        revised(row, approver, name="甲")
    clock.forward(minutes=5)
    seen_at = row.changed_at
    revised(row, second_clerk, name="乙")
    with pytest.raises(AlreadyHandled, match="安替岗（经办）已于2026-09-24 10:05更正过"):
        revised(row, clerk, name="丙", seen_at=seen_at)


def test_the_event_fails_and_nothing_has_changed(clerk, failing_record):
    row = ResidentFactory()
    failing_record(verbs)
    for call in (lambda: revised(row, clerk, name="丁"), lambda: entered(clerk)):
        with pytest.raises(RuntimeError, match="no record"):
            call()
    assert Resident.objects.get().name == row.name


def test_the_number_before_a_correction_is_kept_sealed(clerk, clock):
    row = entered(clerk, registered_place="虚构县外")
    former = open_sealed(row, "id_number")
    clock.forward(minutes=5)
    row = revised(row, clerk, number=former, registered_place="虚构县内")
    assert not FormerNumber.objects.exists(), "the same number"
    row = revised(row, clerk, number=factories.id_number())
    kept = FormerNumber.objects.visible_to(clerk).get()
    assert (kept.resident, kept.replaced_at, kept.replaced_by) == (row, row.revised_at, clerk)
    assert open_sealed(kept, "id_number") == former
    assert former not in str(kept)
    with pytest.raises(IntegrityError, match="formernumber_id_number_is_sealed_whole"), transaction.atomic():
        FormerNumber.objects.filter(pk=kept.pk).update(id_number_masked="")
