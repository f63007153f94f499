"""The answer ends the clock; late blocks nothing (XX-22)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock as house_clock
from config.verbs import AlreadyHandled
from deadlines.models import Duty, OutboxMessage
from intake import transitions
from intake.models import Visit
from tests.intake.factories import ApplicationFactory, VisitFactory
from tests.intake.verbs import fail, the_event

pytestmark = pytest.mark.django_db


def test_it_works(second_clerk, clock):
    visit = VisitFactory(known=True)
    clock.forward(minutes=9)
    visit = transitions.answer(visit_id=visit.pk, text="可以申请临时救助，带身份证和票据。", by=second_clerk)
    assert (visit.answered_at, visit.answered_by, visit.is_open) == (house_clock.now(), second_clerk, False)
    event = the_event("visit.answered")
    assert (event.by, event.data) == (second_clerk.staff, {"minutes": 9, "mode": "seated"})


def test_late_blocks_nothing(clerk, clock):
    visit = VisitFactory()
    clock.forward(hours=3)
    assert transitions.answer(visit_id=visit.pk, text="已说明。", by=clerk).answered_at
    assert the_event("visit.answered").new == "180分钟"


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver):
    visit = VisitFactory()
    with pytest.raises(Http404):
        transitions.answer(visit_id=visit.pk, text="已说明。", by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        transitions.answer(visit_id=visit.pk, text="已说明。", by=approver)


def test_a_second_answer_is_told_of_the_first(clerk, second_clerk):
    visit = VisitFactory(answered=True)
    with pytest.raises(AlreadyHandled, match="甘晓窗"):
        transitions.answer(visit_id=visit.pk, text="另一个答复", by=second_clerk)


def test_an_answer_says_something(clerk):
    with pytest.raises(ValidationError) as refused:
        transitions.answer(visit_id=VisitFactory().pk, text="  ", by=clerk)
    assert refused.value.message_dict["text"]


def test_the_event_fails_and_nothing_has_happened(clerk, monkeypatch):
    visit = VisitFactory()
    monkeypatch.setattr("intake.transitions.visits.record", fail)
    with pytest.raises(RuntimeError):
        transitions.answer(visit_id=visit.pk, text="已说明。", by=clerk)
    visit.refresh_from_db()
    assert visit.is_open


def test_it_opens_no_clock_and_tells_nobody(clerk):
    VisitFactory(answered=True)
    assert not Duty.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("state", "title"), [("accepted", "受理通知书"), ("not_accepted", "不予受理告知书"), ("supplemented", "一次性告知书")]
)
def test_what_is_printed_for_the_application_ends_the_clock(clerk, state, title):
    visit = VisitFactory(known=True)
    application = ApplicationFactory(household=visit.household, visit_id=visit.pk, **{state: True})
    visit.refresh_from_db()
    assert (visit.answered_by, visit.answered_at) == (clerk, house_clock.now())
    assert application.number in visit.answer
    assert title in visit.answer


def test_a_draft_answers_nothing_and_an_answer_stands(clerk):
    visit = VisitFactory(known=True)
    application = ApplicationFactory(household=visit.household, visit_id=visit.pk, submitted=True)
    visit.refresh_from_db()
    assert visit.is_open
    transitions.answer(visit_id=visit.pk, text="先回去等通知。", by=clerk)
    transitions.accept(application_id=application.pk, by=clerk)
    visit.refresh_from_db()
    assert visit.answer == "先回去等通知。"


def test_the_card_of_an_application_ends_the_clock_of_a_visit_that_is_still_open(clerk):
    visit = VisitFactory(known=True)
    application = ApplicationFactory(household=visit.household, visit_id=visit.pk, accepted=True)
    Visit.objects.filter(pk=visit.pk).update(answered_at=None, answered_by=None, answer="")
    transitions.hand_out_application_card(application_id=application.pk, by=clerk)
    visit.refresh_from_db()
    assert "救助明白卡" in visit.answer
