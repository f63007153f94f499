"""Each truth of a publicity's row, broken past form and verb."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from referrals.models import Publicity
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def up() -> Publicity:
    return ReferralFactory(program="MZ01", publicising=True).publicities.get()


def breaks(constraint: str, row: Publicity, **values: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Publicity.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("publicity_ends_its_days_after_posting", {"ends_on": date(2026, 9, 30)}),
        ("publicity_ends_its_days_after_posting", {"days": 6}),
        ("objection_says_who_when_and_what", {"objection": "有货车"}),
        ("objection_says_who_when_and_what", {"objected_at": F("posted_at"), "objected_by": F("posted_by")}),
        ("ended_publicity_has_its_ender", {"ended_at": F("posted_at")}),
        ("ended_publicity_has_its_ender", {"ended_by": F("posted_by")}),
        (
            "publicity_with_an_objection_ends_with_its_result",
            {
                "objection": "有货车", "objected_at": F("posted_at"), "objected_by": F("posted_by"), "ended_at": F("posted_at"),
                "ended_by": F("posted_by"), "objection_result": "founded",
            },
        ),
    ],
)  # fmt: skip
def test_truth(constraint, values):
    breaks(constraint, up(), **values)


def test_one_is_up_at_a_time():
    row = up()
    row.pk = None
    row._state.adding = True
    row.id = "00000000-0000-0000-0000-000000000009"
    with pytest.raises(IntegrityError, match="one_running_publicity_per_referral"), transaction.atomic():
        row.save(force_insert=True)
