"""Every line of the window reads as a sentence; none holds a number or a full name of somebody."""

import json

import pytest

from audit.models import Event
from audit.presenters import phrase, subject_word
from intake.presenters import PHRASES
from tests.intake import factories
from tests.intake.factories import ApplicationFactory, VisitFactory

pytestmark = pytest.mark.django_db


def test_every_line_reads_as_a_sentence():
    visit = VisitFactory(known=True, answered=True)
    ApplicationFactory(closed=True, visit_id=visit.pk)
    for trait in ("supplemented", "not_accepted", "withdrawn", "terminated"):
        ApplicationFactory(**{trait: True})
    lines = [event for event in Event.objects.all() if event.subject_label.startswith("intake.") and event.verb in PHRASES]
    assert lines
    assert not [event.verb for event in lines if "{" in phrase(event) or "." in phrase(event)]
    assert not [event.subject_label for event in lines if "." in subject_word(event.subject_label)]
    assert {event.verb for event in Event.objects.filter(subject_label__startswith="intake.")} <= {*PHRASES}


def test_no_line_names_anybody_in_full():
    application = ApplicationFactory(accepted=True, helper_name="周帮办", helper_relation="邻居", helper_phone="13800138000")
    names = [*(person.name for person in factories.people(application.household)), "周帮办", "13800138000"]
    for event in Event.objects.filter(application_id=application.pk):
        said = json.dumps([event.subject_text, event.old, event.new, event.note, event.data], ensure_ascii=False)
        assert not [name for name in names if name in said], (event.verb, said)
