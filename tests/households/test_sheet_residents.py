"""Residents and households as a sheet: it adds and fills, overwrites nobody, and opens no second membership (ZX-29)."""

import pytest

from audit.models import Event
from audit.presenters import phrase
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from households.models import Household, Membership, Resident
from households.sheets.residents import REGISTER, People
from households.transitions import end_membership, open_household
from organization.models import Unit
from tests import cast

from . import factories, sheets
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db
OWNER = People()
PLACE = {"township": cast.HOME, "village": cast.VILLAGE}


def line(home, relation, **said):
    return {"home": home, "relation": relation, "id_number": factories.id_number(), "name": "虚来人", **PLACE, **said}


def known(resident, home, relation, **said):
    return line(home, relation, id_number=open_sealed(resident, "id_number"), name=resident.name, **said)


def compared(*rows, by="clerk"):
    post = cast.member(by)
    batch = sheets.batch_of(REGISTER, unit=post.unit, by=post)
    sheets.stage(batch, REGISTER, list(rows))
    return batch, OWNER.compare(batch, REGISTER)


def outcomes(batch):
    return [row.outcome for row in sheets.rows_of(batch)]


def problem(batch, at=0):
    return sheets.rows_of(batch)[at].problems[0][1]


def test_who_may_hand_in(clerk, approver, platform, officer, assistant):
    assert [OWNER.may_hand_in(post, REGISTER) for post in (clerk, approver, platform, officer, assistant)] == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert OWNER.listed_for(clerk) == [REGISTER]
    police = Unit.objects.get(kind="department", department__code="GA")
    officer.unit = police
    assert OWNER.may_hand_in(officer, REGISTER)
    assert OWNER.template("register") is REGISTER
    assert OWNER.template("other") is None


def test_households_are_opened_with_their_members(clerk):
    rows = [
        line("1", "02", name="虚户主", phone="023-01234567", address="虚构路1号", registered_place="重庆市忠县"),
        line("1", "10", name="虚配偶", lives_together=False), line("2", "02", name="虚独居"),
    ]  # fmt: skip
    batch, said = compared(*rows)
    assert outcomes(batch) == ["new", "new", "new"]
    assert dict(said.remarks)["新建家庭"] == 2
    before = Household.objects.count()
    OWNER.apply(batch, REGISTER, clerk)
    assert Household.objects.count() == before + 2
    head = Resident.objects.get(name="虚户主")
    home = Membership.objects.get(resident=head, until=None).household
    assert (home.address, home.region_id, home.setting, home.opened_by) == ("虚构路1号", cast.VILLAGE, "rural", clerk)
    assert home.number.startswith(f"ZH{cast.HOME}")
    assert open_sealed(head, "phone") == "023-01234567"
    assert (head.registered_place, head.region_id) == ("重庆市忠县", cast.VILLAGE)
    wife = home.memberships.get(relation="10")
    assert (wife.resident.name, wife.lives_together, wife.is_counted) == ("虚配偶", False, True)
    opened = Event.objects.get(verb="household.opened", subject_id=str(home.pk))
    assert (opened.new, opened.household_id, opened.by) == ("2人", home.pk, clerk.staff)
    assert "配偶" in phrase(Event.objects.get(verb="member.added", subject_id=str(wife.pk)))
    later = open_household(region=home.region, setting="rural", address="", members=[factories.person()], by=clerk)
    assert later.number not in set(Household.objects.exclude(pk=later.pk).values_list("number", flat=True))


def test_what_stands_is_the_same_and_only_gaps_are_filled(clerk):
    home = HouseholdFactory(alone=True)
    head = factories.head_of(home)
    batch, said = compared(known(head, "7", "02", address="另写的地址"))
    assert outcomes(batch) == ["same"]
    assert dict(said.remarks)["与登记不同，保留登记内容"] == 1
    batch, _ = compared(known(head, "7", "02", phone="023-01234568", registered_place="重庆市忠县"))
    [row] = sheets.rows_of(batch)
    assert (row.outcome, row.before) == ("changed", {"phone": "", "registered_place": ""})
    OWNER.apply(batch, REGISTER, clerk)
    head.refresh_from_db()
    home.refresh_from_db()
    assert open_sealed(head, "phone") == "023-01234568"
    assert (head.registered_place, home.address, head.revised_by) == ("重庆市忠县", "虚构组1号", clerk)
    assert Event.objects.get(verb="resident.revised", subject_id=str(head.pk)).new == "户籍地、联系电话"
    batch, _ = compared(known(head, "7", "02", phone="023-01234568", registered_place="重庆市忠县"))
    assert outcomes(batch) == ["same"]


def test_a_member_joins_the_household_of_that_number(clerk):
    home = HouseholdFactory()
    loose = ResidentFactory(number=factories.id_number(), region=factories.place(cast.OTHER_VILLAGE))
    batch, said = compared(line(home.number, "20"), known(loose, home.number, "97"), line(home.number, "02"))
    assert outcomes(batch) == ["new", "new", "error"]
    assert [row.marks for row in sheets.rows_of(batch)] == [["stranger", "joins"], ["joins"], ["loose", "stranger"]]
    assert "已有户主" in problem(batch, 2)
    assert dict(said.remarks)["加入已有家庭"] == 2
    OWNER.apply(batch, REGISTER, clerk)
    loose.refresh_from_db()
    assert home.memberships.open().count() == 5
    assert loose.region_id == home.region_id
    assert Household.objects.get(pk=home.pk).revised_at > home.revised_at or Household.objects.get(pk=home.pk).revised_by == clerk


def test_a_wrong_line_fills_nothing(clerk):
    """Another line of the household is right: what stands beside the wrong one is still nobody's word."""
    home = HouseholdFactory(alone=True)
    head = factories.head_of(home)
    wrong = known(head, home.number, "02", phone="023-01234568", registered_place="重庆市忠县") | {"name": "虚别人"}
    batch, _ = compared(wrong, line(home.number, "20"))
    assert outcomes(batch) == ["error", "new"]
    OWNER.apply(batch, REGISTER, clerk)
    head.refresh_from_db()
    assert (open_sealed(head, "phone"), head.registered_place) == ("", "")


def test_who_belongs_to_another_household_opens_no_second_membership():
    home, other = HouseholdFactory(), HouseholdFactory(alone=True)
    batch, _ = compared(known(factories.head_of(home), "3", "02"), known(factories.head_of(other), "3", "97"))
    assert outcomes(batch) == ["same", "error"]
    assert other.number in problem(batch, 1)
    assert sheets.rows_of(batch)[1].marks == ["two_households"]
    batch, _ = compared(line("4", "02"), known(factories.head_of(other), "4", "97"))
    assert outcomes(batch) == ["new", "error"], "under another head it is another household"
    batch, _ = compared(line("5", "20"), known(factories.head_of(other), "5", "02"))
    assert outcomes(batch) == ["new", "same"]


def test_a_household_has_one_head_and_lives_in_one_place():
    batch, _ = compared(
        line("1", "10"), line("2", "02"), line("2", "02"), line("3", "02"), line("3", "20", village=cast.OTHER_VILLAGE)
    )  # fmt: skip
    assert outcomes(batch) == ["error", "error", "error", "new", "error"]
    assert [row.marks for row in sheets.rows_of(batch)[2:4]] == [["loose", "stranger"], ["stranger", "opens"]]
    assert "没有户主" in problem(batch)
    assert "有2位户主" in problem(batch, 1)
    assert "居住地不同" in problem(batch, 4)


def test_a_township_enters_its_own_people_alone(neighbour_clerk):
    far = HouseholdFactory(in_neighbour=True, alone=True)
    batch, _ = compared(line(far.number, "97"), line("1", "02", township=cast.NEIGHBOUR, village=cast.NEIGHBOUR))
    assert outcomes(batch) == ["error", "error"]
    batch, _ = compared(line(far.number, "97", township=cast.NEIGHBOUR, village=cast.NEIGHBOUR), by="platform")
    assert outcomes(batch) == ["new"]


def test_what_moved_since_the_comparison_is_refused(clerk):
    home = HouseholdFactory()
    wife = home.memberships.get(relation="10")
    batch, _ = compared(known(wife.resident, home.number, "10", phone="023-01234569"))
    end_membership(membership_id=wife.pk, on=batch.as_of, reason="分开", by=clerk)
    with pytest.raises(TransitionError, match="1行"):
        OWNER.apply(batch, REGISTER, clerk)


def test_the_dead_join_nobody(clerk):
    from households.transitions import note_death

    gone = ResidentFactory(number=factories.id_number())
    note_death(resident=gone, on=cast.SINCE, source="测试", by=clerk)
    batch, _ = compared(known(gone, "1", "02"))
    assert "已登记死亡" in problem(batch)
