"""Households, residents and rolls of aid for the county of the measurements. Composition by chance; numbers that belong to nobody."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, islice
from random import Random
from typing import Any
from uuid import UUID

from config import clock
from config.county import Plan, copy_into, new_id
from config.dates import add_months
from config.protection.identity import SYNTHETIC_AREAS, Sex
from config.protection.names import name_keys
from config.protection.sealing import seal_many
from config.protection.synthetic import numbered_id, synthetic_names
from organization.models import Region, Unit
from programs.models import ProgramVersion

from .composition import composition, size
from .models import AssistanceRecord, Coverage, Household, Membership, Resident

BATCH = 20_000
AREA = SYNTHETIC_AREAS[1]
YEAR = 365.25
LAST_SERIAL = 999_999  # of a township's households: ours count down from it, those registered by the verbs up from one


@dataclass
class Person:
    pk: UUID
    relation: str
    sex: str
    birth_on: date
    number: str


@dataclass
class Family:
    pk: UUID
    place: int
    region: str
    setting: str
    people: list[Person]


def fill(plan: Plan) -> Iterator[tuple[str, int]]:
    rng, now = plan.rng("households"), clock.now()
    families = _families(plan.households, rng)
    counts: Counter[str] = Counter()
    rolls = _Rolls(plan.by, now)
    while batch := list(islice(families, BATCH)):
        counts["家庭"] += _copy_households(batch, now, plan.by)
        counts["人员"] += _copy_residents(batch, rng, now, plan.by)
        counts["家庭成员"] += _copy_members(batch, now, plan.by)
        for what, count in rolls.copy(batch, rng):
            counts[what] += count
    yield from counts.items()


def _families(count: int, rng: Random) -> Iterator[Family]:
    """Spread over villages where there are any, over townships else, towns larger than the country."""
    places = list(Region.objects.villages()) or list(Region.objects.townships())
    weights = list(accumulate(3 if place.name.endswith("街道") or place.setting == Region.Setting.URBAN else 1 for place in places))
    taken: Counter[tuple[date, bool]] = Counter()
    today = clock.today()
    for place in range(count):
        [region] = rng.choices(places, cum_weights=weights)
        setting = region.setting or (Region.Setting.URBAN if region.name.endswith("街道") else Region.Setting.RURAL)
        people = [_person(relation, age, sex, today, rng, taken) for relation, age, sex in composition(size(rng), rng)]
        yield Family(new_id(rng), place, region.pk, setting, people)


def _person(relation: str, age: float, sex: str, today: date, rng: Random, taken: Counter[tuple[date, bool]]) -> Person:
    """Each day gives five hundred numbers to each sex; a day that is full passes on to the next."""
    is_man, birth_on = Sex(sex) is Sex.MALE, today - timedelta(days=int(age * YEAR) + rng.randrange(365))
    while taken[birth_on, is_man] >= 500:
        birth_on -= timedelta(days=1)
    serial = taken[birth_on, is_man] * 2 + is_man
    taken[birth_on, is_man] += 1
    return Person(new_id(rng), relation, sex, birth_on, numbered_id(birth_on, serial, AREA))


def _copy_households(batch: list[Family], now: datetime, by: Any) -> int:
    columns = ("id", "number", "region_id", "setting", "address", "opened_at", "opened_by_id", "revised_at", "revised_by_id")
    return copy_into(
        Household,
        columns,
        (
            (
                f.pk,
                f"ZH{f.region[:9]}{LAST_SERIAL - f.place:06}",
                f.region,
                f.setting,
                f"虚构路{f.place % 997 + 1}号",
                now,
                by.pk,
                now,
                by.pk,
            )
            for f in batch
        ),
    )


def _copy_residents(batch: list[Family], rng: Random, now: datetime, by: Any) -> int:
    people = [(family, person) for family in batch for person in family.people]
    sealed = seal_many(Resident, "id_number", [(person.pk, person.number) for _, person in people])
    columns = (
        "id", "id_type", "id_number_sealed", "id_number_digest", "id_number_masked", "name", "name_pinyin", "name_initials", "name_order",
        "sex", "birth_on", "region_id", "registered_place", "phone_sealed", "phone_masked", "bank_account_sealed", "bank_account_masked",
        "bank_name", "is_synthetic", "entered_at", "entered_by_id",
    )  # fmt: skip
    rows = (
        (
            person.pk, "resident", number.sealed, number.digest, number.masked, name, *name_keys(name), person.sex,
            person.birth_on, family.region, "", "", "", "", "", "", True, now, by.pk,
        )
        for (family, person), number, name in zip(people, sealed, synthetic_names(len(people), rng), strict=True)
    )  # fmt: skip
    return copy_into(Resident, columns, rows)


def _copy_members(batch: list[Family], now: datetime, by: Any) -> int:
    columns = ("household_id", "resident_id", "relation", "lives_together", "is_counted", "since", "added_at", "added_by_id", "end_reason")
    since = date(2021, 1, 1)
    return copy_into(
        Membership,
        columns,
        (
            (family.pk, person.pk, person.relation, True, True, max(since, person.birth_on), now, by.pk, "")
            for family in batch
            for person in family.people
        ),
    )


class _Rolls:
    """What the departments' rolls would bring: 低保 for one household in three of the poorer third, 护理补贴 and 医疗救助 for residents.

    Households whose place divides by three belong to the rolls, the others to the decisions that `referrals` makes: no two ever overlap.
    """

    def __init__(self, by: Any, now: datetime) -> None:
        self.by, self.now, self.today = by, now, clock.today()
        found = ProgramVersion.objects.in_force(self.today).filter(program_id__in=["MZ01", "MZ03", "YB01"]).select_related("program")
        self.versions = {version.program_id: version for version in found}
        units = Unit.objects.filter(kind=Unit.Kind.DEPARTMENT)
        self.units = {unit.department_id: unit.pk for unit in units}

    def copy(self, batch: list[Family], rng: Random) -> Iterator[tuple[str, int]]:
        records: list[tuple[Any, ...]] = []
        covered: list[tuple[Any, ...]] = []
        for family in batch:
            if family.place % 3:
                continue
            if rng.random() < 0.33:
                self._add("MZ01", family, family.people, records, covered, rng)
            for person in family.people:
                if rng.random() < 0.04:
                    self._add("MZ03", family, [person], records, covered, rng)
                if rng.random() < 0.03:
                    self._add("YB01", family, [person], records, covered, rng)
        columns = (
            "id", "program_id", "version_id", "household_id", "resident_id", "region_code", "amount", "in_kind", "cadence", "since",
            "until", "source", "unit_id", "granted_at", "granted_by_id",
        )  # fmt: skip
        yield "救助记录", copy_into(AssistanceRecord, columns, records)
        yield "覆盖人员", copy_into(Coverage, ("record_id", "resident_id", "since", "until"), covered)

    def _add(self, code: str, family: Family, people: list[Person], records: list[Any], covered: list[Any], rng: Random) -> None:
        version, pk = self.versions[code], new_id(rng)
        since = add_months(self.today.replace(day=1), -rng.randrange(1, 60))
        once = code == "YB01"
        until = since if once else None
        amount = Decimal(rng.randrange(20, 900) * (10 if once else 1))
        household, resident = (family.pk, None) if code == "MZ01" else (None, people[0].pk)
        cadence = AssistanceRecord.Cadence.ONCE if once else AssistanceRecord.Cadence.MONTHLY
        unit = self.units[version.program.department_id]
        whose, given = (household, resident), (amount, "", cadence, since, until, "roll", unit, self.now, self.by.pk)
        records.append((pk, code, version.pk, *whose, family.region, *given))
        covered += [(pk, person.pk, since, until) for person in people]
