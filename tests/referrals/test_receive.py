"""签收: for the whole unit, by anybody of it (XX-10; SECURITY: signing is free within the unit)."""

import pytest

from config import clock as house_clock
from config.verbs import AlreadyHandled
from deadlines.rules import due_on
from tests import cast
from tests.referrals.acting import duties, fresh, open_kinds, perform, refuse_outsiders, refuse_without_its_line, start, the_event
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["reviewer", "approver"])
def test_anybody_of_the_unit_signs(who):
    referral, by = start("receive"), cast.member(who)
    perform("receive", referral, by)
    row = referral.walked.get()
    assert fresh(referral).status == "received"
    assert (row.received_at, row.received_by, row.received_by_staff) == (house_clock.now(), by, by.staff)
    assert the_event("referral.received", referral).by == by.staff


def test_department_signs_for_its_own():
    referral = ReferralFactory(program="CL01")
    perform("receive", referral, cast.member("officer"))
    assert fresh(referral).status == "received"


def test_others_do_not():
    refuse_outsiders("receive", start("receive"), "clerk", "second_clerk", "platform", "platform_approver")


def test_stage_counts_from_arrival_not_from_signing(clock):
    """Lateness is charged to the unit: who signs late has less time left (DESIGN 6)."""
    referral = start("receive")
    arrived = referral.arrived_at
    clock.forward(days=5)
    perform("receive", referral)
    [receive], [stage] = duties(referral, "receive"), duties(referral, "stage")
    assert (receive.outcome, receive.closed_at) == ("done", house_clock.now())
    assert receive.due_at < receive.closed_at, "signed for late: charged to the unit"
    assert (stage.starts_at, stage.limit, stage.kind_name, stage.unit) == (arrived, 6, "乡镇审核", referral.unit)
    assert str(due_on(stage.due_at)) == "2026-10-10", "9/24 arrival; 9/25-27 and 10/1-7 are holidays, 10/10 is worked"
    assert open_kinds(referral) == {"promise", "stage"}


def test_colleague_is_told_who_was_first():
    referral = start("receive")
    perform("receive", referral)
    with pytest.raises(AlreadyHandled, match="甘经办.*于2026-09-24 10:00签收，不能再签收"):
        perform("receive", referral, cast.member("approver"))


def test_without_its_line_nothing_happens(monkeypatch):
    refuse_without_its_line(monkeypatch, "receive", start("receive"))
