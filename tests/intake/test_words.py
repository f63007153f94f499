"""What the window writes in words goes into the record or onto paper: with an ID number it is refused, and nothing has happened."""

import pytest

from audit.models import Event
from config.verbs import TransitionError
from intake import transitions
from tests.households.factories import id_number
from tests.intake.factories import ApplicationFactory, VisitFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("refuse_acceptance", {"code": "not_here", "reason": "{}", "advice": "请到户籍地窗口申请。"}),
        ("refuse_acceptance", {"code": "not_here", "reason": "户籍在外县。", "advice": "{}"}),
        ("withdraw", {"reason": "{}"}),
        ("ask_supplement", {"lines": [(None, "{}")]}),
    ],
)
def test_of_an_application(clerk, verb, said):
    application = ApplicationFactory(submitted=True)
    number, before = id_number(), Event.objects.count()
    given = {name: [(None, number)] if name == "lines" else value.format(number) for name, value in said.items()}
    with pytest.raises(TransitionError, match="不要写证件号码"):
        getattr(transitions, verb)(application_id=application.pk, **given, by=clerk)
    application.refresh_from_db()
    assert (application.status, Event.objects.count()) == ("submitted", before)


def test_of_the_answer_that_is_printed(clerk):
    visit = VisitFactory()
    with pytest.raises(TransitionError, match="不要写证件号码"):
        transitions.answer(visit_id=visit.pk, text=f"{id_number()}请到医保窗口。", by=clerk)
    visit.refresh_from_db()
    assert visit.answered_at is None
