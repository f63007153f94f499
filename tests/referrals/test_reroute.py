"""Above the township's ceiling the county decides: the same referral, the same promise, another track (correction 2, ADR 0017)."""

from decimal import Decimal

import pytest

from config.verbs import TransitionError
from organization.models import Region
from tests import cast
from tests.referrals.acting import duties, fresh, notices, open_kinds, perform, refuse_without_its_line, start, the_event
from tests.referrals.factories import approver_of, handler_of, set_figure

pytestmark = pytest.mark.django_db
ABOVE = Decimal("2000.01")


@pytest.fixture
def referral(db):
    set_figure("township_ceiling_mz04", 2000)
    return start("decide")


def test_approval_above_the_ceiling_becomes_the_countys(referral, approver, civil_approver):
    [promise] = duties(referral, "promise")
    perform("decide", referral, amount=ABOVE)
    row = fresh(referral)
    assert (row.status, row.outcome, row.decided_at) == ("dispatched", "", None)
    assert (row.track.key, row.stage.name, row.unit) == ("above_ceiling", "县级审批", civil_approver.unit)
    left = referral.walked.order_by("pk").filter(left_at__isnull=False).last()
    assert (left.result, left.decided_by, left.unit) == ("rerouted", approver, approver.unit)
    assert left.opinion.startswith("拟救助2000.01元，超过乡镇（街道）审批限额2000元，改由县级审批。")
    assert duties(referral, "promise")[0].due_at == promise.due_at
    assert open_kinds(referral) == {"promise", "receive"}
    event = the_event("referral.rerouted", referral)
    assert (event.old, event.new, event.data) == ("忠州街道社会事务办", civil_approver.unit.short_name, {"track": "above_ceiling"})
    assert notices(referral, "referral.rerouted")[0].unit == civil_approver.unit


def test_at_the_ceiling_the_township_decides(referral):
    perform("decide", referral, amount=Decimal("2000"))
    assert fresh(referral).status == "decided"


def test_county_decides_it_without_a_second_publicity(referral):
    perform("decide", referral, amount=ABOVE)
    unit = fresh(referral).unit
    perform("take", referral, handler_of(unit))
    perform("propose", referral, handler_of(unit), amount=ABOVE)
    perform("decide", referral, approver_of(unit), amount=ABOVE)
    row = fresh(referral)
    assert (row.status, row.amount, row.decided_by) == ("decided", ABOVE, approver_of(unit))


def test_township_still_refuses_by_itself(referral):
    perform("decide", referral, outcome="refused")
    assert fresh(referral).status == "decided"


def test_four_eyes_hold_for_the_township_s_yes(referral):
    with pytest.raises(TransitionError, match="拟办意见是您提出的"):
        perform("propose", referral, cast.member("approver"))
        perform("decide", referral, amount=ABOVE)


def test_above_the_cap_as_well_is_marked_for_the_conference(referral):
    set_figure("program_cap_mz04", 20000)
    perform("decide", referral, amount=Decimal("25000"))
    assert fresh(referral).is_above_cap is True


def test_township_may_have_a_ceiling_of_its_own(referral):
    """LY-15: the power to approve is dated and may differ per township."""
    from config import clock
    from organization.models import Parameter

    Parameter.objects.create(
        key="township_ceiling_mz04", name="限额", value=5000, region=Region.objects.get(pk=cast.HOME), valid_from=clock.today(),
        origin="assumed", source="测试", set_at=clock.now(), set_by=cast.member("platform_approver"),
    )  # fmt: skip
    perform("decide", referral, amount=ABOVE)
    assert fresh(referral).status == "decided"


def test_without_a_figure_nothing_is_above_it():
    referral = start("decide")
    perform("decide", referral, amount=Decimal("9000"))
    assert fresh(referral).status == "decided"


def test_without_its_line_nothing_happens(referral, monkeypatch):
    monkeypatch.setattr("tests.referrals.acting.decision", lambda row, outcome: {"outcome": "approved", "amount": ABOVE})
    refuse_without_its_line(monkeypatch, "decide", referral)
