"""终止: no cooperation, or the applicant has died (C-17): an approver's act, never the window's."""

import pytest
from django.core.exceptions import PermissionDenied

from config.verbs import AlreadyHandled, TransitionError
from intake.models import Application
from referrals import transitions
from tests import cast
from tests.referrals.acting import fresh, notices, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory, referrals

pytestmark = pytest.mark.django_db


def test_procedure_ends_without_a_decision(approver):
    referral = start("terminate")
    perform("terminate", referral)
    row = fresh(referral)
    assert (row.status, row.ended_by, row.end_reason, row.outcome) == ("terminated", approver, "申请人去世。", "")
    assert the_event("referral.terminated", referral).note == "申请人去世。"
    assert open_kinds(referral) == set()
    assert Application.objects.get(pk=referral.application_id).status == "closed"


def test_window_is_told(clerk):
    referral = start("terminate")
    perform("terminate", referral)
    assert [notice.unit for notice in notices(referral, "referral.terminated")] == [clerk.unit]


@pytest.mark.parametrize("who", ["civil_approver", "second_approver"])
def test_approvers_of_the_unit_at_work_and_of_the_township(who):
    referral = ReferralFactory(program="MZ01", deciding=True)
    perform("terminate", referral, cast.member(who), reason="拒不配合核查。")
    assert fresh(referral).status == "terminated"


def test_others_do_not():
    refuse_outsiders("terminate", start("terminate"), "reviewer", "clerk", "platform_approver")


def test_department_whose_turn_is_over_does_not(department_approver):
    referral = ReferralFactory(program="CL01", in_hand=True)
    perform("terminate", referral, department_approver)
    assert fresh(referral).status == "terminated"


def test_reason_is_required():
    with pytest.raises(TransitionError, match="请写明终止的原因"):
        perform("terminate", start("terminate"), reason="")


def test_what_is_decided_stands():
    with pytest.raises(AlreadyHandled, match="不能再终止"):
        perform("terminate", ReferralFactory(fed_back=True))


def test_whole_application_by_an_approver_of_the_township(approver, clerk):
    rows = referrals(["MZ04", "MZ01"], received=True)
    with pytest.raises(PermissionDenied):
        transitions.terminate_application(application_id=rows[0].application_id, reason="申请人去世。", by=clerk)
    application = transitions.terminate_application(application_id=rows[0].application_id, reason="申请人去世。", by=approver)
    assert (application.status, {fresh(row).status for row in rows}) == ("terminated", {"terminated"})


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "terminate", start("terminate"))
