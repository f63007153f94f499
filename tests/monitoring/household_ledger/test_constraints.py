"""Each truth of a closed ledger, broken past the verb."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from config import clock
from monitoring.models import LedgerCorrection, LedgerLine, LedgerMonth
from organization.models import Post

pytestmark = pytest.mark.django_db
DAY = date(2026, 8, 3)


def a_month(**changed):
    row = LedgerMonth(**{"month": date(2026, 8, 1), "closed_at": clock.now(), "closed_by": Post.objects.the_system(), **changed})
    row.save(force_insert=True)
    return row


def a_line(ledger, **changed):
    given = {
        "place": 1, "record_id": uuid.UUID(int=1), "region_code": "500233001991", "department_id": 1, "program_code": "MZ01", "unit_id": 1,
        "holder": "household", "cadence": "monthly", "since": DAY, "source": "roll", "updated_on": DAY,
    }  # fmt: skip
    LedgerLine(**{"ledger": ledger, **given, **changed}).save(force_insert=True)


def a_correction(ledger, **changed):
    given = {
        "place": 1, "kind": "added", "record_id": uuid.UUID(int=1), "region_code": "500233001991", "department_id": 1,
        "program_code": "MZ01", "unit_id": 1, "cadence": "monthly",
    }  # fmt: skip
    LedgerCorrection(**{"ledger": ledger, **given, **changed}).save(force_insert=True)


def refused(constraint):
    return pytest.raises(IntegrityError, match=constraint)


def test_ledger_month_names_a_month():
    with refused("ledger_month_names_a_month"):
        a_month(month=DAY)


def test_a_ledger_is_closed_once():
    a_month()
    with refused("a_ledger_is_closed_once"):
        a_month()


def test_one_ledger_line_per_place():
    a_line(ledger := a_month())
    with refused("one_ledger_line_per_place"):
        a_line(ledger, record_id=uuid.UUID(int=2))


def test_a_ledger_holds_a_person_of_a_record_once():
    """Also where nobody is known whom the record reaches."""
    a_line(ledger := a_month())
    with refused("a_ledger_holds_a_person_of_a_record_once"):
        a_line(ledger, place=2)


def test_one_ledger_correction_per_place():
    a_correction(ledger := a_month())
    with refused("one_ledger_correction_per_place"):
        a_correction(ledger)


def test_what_is_closed_is_frozen():
    """By trigger: not by a hand in the shell either."""
    a_line(ledger := a_month())
    a_correction(ledger)
    for model, field in ((LedgerMonth, "lines"), (LedgerLine, "size"), (LedgerCorrection, "place")):
        everything = model._base_manager.all()
        for change in (lambda of=everything: of._raw_delete(of.db), lambda of=everything, name=field: of.update(**{name: 7})):
            with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
                change()
