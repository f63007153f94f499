"""A household is registered once, with everybody in it, at its township's window (ZX-25, TZ-17, RULES C4)."""

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from audit.presenters import phrase
from config.protection.identity import temporary_number
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from documents.models import NumberSeries
from households.models import Household, Membership, Resident
from households.transitions import MemberRefused, open_household
from households.transitions import households as verbs
from tests import cast
from tests.racing import race

from . import factories
from .factories import HouseholdFactory, ResidentFactory, person

pytestmark = pytest.mark.django_db
HOME_NUMBER = "ZH500233001000001"


def opened(by, *members, code=cast.VILLAGE):
    return open_household(region=factories.place(code), setting="rural", address="虚构组1号", members=members or [person()], by=by)


def test_it_is_registered_with_its_members_and_one_line(clerk, lines):
    household = opened(clerk, person(name="赵一"), person("10", name="钱二", sex="2", phone="13800000000"))
    assert (household.number, household.region_id, household.opened_by) == (HOME_NUMBER, cast.VILLAGE, clerk)
    assert household.revised_at == household.opened_at
    members = list(household.memberships.order_by("relation"))
    assert [(m.resident.name, m.relation, m.added_by, str(m.since)) for m in members] == [
        ("赵一", "02", clerk, "2026-09-24"), ("钱二", "10", clerk, "2026-09-24"),
    ]  # fmt: skip
    assert str(members[1].resident.phone) == "138****0000"
    assert {m.resident.region_id for m in members} == {cast.VILLAGE}
    [event] = lines("household.opened")
    assert (event.household_id, event.by_id, phrase(event)) == (household.pk, clerk.staff_id, "登记家庭：2人")
    assert len(lines("member.added", "resident.entered")) == 4


def test_the_number_tells_birth_date_and_sex(clerk):
    household = opened(clerk, factories.MemberInput("02", number=factories.id_number(date(1961, 2, 3), "2"), name="孙三"))
    head = factories.head_of(household)
    assert (head.birth_on, head.sex, head.is_synthetic) == (date(1961, 2, 3), "2", True)


def test_numbers_run_on_by_township(clerk, neighbour_clerk):
    assert [opened(clerk).number for _ in range(2)] == [HOME_NUMBER, HOME_NUMBER[:-1] + "2"]
    assert opened(neighbour_clerk, code=cast.NEIGHBOUR).number == "ZH500233002000001"


def test_the_record_holds_no_number_and_no_whole_name(clerk, lines):
    number = factories.id_number()
    opened(clerk, person(name="李小芳", number=number, phone="13800000000"))
    said = " ".join(str(vars(event)) for event in lines("household.opened", "member.added", "resident.entered"))
    assert number not in said
    assert "李小芳" not in said
    assert "李*芳" in said


@pytest.mark.parametrize(
    "role", ["approver", "assistant", "officer", "platform", "platform_approver", "supervision", "system_administrator"]
)
def test_only_a_townships_handlers_register(role, request):
    with pytest.raises(PermissionDenied):
        opened(request.getfixturevalue(role))


def test_another_townships_place_is_refused(clerk):
    with pytest.raises(TransitionError, match="白公街道不在本辖区"):
        opened(clerk, code=cast.NEIGHBOUR)


@pytest.mark.parametrize(("relations", "sentence"), [((), "请登记一位户主"), (("10",), "请登记一位户主"), (("02", "02"), "只能有一位户主")])
def test_it_has_one_head(clerk, relations, sentence):
    with pytest.raises(TransitionError, match=sentence):
        open_household(region=factories.place(), setting="rural", address="", members=[person(r) for r in relations], by=clerk)
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"number": "000000198003040010"}, "number", "校验码与前17位不符"),
        ({"number": "12345"}, "number", "应为18位"),
        ({"number": "", "id_type": "resident", "name": "无号"}, "number", "请填写居民身份证号码"),
        ({"number": temporary_number("500233", 2026, 9), "id_type": "none"}, "number", "由系统编"),
        ({"phone": "12"}, "phone", "手机号码"),
    ],
)
def test_a_wrong_line_is_named_with_its_field(clerk, changed, field, sentence):
    line = factories.MemberInput("20", **{"name": "周四", "number": factories.id_number(), **changed})
    with pytest.raises(MemberRefused, match=sentence) as refused:
        opened(clerk, person(), line)
    assert (refused.value.index, list(refused.value.errors)) == (1, [field])
    assert not Household.objects.exists()
    assert not Resident.objects.exists()
    assert not NumberSeries.objects.exists()


@pytest.mark.parametrize(("changed", "field"), [({"sex": "2"}, "sex"), ({"birth_on": date(1980, 3, 5)}, "birth_on")])
def test_what_was_typed_against_the_number_is_refused_beside_the_field(clerk, changed, field):
    number = factories.id_number(date(1980, 3, 4), "1")
    with pytest.raises(MemberRefused, match="与证件号码不一致") as refused:
        opened(clerk, person(number=number, **changed))
    assert list(refused.value.errors) == [field]


def test_without_papers_a_temporary_number_is_given(clerk):
    household = opened(clerk, factories.MemberInput("02", id_type="none", name="无证人", birth_on=date(2019, 1, 1), sex="2"))
    head = factories.head_of(household)
    assert (str(head.id_number)[:2], head.birth_on, head.sex, head.id_type) == ("WZ", date(2019, 1, 1), "2", "none")
    given = temporary_number("500233", 2026, 1)
    assert open_sealed(head, "id_number") == given
    assert not Resident.objects.with_number(given).exists(), "it is no ID, and finds nobody"


def test_somebody_known_without_household_is_not_entered_again(clerk, lines):
    number = factories.id_number()
    known = ResidentFactory(name="吴五", number=number, region=factories.place(cast.OTHER_VILLAGE))
    household = opened(clerk, person(name="吴五", number=number, phone="13800000000"))
    head = factories.head_of(household)
    assert head == known
    assert (head.region_id, str(head.phone)) == (cast.VILLAGE, "138****0000")
    assert lines("resident.looked_up") == []


def test_a_known_number_under_another_name_is_refused(clerk):
    number = factories.id_number()
    ResidentFactory(name="吴五", number=number)
    with pytest.raises(MemberRefused, match="登记的姓名与填写的不一致"):
        opened(clerk, person(name="吴六", number=number))


def test_somebody_elsewhere_without_household_counts_as_a_look_up(clerk, lines):
    number = factories.id_number()
    ResidentFactory(name="吴五", number=number, region=factories.place(cast.NEIGHBOUR))
    opened(clerk, person(name="吴五", number=number))
    [event] = lines("resident.looked_up")
    assert (event.by_id, event.subject_text, event.new) == (clerk.staff_id, "吴*", "白公街道")


def test_a_member_of_another_household_is_refused_with_who_and_where(clerk):
    number = factories.id_number()
    other = HouseholdFactory(members=[person(name="郑六", number=number)])
    with pytest.raises(MemberRefused, match=f"郑六已是户编号{other.number}的成员"):
        opened(clerk, person(name="郑六", number=number))


def test_beyond_the_gate_it_says_no_more_than_that(clerk):
    number = factories.id_number()
    HouseholdFactory(in_neighbour=True, members=[person(name="郑六", number=number)])
    with pytest.raises(MemberRefused, match="管辖外的家庭。请先按证件号码查找") as refused:
        opened(clerk, person(name="郑六", number=number))
    assert "白公" not in str(refused.value)


def test_the_dead_are_not_registered_anew(clerk):
    number = factories.id_number()
    known = ResidentFactory(name="冯七", number=number)
    Resident.objects.filter(pk=known.pk).update(died_on=date(2026, 1, 1))
    with pytest.raises(MemberRefused, match="已登记死亡"):
        opened(clerk, person(name="冯七", number=number))


def test_the_same_number_twice_in_one_form_is_refused(clerk):
    number = factories.id_number()
    with pytest.raises(MemberRefused, match="与第1名成员是同一个证件号码") as refused:
        opened(clerk, person(name="陈八", number=number), person("20", name="陈八", number=number))
    assert refused.value.index == 1


def test_the_event_fails_and_nothing_has_changed(clerk, failing_record):
    failing_record(verbs)
    with pytest.raises(RuntimeError, match="no record"):
        opened(clerk)
    assert not Household.objects.exists()
    assert not Resident.objects.exists()
    assert not NumberSeries.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_register_the_same_person_at_once_one_wins():
    number = factories.id_number()
    first, second = cast.member("clerk"), cast.member("second_clerk")
    answers = race(lambda: opened(first, person(name="卫九", number=number)), lambda: opened(second, person(name="卫九", number=number)))
    assert sorted(type(answer).__name__ for answer in answers) == ["Household", "MemberRefused"]
    # at the same moment the number is known, a little later its household too
    assert re.search("已登记过|已是户编号", str(next(answer for answer in answers if isinstance(answer, MemberRefused))))
    assert Resident.objects.count() == Membership.objects.count() == Household.objects.count() == 1
