"""Two hands on one application, or two applications for one beneficiary: exactly one wins, the other is told."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from config import clock as house_clock
from config.verbs import AlreadyHandled, TransitionError
from intake import transitions
from intake.models import Application, Request, SupplementNotice, Visit
from tests import cast
from tests.conftest import NOW
from tests.households.factories import form
from tests.intake.factories import ApplicationFactory, RequestFactory, VisitFactory, family, fill_in, people
from tests.intake.verbs import events, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def race(*verbs: Callable[[], object]) -> list[object]:
    """Each verb in a thread and a connection of its own, let go together; what each returned or was told."""
    start, outcomes = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(place: int, verb: Callable[[], object]) -> None:
        try:
            with house_clock.set_clock(NOW):
                start.wait(timeout=30)
                outcomes[place] = verb()
        except TransitionError as told:
            outcomes[place] = told
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def told(outcomes):
    return [outcome for outcome in outcomes if isinstance(outcome, TransitionError)]


def test_two_accept_at_once():
    application, clerks = ApplicationFactory(submitted=True), [cast.member("clerk"), cast.member("second_clerk")]
    outcomes = race(*(lambda by=by: transitions.accept(application_id=application.pk, by=by) for by in clerks))
    [loser] = told(outcomes)
    assert isinstance(loser, AlreadyHandled)
    assert fresh(application).accepted_by.staff.name in str(loser)
    assert len(events("application.accepted")) == 1
    assert len(events("verification.opened")) == 1
    assert len(events("paper.issued")) == 1


def test_accepted_or_told_what_is_missing_never_both():
    application = ApplicationFactory(submitted=True)
    clerk, second = cast.member("clerk"), cast.member("second_clerk")
    outcomes = race(
        lambda: transitions.accept(application_id=application.pk, by=clerk),
        lambda: transitions.ask_supplement(application_id=application.pk, lines=[(None, "收入情况说明")], by=second),
    )
    notices = SupplementNotice.objects.count()
    if fresh(application).status == "supplement":  # told first: acceptance is refused
        assert [len(told(outcomes)), notices] == [1, 1]
    else:  # accepted first: a notice after acceptance is lawful, and leaves it accepted
        assert (fresh(application).status, len(told(outcomes)), notices) == ("accepted", 0, 1)


def test_accepted_or_withdrawn_never_both():
    application = ApplicationFactory(submitted=True)
    outcomes = race(
        lambda: transitions.accept(application_id=application.pk, by=cast.member("clerk")),
        lambda: transitions.withdraw(application_id=application.pk, reason="不再需要", by=cast.member("second_clerk")),
    )
    assert len(told(outcomes)) == 1
    assert len(events("application.accepted")) + len(events("application.withdrawn")) == 1


def test_a_double_submission_has_one_effect():
    application, by = ApplicationFactory(filled=True), cast.member("clerk")
    outcomes = race(*[lambda: transitions.submit(application_id=application.pk, by=by)] * 2)
    assert len(told(outcomes)) == 1
    assert len(events("application.submitted")) == 1


def test_the_same_is_asked_at_two_windows_at_once():
    """The second waits at the household's lock and is told of the first, whatever the order."""
    household, by = family(), cast.member("clerk")
    form("promise")
    first, second = (ApplicationFactory(filled=True, household=household) for _ in range(2))
    outcomes = race(*(lambda pk=pk: transitions.submit(application_id=pk, by=by) for pk in (first.pk, second.pk)))
    [loser] = told(outcomes)
    [winner] = Application.objects.filter(status="submitted")
    assert winner.number in str(loser)


def test_a_child_asked_for_by_two_households_at_once():
    """A ward: the guardian's household and its own both ask. They meet at the ward's own household."""
    from datetime import date

    from households.models import Relative

    by = cast.member("clerk")
    home, other = family(children=1), family()
    child, guardian = people(home)[2], people(other)[0]
    Relative.objects.create(
        resident=child, relative=guardian, role="guardian", relation="97", since=date(2026, 1, 1), noted_at=house_clock.now(), noted_by=by
    )
    applications = [ApplicationFactory(drafted=True, household=household) for household in (home, other)]
    for application in applications:
        transitions.add_item(application_id=application.pk, program_code="MZ03", track_key="ordinary", resident_id=child.pk, by=by)
        fill_in(application)
    outcomes = race(*(lambda pk=pk: transitions.submit(application_id=pk, by=by) for pk in [a.pk for a in applications]))
    assert len(told(outcomes)) == 1


def test_numbers_run_on_without_a_gap():
    household, by = family(), cast.member("clerk")
    head = people(household)[0]
    race(*[lambda: transitions.draft(household_id=household.pk, applicant_id=head.pk, by=by)] * 3)
    assert sorted(Application.objects.values_list("number", flat=True)) == [f"SQ20260010000{n}" for n in (1, 2, 3)]


def test_two_answers_at_once():
    visit = VisitFactory()
    clerks = [cast.member("clerk"), cast.member("second_clerk")]
    outcomes = race(*(lambda by=by: transitions.answer(visit_id=visit.pk, text=f"{by.staff.name}的答复", by=by) for by in clerks))
    assert len(told(outcomes)) == 1
    assert Visit.objects.get().answered_by.staff.name in str(told(outcomes)[0])


def test_two_clerks_settle_one_request_at_once():
    request, (clerk, second) = RequestFactory(known=True), [cast.member("clerk"), cast.member("second_clerk")]
    whose = {"household_id": request.household_id, "applicant_id": request.resident_id}
    outcomes = race(
        lambda: transitions.accept_request(request_id=request.pk, **whose, by=clerk),
        lambda: transitions.return_request(request_id=request.pk, reason="缺电话", by=second),
    )
    [loser] = told(outcomes)
    request = Request.objects.get(pk=request.pk)
    assert isinstance(loser, AlreadyHandled)
    assert request.settled_by.staff.name in str(loser)
    assert Application.objects.count() == (request.status == "accepted")
