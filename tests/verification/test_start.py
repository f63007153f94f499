"""Starting: in time (C-03), by a handler of the township that does it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from audit.models import Event
from config import clock
from config.verbs import AlreadyHandled
from deadlines.models import Duty
from tests import cast
from tests.racing import race
from tests.verification import factories
from verification import transitions
from verification.transitions import work

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("methods", "status"),
    [
        ([], "checking"), (["matching"], "checking"), (["letters"], "checking"), (["home_visit"], "field"),
        (["matching", "neighbours"], "field"), (["meeting"], "field"),
    ],
)  # fmt: skip
def test_it_stands_among_people_or_over_papers(clerk, methods, status):
    row = transitions.start(verification_id=factories.pending().pk, methods=methods, by=clerk)
    assert (row.status, row.methods, row.started_by, row.started_at) == (status, methods, clerk, clock.now())


def test_it_leaves_one_event_and_closes_its_duty(clerk):
    row = factories.started(by=clerk)
    event = Event.objects.get(verb="verification.started")
    assert (event.subject_id, event.household_id, event.new, event.by_id) == (str(row.pk), row.household_id, "入户调查中", clerk.staff_id)
    assert str(event.application_id) == row.opened_for_id
    assert Duty.objects.about(row).get().outcome == "done"


def test_an_office_of_the_township_may_start_it(reviewer):
    assert transitions.start(verification_id=factories.pending().pk, by=reviewer).started_by == reviewer


def test_neighbours_and_departments_do_not_find_it(neighbour_clerk, officer, other_assistant):
    pk = factories.pending().pk
    for post in (neighbour_clerk, officer, other_assistant):
        with pytest.raises(Http404):
            transitions.start(verification_id=pk, by=post)


def test_who_sees_it_but_does_not_do_it_is_refused(approver, assistant, platform):
    pk = factories.pending().pk
    for post in (approver, assistant, platform):
        with pytest.raises(PermissionDenied):
            transitions.start(verification_id=pk, by=post)


def test_the_second_is_told_who_was_first(clerk, second_clerk):
    row = factories.started(by=clerk)
    with pytest.raises(AlreadyHandled, match=f"已由{clerk}于2026-09-24 10:00启动，现为“入户调查中”"):
        transitions.start(verification_id=row.pk, by=second_clerk)


def test_without_its_event_nothing_has_changed(clerk, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    row = factories.pending()
    monkeypatch.setattr(work, "record", fail)
    with pytest.raises(RuntimeError):
        transitions.start(verification_id=row.pk, by=clerk)
    row.refresh_from_db()
    assert (row.status, row.started_at) == ("pending", None)
    assert Duty.objects.about(row).get().closed_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_starts_it():
    pk, people = factories.pending().pk, (cast.member("clerk"), cast.member("second_clerk"))
    answers = race(*(lambda by=by: transitions.start(verification_id=pk, by=by) for by in people))
    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyHandled", "Verification"]
    assert Event.objects.filter(verb="verification.started").count() == 1
