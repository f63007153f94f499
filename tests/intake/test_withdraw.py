"""No longer wanted, or nobody came back: before acceptance the window withdraws it, with the reason."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from config import clock
from config.verbs import AlreadyHandled
from deadlines.models import Duty
from intake import transitions
from intake.models import SupplementNotice
from tests.intake.factories import ApplicationFactory
from tests.intake.verbs import fail, fresh, the_event

pytestmark = pytest.mark.django_db


def withdraw(application, by, reason="不再需要"):
    return transitions.withdraw(application_id=application.pk, reason=reason, by=by)


@pytest.mark.parametrize("trait", ["drafted", "submitted", "supplemented"])
def test_it_works(second_clerk, trait):
    application = withdraw(ApplicationFactory(**{trait: True}), second_clerk)
    assert (application.status, application.ended_at, application.ended_by) == ("withdrawn", clock.now(), second_clerk)
    assert application.end_reason == "不再需要"
    assert not Duty.objects.open().about(application).exists()
    event = the_event("application.withdrawn")
    assert (event.by, event.note) == (second_clerk.staff, "不再需要")


def test_nobody_waits_for_its_notice_any_more(clerk):
    application = ApplicationFactory(supplemented=True)
    assert SupplementNotice.objects.open().get().application == application
    withdraw(application, clerk)
    assert not SupplementNotice.objects.open().exists()


def test_it_says_why(clerk, submitted):
    with pytest.raises(ValidationError) as refused:
        withdraw(submitted, clerk, " ")
    assert refused.value.message_dict["reason"]


def test_neighbours_and_colleagues_without_the_right(neighbour_clerk, approver, submitted):
    with pytest.raises(Http404):
        withdraw(submitted, neighbour_clerk)
    with pytest.raises(PermissionDenied):
        withdraw(submitted, approver)


def test_a_second_call_is_told_of_the_first(second_clerk):
    with pytest.raises(AlreadyHandled, match="甘晓窗.*已撤回"):
        withdraw(ApplicationFactory(withdrawn=True), second_clerk)


def test_the_event_fails_and_nothing_has_happened(clerk, submitted, monkeypatch):
    monkeypatch.setattr("intake.transitions.applications.record", fail)
    with pytest.raises(RuntimeError):
        withdraw(submitted, clerk)
    assert fresh(submitted).status == "submitted"
    assert Duty.objects.open().about(submitted).exists()
