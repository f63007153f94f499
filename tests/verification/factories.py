"""Verifications in every state, reached by the verbs, and a household to verify."""

import itertools
from datetime import date
from random import Random
from typing import Any
from uuid import UUID, uuid4

from config import clock
from config.protection.sealing import seal
from config.protection.synthetic import synthetic_id_number
from households.models import Household, Membership, Resident
from organization.models import Post, Unit
from tests import cast
from verification import transitions
from verification.models import Verification

_numbers = itertools.count(1)
PEOPLE = (("张小明", "02", date(1968, 5, 4)), ("李秀芳", "10", date(1970, 8, 1)), ("张小宝", "20", date(2015, 3, 9)))


def household(code: str = cast.VILLAGE, people: Any = PEOPLE, by: Post | None = None) -> Household:
    """A family of a village: name, relation to the head, birthday of each."""
    by, now = by or cast.member("clerk"), clock.now()
    row = Household.objects.create(
        number=f"H{next(_numbers):06d}", region_id=code, setting="rural", address="一组12号", opened_at=now, opened_by=by,
        revised_at=now, revised_by=by,
    )  # fmt: skip
    for name, relation, birth_on in people:
        Membership.objects.create(
            household=row, resident=resident(name, birth_on, code, by), relation=relation, since=date(2020, 1, 1), added_at=now, added_by=by
        )
    return row


def resident(name: str, birth_on: date, code: str, by: Post) -> Resident:
    row = Resident(name=name, sex="1", birth_on=birth_on, region_id=code, is_synthetic=True, entered_at=clock.now(), entered_by=by)
    seal(row, id_number=synthetic_id_number(Random(next(_numbers)), birth_on, "1"))
    row.save()
    return row


class Matter:
    """What a verification is opened for, known by label and id alone: an application stands above this room."""

    class _meta:
        label_lower = "intake.application"

    def __init__(self) -> None:
        self.pk: UUID = uuid4()


def pending(of: Household | None = None, unit: Unit | None = None, by: Post | None = None, **changed: Any) -> Verification:
    """Opened as an acceptance opens it."""
    by = by or cast.member("clerk")
    given = {"subject": Matter(), "title": "最低生活保障 张*明", **changed}
    return transitions.open_for(household=of or household(), unit=unit or by.unit, by=by, **given)


def started(*methods: str, by: Post | None = None, **changed: Any) -> Verification:
    by = by or cast.member("clerk")
    row = pending(by=by, **changed)
    return transitions.start(verification_id=row.pk, methods=methods or ("matching", "home_visit"), by=by)
