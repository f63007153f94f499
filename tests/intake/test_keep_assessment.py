"""暂存: what has been written of the assessment so far is kept, and counts only once it is whole."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from intake import transitions
from intake.models import Assessment
from tests.intake.factories import ASSESSED, ApplicationFactory
from tests.intake.verbs import events, fail, the_event

pytestmark = pytest.mark.django_db


def keep(application, by, **fields):
    return transitions.keep_assessment(application_id=application.pk, fields=fields, by=by)


def test_half_a_form_is_kept(clerk, draft):
    assessment = keep(draft, clerk, cause="房子漏雨", difficulties=[])
    assert (assessment.cause, assessment.assessed_at, assessment.assessed_by, assessment.is_whole) == ("房子漏雨", None, None, False)
    assert str(assessment) == "初审：还没有结论"
    assert the_event("application.assessment_kept", draft).by == clerk.staff


def test_the_same_again_leaves_no_line(clerk, draft):
    for _ in range(2):
        keep(draft, clerk, cause="房子漏雨")
    assert len(events("application.assessment_kept")) == 1


def test_kept_work_is_finished_by_assess(clerk, second_clerk, draft):
    keep(draft, clerk, **{**ASSESSED, "opinion": ""})
    with pytest.raises(ValidationError) as lacking:
        transitions.assess(application_id=draft.pk, fields={}, by=second_clerk)
    assert list(lacking.value.message_dict) == ["opinion"]
    finished = transitions.assess(application_id=draft.pk, fields={"opinion": ASSESSED["opinion"]}, by=second_clerk)
    assert (finished.assessed_by, finished.is_whole) == (second_clerk, True)


def test_finished_work_that_loses_a_part_counts_no_more(clerk):
    application = ApplicationFactory(filled=True)
    keep(application, clerk, opinion="")
    with pytest.raises(Exception, match="还没有填完需求评估"):
        transitions.submit(application_id=application.pk, by=clerk)


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, draft):
    with pytest.raises(Http404):
        keep(draft, neighbour_clerk, cause="房子漏雨")
    with pytest.raises(PermissionDenied):
        keep(draft, approver, cause="房子漏雨")


def test_what_is_no_choice_is_refused(clerk, draft):
    with pytest.raises(ValidationError):
        keep(draft, clerk, labour="strong")


def test_the_event_fails_and_nothing_has_happened(clerk, draft, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        keep(draft, clerk, cause="房子漏雨")
    assert not Assessment.objects.exists()
