"""Every truth of doubts and their runs, broken once past form and verb."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from config import clock
from monitoring.models import Doubt, DoubtRun
from organization.models import Post
from tests.households.factories import HouseholdFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def system():
    return Post.objects.the_system()


@pytest.fixture
def doubt(clerk, system):
    return doubt_of(HouseholdFactory(), clerk.unit, system)


def doubt_of(household, unit, by, **changed):
    given = {
        "kind": "twice", "household": household, "unit": unit, "region_code": household.region_id, "township_code": household.township_code,
        "fingerprint": uuid4(), "status": "open", "found_at": clock.now(), "found_by": by, "opened_at": clock.now(), "opened_by": by,
    }  # fmt: skip
    return Doubt.objects.create(**{**given, **changed})


def broken(row, constraint, **changed):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**changed)


def test_doubt_is_of_one_holder_once(doubt, system):
    broken(doubt, "doubt_is_of_a_household_or_a_resident", household=None)
    with pytest.raises(IntegrityError, match="one_standing_doubt_of_a_kind"), transaction.atomic():
        doubt_of(doubt.household, doubt.unit, system)
    doubt_of(doubt.household, doubt.unit, system, kind="many")


def test_doubt_says_who_opened_and_closed_it(doubt):
    broken(doubt, "open_doubt_has_its_unit_and_opener", unit=None)
    broken(doubt, "open_doubt_has_its_unit_and_opener", opened_at=None)
    broken(doubt, "open_doubt_has_its_unit_and_opener", status="pool")
    broken(doubt, "closed_doubt_says_who_when_and_why", outcome="kept")
    closed = {"status": "closed", "closed_at": clock.now(), "closed_by": doubt.found_by, "outcome": "kept", "reason": "已核实。"}
    for missing in ({"closed_by": None}, {"outcome": ""}, {"reason": ""}):
        broken(doubt, "closed_doubt_says_who_when_and_why", **{**closed, **missing})


def test_run_ends_after_it_begins(system):
    run = DoubtRun.objects.create(as_of=clock.today(), begun_at=clock.now(), begun_by=system, finished_at=clock.now())
    broken(run, "doubt_run_ends_after_it_begins", finished_at=run.begun_at - timedelta(seconds=1))
