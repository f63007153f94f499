"""Doubts out of files as the owners of the sheets compare and apply them: what they mark is what the rules read."""

from datetime import date

import pytest

from config import clock
from households.models import AssistanceRecord
from households.sheets.rolls import Rolls
from monitoring.models import Doubt
from monitoring.transitions import find_doubts
from organization.models import Post
from spreadsheets.models import Batch
from tests import cast
from tests.households import factories, sheets
from tests.households.factories import HouseholdFactory, assistance, head_of
from tests.households.test_rolls import row, stranger

pytestmark = pytest.mark.django_db
ROLLS = Rolls()


def handed_in(as_of, *rows, code="MZ01"):
    """A roll of 低保 of that day, compared and applied as the pipeline does."""
    by, template = cast.member("civil_officer"), ROLLS.template(code)
    batch = sheets.batch_of(template, unit=by.unit, by=by, as_of=as_of)
    sheets.stage(batch, template, list(rows))
    ROLLS.compare(batch, template)
    ROLLS.apply(batch, template, by)
    done = {"status": "applied", "confirmed_at": clock.now(), "confirmed_by": by, "confirmed_by_staff": by.staff}
    Batch.objects.filter(pk=batch.pk).update(**done, applied_at=clock.now(), applied_by=by)
    return batch


def kinds():
    find_doubts(by=Post.objects.the_system(), only=["identity", "loose", "amount", "unpaid"])
    return {doubt.kind: doubt for doubt in Doubt.objects.standing()}


def test_a_roll_brings_doubts_and_the_next_ones_take_them_back():
    paid, named = HouseholdFactory(), HouseholdFactory(alone=True)
    assistance(paid, since=date(2026, 1, 1))
    decided = assistance(HouseholdFactory(alone=True), since=date(2026, 1, 1))
    head = head_of(paid)
    other = {**row(head_of(named), amount="500.00"), "name": "虚另名"}
    somebody = stranger(amount="650.00")
    handed_in(date(2026, 7, 31), row(head, amount="700.00"), other, somebody)
    found = kinds()
    assert {kind: (doubt.household_id, doubt.program_id) for kind, doubt in found.items()} == {
        "identity": (named.pk, None),
        "amount": (paid.pk, "MZ01"),
        "loose": (None, "MZ01"),
    }
    assert found["loose"].resident.name == "虚新来"
    handed_in(date(2026, 8, 31), row(head, amount="600.00"), row(head_of(named), amount="500.00"), somebody)
    found = kinds()
    assert set(found) == {"loose", "unpaid"}
    assert found["unpaid"].evidence[0]["record"] == str(decided.pk)
    handed_in(date(2026, 9, 20), row(head, amount="600.00"), row(head_of(decided.household), amount="600.00"))
    assert set(kinds()) == set()
    assert Doubt.objects.get(kind="unpaid").reason.startswith("新数据表明：已列入名册")
    assert AssistanceRecord.objects.get(pk=decided.pk).source == "both"
    assert factories.head_of(paid).name not in str([doubt.evidence for doubt in Doubt.objects.all()])
