"""Acceptance opens one verification for the household (ZX-20), or finds the one that serves (ZX-40)."""

from datetime import date

import pytest

from audit.models import Event
from deadlines.models import Duty
from deadlines.rules import due_on
from tests import cast
from tests.racing import race
from tests.verification import factories
from verification.models import Verification
from verification.transitions import opening

pytestmark = pytest.mark.django_db


def test_it_is_opened_with_its_three_working_days(clerk):
    matter, family = factories.Matter(), factories.household()
    row = factories.pending(of=family, subject=matter, by=clerk)
    assert (row.status, row.unit, row.opened_by, row.number) == ("pending", clerk.unit, clerk, "HC202650023300100001")
    duty = Duty.objects.about(row).get()
    # Thursday 24 September: Friday to Sunday are Mid-Autumn, so Monday, Tuesday, Wednesday.
    assert (duty.kind, duty.unit, duty.title, duty.region_code) == (
        "start_verification",
        clerk.unit,
        "最低生活保障 张*明",
        clerk.unit.region_id,
    )
    assert (duty.limit, duty.rule, due_on(duty.due_at)) == (3, "working_days", date(2026, 9, 30))
    assert duty.url == row.get_absolute_url()
    event = Event.objects.get(verb="verification.opened")
    assert (event.subject_id, event.household_id, event.application_id, event.by_id) == (str(row.pk), family.pk, matter.pk, clerk.staff_id)


def test_the_one_under_way_serves_the_next_application(clerk):
    family, second = factories.household(), factories.Matter()
    first = factories.pending(of=family, by=clerk)
    assert factories.pending(of=family, subject=second, by=clerk) == first
    assert (Verification.objects.count(), Duty.objects.about(first).count()) == (1, 1)
    event = Event.objects.get(verb="verification.recognised")
    assert (event.application_id, event.household_id, event.new) == (second.pk, family.pk, first.number)


def test_two_households_have_one_each(clerk):
    assert factories.pending(by=clerk) != factories.pending(by=clerk)


def test_numbers_run_by_township_and_year(clerk, neighbour_clerk):
    factories.pending(by=clerk)
    assert factories.pending(by=clerk).number.endswith("00002")
    assert factories.pending(of=factories.household(code=neighbour_clerk.unit.region_id), by=neighbour_clerk).number.endswith("00200001")


@pytest.mark.django_db(transaction=True)
def test_of_two_acceptances_at_once_the_second_finds_what_the_first_opened():
    family, people = factories.household(), (cast.member("clerk"), cast.member("second_clerk"))
    first, second = race(*(lambda by=by: factories.pending(of=family, by=by) for by in people))
    assert first == second == Verification.objects.get()
    assert Duty.objects.about(first).count() == 1


def test_without_its_event_nothing_is_opened(clerk, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    family = factories.household()
    monkeypatch.setattr(opening, "record", fail)
    with pytest.raises(RuntimeError):
        factories.pending(of=family, by=clerk)
    assert not Verification.objects.exists()
    assert not Duty.objects.filter(kind="start_verification").exists()
