"""What dispatch and the last referral do to an application: inner verbs, called under the gates of the room above."""

import pytest

from config import clock
from config.verbs import AlreadyHandled
from deadlines.models import Duty
from intake import transitions
from tests.intake.factories import ApplicationFactory
from tests.intake.verbs import fail, fresh, the_event

pytestmark = pytest.mark.django_db


def test_it_sets_out(clerk, accepted):
    assert transitions.start_progress(application=accepted, by=clerk).status == "in_progress"
    assert the_event("application.started").application_id == accepted.pk


def test_it_closes_with_its_last_referral(approver):
    application = transitions.close(application=ApplicationFactory(in_progress=True), by=approver)
    assert (application.status, application.ended_at, application.ended_by) == ("closed", clock.now(), approver)
    assert the_event("application.closed").by == approver.staff


def test_it_is_stopped_with_the_reason(clerk, accepted):
    application = transitions.stop(application=accepted, status="terminated", reason="申请人去世", by=clerk)
    assert (application.status, application.end_reason) == ("terminated", "申请人去世")
    assert the_event("application.terminated").note == "申请人去世"


def test_a_notice_that_waits_ends_with_it(clerk):
    application = ApplicationFactory(in_progress=True)
    transitions.ask_supplement(application_id=application.pk, lines=[(None, "诊断证明")], by=clerk)
    transitions.close(application=application, by=clerk)
    assert Duty.objects.about(application, "supplement").get().outcome == "cancelled"


def test_a_stale_row_is_read_again_under_the_lock(clerk, accepted):
    transitions.start_progress(application=accepted, by=clerk)
    with pytest.raises(AlreadyHandled, match="办理中"):
        transitions.start_progress(application=accepted, by=clerk)


@pytest.mark.parametrize("verb", ["start_progress", "close", "stop"])
def test_the_event_fails_and_nothing_has_happened(clerk, verb, monkeypatch):
    application = ApplicationFactory(**{"accepted" if verb == "start_progress" else "in_progress": True})
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    given = {"status": "terminated", "reason": "不配合核查"} if verb == "stop" else {}
    with pytest.raises(RuntimeError):
        getattr(transitions, verb)(application=application, by=clerk, **given)
    assert fresh(application).status == application.status
