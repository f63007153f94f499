"""`manage.py seed_county`: a county by COPY that keeps every truth the verbs keep."""

import io
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from config import clock
from config.county import Plan, as_copied, copy_into
from config.protection.identity import check_id_number
from config.protection.sealing import open_sealed
from deadlines.models import Duty
from households.county import _families
from households.models import Access, AssistanceRecord, Fact, Household, IdentityTag, Membership, Resident
from intake.models import Application
from organization.models import Region
from programs.models import FactKind, WholeList
from referrals.models import Referral, ReferralStage

HOUSEHOLDS, REFERRALS = 120, 150


def seed(**options: int) -> str:
    out = io.StringIO()
    call_command("seed_county", **{"households": HOUSEHOLDS, "referrals": REFERRALS, **options}, stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_county_holds_together():
    """As many rows as asked for, every foreign key met, one head a household, numbers that can be opened and are nobody's."""
    told = seed(facts=True)
    assert f"家庭 {HOUSEHOLDS}" in told
    assert Fact.objects.filter(household=None).exists()
    assert Fact.objects.filter(resident=None).exists()
    assert IdentityTag.objects.exists()
    assert WholeList.objects.count() == FactKind.objects.filter(is_list=True).count() > 0
    assert Household.objects.count() == HOUSEHOLDS
    assert Referral.objects.count() == REFERRALS == Application.objects.count()
    assert Membership.objects.filter(relation="02").count() == HOUSEHOLDS
    assert Membership.objects.count() == Resident.objects.count() > HOUSEHOLDS * 2
    assert AssistanceRecord.objects.filter(source="roll").exists()
    connection.check_constraints()
    for resident in Resident.objects.all()[:20]:
        number = open_sealed(resident, "id_number")
        checked = check_id_number(number, on=clock.today(), allow_synthetic=True)
        assert (checked.is_valid, checked.is_synthetic, checked.birth_on) == (True, True, resident.birth_on)
        assert Resident.objects.with_number(number).get() == resident
    # whose turn it is, and one clock for it
    for referral in Referral.objects.undecided().exclude(status="returned"):
        assert ReferralStage.objects.get(referral=referral, left_at=None).unit_id == referral.unit_id
        kinds = set(Duty.objects.open().filter(subject_id=str(referral.pk)).values_list("kind", flat=True))
        assert kinds == {"promise", "receive" if referral.status == "dispatched" else "stage"}
    # a department sees whom it is asked about
    for row in ReferralStage.objects.filter(unit__kind="department").select_related("referral")[:20]:
        assert Access.objects.about(row.referral).get(unit=row.unit).household_id == row.referral.case_household_id
    assert not Duty.objects.open().filter(subject_id__in=map(str, Referral.objects.filter(status="confirmed").values_list("pk", flat=True)))


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_gives_the_same_people():
    plan = Plan(3, 0, 7, None)
    assert [plan.rng("households").random() for _ in range(3)] == [Plan(3, 0, 7, None).rng("households").random() for _ in range(3)]
    assert plan.rng("households").random() != plan.rng("referrals").random()
    seed(households=5, referrals=0, seed=3)
    assert sorted(Household.objects.values_list("pk", flat=True)) == sorted(_ids_of(5, 3))


def _ids_of(households: int, number: int) -> list[object]:
    return [family.pk for family in _families(households, Plan(households, 0, number, None).rng("households"))]


@pytest.mark.django_db
def test_nonsense_is_refused_and_production_too(settings):
    with pytest.raises(CommandError, match="户数"):
        seed(households=0)
    settings.IS_DEMO = False
    with pytest.raises(CommandError, match="演示"):
        seed()


@pytest.mark.django_db
def test_copy_keeps_what_is_awkward():
    """Tabs, line breaks, backslashes and empty values come through COPY as they are."""
    name = "反\\斜\t线\n换行"
    columns = ("code", "name", "level", "parent_id", "setting", "population", "population_source", "is_fictional", "valid_from")
    assert copy_into(Region, columns, [("500233001777", name, "village", "500233001", "", None, "", True, "2026-01-01")]) == 1
    region = Region.objects.get(pk="500233001777")
    assert (region.name, region.population, region.is_fictional) == (name, None, True)


@pytest.mark.django_db
def test_copy_writes_each_value_whatever_else_its_column_holds():
    """A column of one type is written at once, one of several value by value: the same text both ways."""
    values = ["甲", None, 7, True, Decimal("3.10"), uuid.UUID(int=5), date(2026, 9, 1), Region.Level.VILLAGE, {"a": "\t"}, ["x", "y"]]
    alone = ["".join(iter(as_copied([(value,), (value,)]).read, "")) for value in values]
    assert "".join(iter(as_copied((value,) for value in values).read, "")) == "".join(text[: len(text) // 2] for text in alone)
    assert alone[-2] == '{"a": "\\\\t"}\n' * 2
    with pytest.raises(ValueError, match="shorter"), transaction.atomic():  # a row that lacks a value
        copy_into(Region, ("code", "name"), [("500233001777", "甲"), ("500233001778",)])
