"""需求评估, 初审, 综合救助意见: one form; a no gives its reason and stops nobody."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from intake import transitions
from intake.models import Assessment
from tests.intake import factories
from tests.intake.factories import ASSESSED, ApplicationFactory
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db


def test_it_works(second_clerk, draft):
    assessment = transitions.assess(application_id=draft.pk, fields=ASSESSED, by=second_clerk)
    assert (assessment.assessed_at, assessment.assessed_by, assessment.in_difficulty) == (clock.now(), second_clerk, True)
    event = the_event("application.assessed", draft)
    assert (event.by, event.new, event.note) == (second_clerk.staff, "初审：属于困难群众", ASSESSED["opinion"])


def test_saving_again_changes_what_changed_and_leaves_no_empty_line(clerk, draft):
    transitions.assess(application_id=draft.pk, fields=ASSESSED, by=clerk)
    transitions.assess(application_id=draft.pk, fields=ASSESSED, by=clerk)
    assert len(events("application.assessed")) == 1
    transitions.assess(application_id=draft.pk, fields={"health": "住院中"}, by=clerk)
    assert Assessment.objects.get().health == "住院中"
    assert len(events("application.assessed")) == 2


def test_what_is_no_field_of_the_form_is_not_written(clerk, draft, second_clerk):
    transitions.assess(application_id=draft.pk, fields={**ASSESSED, "assessed_by": second_clerk, "application": None}, by=clerk)
    assert Assessment.objects.get().assessed_by == clerk


def test_a_no_gives_its_reason_and_stops_nobody(clerk):
    application = ApplicationFactory(filled=True)
    no = {"in_difficulty": False, "opinion": "收入高于标准，本人仍要求申请"}
    transitions.assess(application_id=application.pk, fields=no, by=clerk)
    assert factories.submit(application, clerk).status == "submitted"


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"difficulties": []}, "difficulties", "."),
        ({"difficulties": ["laziness"]}, "difficulties", "."),
        ({"opinion": ""}, "opinion", "."),
        ({"cause": ""}, "cause", "."),
        ({"in_difficulty": None}, "in_difficulty", "请选择初审结论"),
        ({"labour": "strong"}, "labour", "."),
    ],
)
def test_each_rule_is_refused_beside_its_field(clerk, draft, changed, field, words):
    with pytest.raises(ValidationError, match=words) as refused:
        transitions.assess(application_id=draft.pk, fields={**ASSESSED, **changed}, by=clerk)
    assert field is None or field in refused.value.message_dict


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, draft):
    with pytest.raises(Http404):
        transitions.assess(application_id=draft.pk, fields=ASSESSED, by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        transitions.assess(application_id=draft.pk, fields=ASSESSED, by=approver)


def test_the_event_fails_and_nothing_has_happened(clerk, draft, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        transitions.assess(application_id=draft.pk, fields=ASSESSED, by=clerk)
    assert not Assessment.objects.exists()
