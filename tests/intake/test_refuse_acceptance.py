"""Not accepted: for two causes alone, in writing, with where to turn."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.verbs import AlreadyHandled
from deadlines.models import Duty
from documents.models import IssuedDocument
from intake import transitions
from tests.intake.factories import ApplicationFactory
from tests.intake.verbs import fail, fresh, the_event

pytestmark = pytest.mark.django_db
REASONS = {"code": "not_here", "reason": "长期居住在外县", "advice": "请到居住地乡镇申请"}


def refuse(application, by, **changed):
    return transitions.refuse_acceptance(application_id=application.pk, by=by, **{**REASONS, **changed})


def test_it_works(second_clerk, submitted):
    application = refuse(submitted, second_clerk)
    assert (application.status, application.not_accepted_code) == ("not_accepted", "not_here")
    assert (application.ended_at, application.ended_by) == (clock.now(), second_clerk)
    assert (application.end_reason, application.end_advice) == ("长期居住在外县", "请到居住地乡镇申请")
    event = the_event("application.not_accepted")
    assert (event.by, event.note, event.data) == (second_clerk.staff, "长期居住在外县", {"code": "not_here"})


def test_it_is_handed_out_in_writing_with_where_to_turn(clerk, submitted):
    refuse(submitted, clerk)
    paper = IssuedDocument.objects.about(submitted).get()
    assert (paper.kind, paper.data["reason"], paper.data["explanation"]) == ("not_accepted_notice", "不属于本辖区", "长期居住在外县")
    assert paper.data["turn_to"] == ["请到居住地乡镇申请"]
    assert paper.data["programs"] == ["临时救助"]


@pytest.mark.parametrize(("field", "value"), [("code", "not_poor"), ("code", ""), ("reason", " "), ("advice", "")])
def test_each_rule_is_refused_beside_its_field(clerk, submitted, field, value):
    with pytest.raises(ValidationError) as refused:
        refuse(submitted, clerk, **{field: value})
    assert list(refused.value.message_dict) == [field]
    assert fresh(submitted).status == "submitted"


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, submitted):
    with pytest.raises(Http404):
        refuse(submitted, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        refuse(submitted, approver)


def test_a_second_call_is_told_of_the_first(clerk, second_clerk):
    application = ApplicationFactory(not_accepted=True)
    with pytest.raises(AlreadyHandled, match="甘晓窗.*不予受理"):
        refuse(application, second_clerk)


def test_the_clock_ends(clerk, submitted):
    refuse(submitted, clerk)
    assert Duty.objects.about(submitted).get().outcome == "done"


def test_the_event_fails_and_nothing_has_happened(clerk, submitted, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        refuse(submitted, clerk)
    assert fresh(submitted).status == "submitted"
    assert Duty.objects.open().about(submitted).exists()
