"""诚信承诺书: signed on a day, on the text of that day."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.verbs import TransitionError
from intake import transitions
from intake.models import Paper
from tests.households.factories import form
from tests.intake.factories import add
from tests.intake.verbs import events, fail, fresh, the_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def text(db):
    """The text is in force."""
    return form("promise")


def promise(application, by, day=None):
    return transitions.promise(application_id=application.pk, signed_on=day or clock.today(), by=by)


def test_it_works(second_clerk, draft, text):
    application = promise(draft, second_clerk)
    assert (application.promised_on, application.promise_form) == (clock.today(), text)
    event = the_event("application.promised", draft)
    assert (event.by, event.new, event.data) == (second_clerk.staff, "2026-09-24", {"form": text.number})


def test_its_paper_is_settled_by_it(clerk, draft):
    add(draft)
    assert draft.papers.get(material="promise").state == Paper.State.MISSING
    promise(draft, clerk)
    paper = draft.papers.get(material="promise")
    assert (paper.state, paper.settled_by) == (Paper.State.SEEN, clerk)


def test_a_wrong_day_is_corrected_and_the_same_day_leaves_no_line(clerk, draft):
    promise(draft, clerk)
    promise(draft, clerk)
    promise(draft, clerk, date(2026, 9, 23))
    assert fresh(draft).promised_on == date(2026, 9, 23)
    assert [event.old for event in events("application.promised")] == ["2026-09-24", ""]


def test_no_day_to_come_and_none_before_the_text(clerk, draft):
    with pytest.raises(ValidationError) as refused:
        promise(draft, clerk, date(2026, 9, 25))
    assert refused.value.message_dict["signed_on"]
    with pytest.raises(TransitionError, match="还没有启用的诚信承诺书"):
        promise(draft, clerk, date(1999, 1, 1))


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, draft):
    with pytest.raises(Http404):
        promise(draft, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        promise(draft, approver)


def test_the_event_fails_and_nothing_has_happened(clerk, draft, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        promise(draft, clerk)
    assert fresh(draft).promised_on is None
