"""Whatever rolls follow one another: in force is what the last one says, beside what decisions give; and the same again is nothing."""

import random
from datetime import date
from decimal import Decimal

import pytest

from households.models import AssistanceRecord, Coverage, RollAbsence

from . import factories
from .factories import ResidentFactory
from .test_rolls import Roll, row

pytestmark = pytest.mark.django_db
MONTHS = [date(2026, month, 20) for month in (3, 4, 5, 6, 7)]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_in_force_is_what_the_roll_says(seed):
    chance = random.Random(seed)
    people = [ResidentFactory() for _ in range(6)]
    decided = {people[0].pk: factories.assistance(people[0], "MZ10", amount=200, since=date(2026, 2, 1))}
    absent = set()
    for as_of in MONTHS:
        said = {person.pk: Decimal(chance.choice((100, 200, 300))) for person in people if chance.random() < 0.7}
        rows = [row(person, amount=f"{said[person.pk]:.2f}") for person in people if person.pk in said]
        Roll("MZ10", *rows, as_of=as_of).apply()
        given = {pk: Decimal(200) for pk in decided}  # a decision's sum stands, on the roll or not
        found = AssistanceRecord.objects.filter(program="MZ10").in_force(as_of)
        assert {record.resident_id: record.amount for record in found} == {**said, **given}
        for record in found:
            assert [(each.since, each.until) for each in record.coverage.all()] == [(record.since, record.until)]
        absent |= {(pk, as_of) for pk in decided if pk not in said}
        assert {(each.record.resident_id, each.as_of) for each in RollAbsence.objects.select_related("record")} == absent
        again = Roll("MZ10", *rows, as_of=as_of)
        assert {each.outcome for each in again.rows if "absent" not in each.marks} <= {"same"}
        assert not again.apply().batch.effects.exists()
    assert not Coverage.objects.exclude(record__program="MZ10").exists()
