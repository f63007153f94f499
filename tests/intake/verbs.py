"""What the tests of every verb ask: which lines it left in the record, and how its failing event undoes it."""

from audit.models import Event
from intake.models import Application


def events(verb, subject=None):
    rows = Event.objects.filter(verb=verb)
    return list(rows.filter(subject_id=str(subject.pk)) if subject else rows)


def the_event(verb, subject=None):
    [event] = events(verb, subject)
    return event


def fresh(application):
    return Application.objects.get(pk=application.pk)


def fail(*_args, **_kwargs):
    raise RuntimeError("the record is closed")
