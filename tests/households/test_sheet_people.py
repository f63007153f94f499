"""Who the rows of a sheet are about: known by the whole number alone, strangers entered once (DESIGN 3, 7)."""

from datetime import date

import pytest

from config.protection.masks import mask_name
from config.protection.sealing import open_sealed
from households.models import Resident
from households.sheets import home_plan, people
from households.transitions.entering_strangers import enter_strangers
from spreadsheets.declaration import Field, Template, Type
from tests import cast

from . import factories, sheets
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db
SHEET = Template(
    key="households.people:test", title="测试名单", key_fields=("id_number",),
    fields=(Field("id_number", "证件号码", Type.ID_NUMBER, sealed_in=(Resident, "id_number")), Field("name", "姓名", Type.NAME)),
)  # fmt: skip


@pytest.fixture
def batch(clerk):
    return sheets.batch_of(SHEET, unit=clerk.unit, by=clerk)


def laid(batch, *rows):
    """Of each row: whose it is and where that person belongs; field, sentence and mark of what is wrong with it."""
    sheets.stage(batch, SHEET, list(rows))
    home_plan.lay(batch)
    home_plan.refuse_others_people(batch)
    return people.asked("SELECT person_id, own_home, wrong FROM home_line ORDER BY number, row_id")


def test_a_person_is_known_by_the_number_alone(batch):
    head = factories.head_of(household := HouseholdFactory(alone=True))
    number = open_sealed(head, "id_number")
    known, other, stranger = laid(
        batch, {"id_number": number, "name": f" {head.name}"}, {"id_number": number, "name": "张某芳"},
        {"id_number": factories.id_number(), "name": head.name},
    )  # fmt: skip
    sentence = f"证件号码登记的姓名与表中不同（登记为{mask_name(head.name)}）。请核对姓名和证件号码。"
    assert known == (head.pk, household.pk, None)
    assert other == (head.pk, household.pk, ["name", sentence, "name_differs"])
    assert stranger == (None, None, None)


def test_a_township_hands_in_its_own_people_alone(batch):
    neighbour = factories.head_of(HouseholdFactory(in_neighbour=True, alone=True))
    loose = ResidentFactory(number=(number := factories.id_number()))
    own, theirs, far = laid(
        batch, {"id_number": number, "name": loose.name}, {"id_number": open_sealed(neighbour, "id_number"), "name": neighbour.name},
        {"id_number": factories.id_number(), "name": "虚远", "township": cast.NEIGHBOUR},
    )  # fmt: skip
    assert own == (loose.pk, None, None)
    assert theirs[2] == ["", "此人登记在白公街道，不在本乡镇（街道）。请由该乡镇（街道）办理，或先办理迁移。", "elsewhere"]
    unknown = "表中填的是白公街道，不是本乡镇（街道）。请核对；属实的，由该乡镇（街道）报送。"
    assert far == (None, None, ["", unknown, "elsewhere"]), "nobody registered him"


def test_strangers_are_entered_once_with_what_the_number_tells(batch, clerk, lines):
    number = factories.id_number(date(1956, 7, 8), "2")
    laid(batch, {"id_number": number, "name": "虚　初来"}, {"id_number": number, "name": "虚初来"})
    batch.staged.update(outcome="new")
    assert enter_strangers(batch=batch, template=SHEET, by=clerk) == 1
    [resident] = Resident.objects.filter(name="虚初来")
    assert (resident.birth_on, resident.sex, resident.region_id, resident.entered_by, resident.is_synthetic) == (
        date(1956, 7, 8), "2", cast.HOME, clerk, True,
    )  # fmt: skip
    assert open_sealed(resident, "id_number") == number
    assert {row.person_id for row in sheets.rows_of(batch)} == {resident.pk}
    [event] = lines("resident.entered")
    assert (event.subject_text, event.subject_id, event.household_id) == ("虚*来", str(resident.pk), None)
    assert batch.effects.count() == 1
    assert enter_strangers(batch=batch, template=SHEET, by=clerk) == 0


def test_masks_of_sql_are_those_of_the_house():
    for name in (
        "张",
        "张芳",
        "张小芳",
        "欧阳芳",
        "欧阳",
        "欧阳小芳",
        "司徒美丽花",
        "买买提·吐尔逊",
        "John Smith",
        "A𠀀𠀁",
        "·𠀀",
        "𠀀𠀁",
        "é𠀀芳",
        "张·芳",
        "欧阳𠀀",
        "李a",
        "",
    ):
        [[found]] = people.asked(f"SELECT {people.masked('n')} FROM (SELECT %s::text AS n) t", [name])
        assert found == mask_name(name) or (set(found[1:]) == {"*"} and found[0] == name[0])


def test_what_the_catalogue_calls_something_is_a_text_and_no_statement():
    name = "低'保%s"
    assert people.asked(f"SELECT {people.literal(name)}, %s", [1]) == [(name, 1)]
