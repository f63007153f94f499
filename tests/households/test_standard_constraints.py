"""Every truth of standards and budgets, broken once past form and verb."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from config import clock
from households.models import StandardChange, StandardLine
from households.transitions.standards import propose_standard
from organization.transitions.parameters import set_parameter
from tests.households.factories import ResidentFactory, assistance

pytestmark = pytest.mark.django_db
KEY = "living_subsidy_standard_mz02"


def broken(row, constraint, **changed):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changed)


@pytest.fixture
def change(civil_officer, platform_approver):
    set_parameter(key=KEY, value=90, valid_from=date(2026, 1, 1), origin="county", source="县标准", by=platform_approver)
    assistance(ResidentFactory(), "MZ02", amount=90, since=date(2026, 5, 1))
    return propose_standard(key=KEY, value=120, month=date(2026, 9, 1), document="忠民发〔2026〕9号", by=civil_officer)


def test_truths_of_a_change(change, platform_approver):
    answered = {"answered_at": clock.now(), "answered_by": platform_approver, "answered_by_staff": platform_approver.staff}
    broken(change, "standard_changes_from_a_months_first", month=date(2026, 9, 2))
    broken(change, "standard_change_names_its_paper", document="")
    broken(change, "answered_standard_change_says_who_and_when", status="confirmed")
    broken(
        change, "nobody_confirms_a_standard_of_their_own", status="confirmed", **answered | {"answered_by_staff": F("proposed_by_staff")}
    )
    broken(change, "standard_change_not_taken_says_why", status="declined", **answered)
    broken(change, "applied_standard_change_says_who_and_when", status="applied", **answered)
    twin = StandardChange.objects.get(pk=change.pk)
    twin.pk = None
    twin._state.adding = True
    twin.id = type(change)._meta.pk.get_default()
    with pytest.raises(IntegrityError, match="one_open_change_per_standard"), transaction.atomic():
        twin.save(force_insert=True)


def test_truths_of_a_line(change):
    line = StandardLine.objects.get()
    broken(line, "standard_line_has_an_amount_or_a_problem", amount=None)
    line.pk = None
    with pytest.raises(IntegrityError, match="one_standard_line_per_record"), transaction.atomic():
        line.save(force_insert=True)
