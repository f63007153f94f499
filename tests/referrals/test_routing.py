"""Which unit holds which stage (ZX-31 to ZX-33, correction 13)."""

from datetime import timedelta

import pytest

from config import clock
from config.verbs import TransitionError
from organization.models import Department, ReviewOffice, Unit
from programs.models import Program, Stage, Track
from referrals import permissions, routing
from referrals.conditions import nobody_can_decide
from tests import cast
from tests.referrals.acting import fresh, perform
from tests.referrals.factories import ReferralFactory

pytestmark = pytest.mark.django_db


def track(code, key="ordinary"):
    return Track.objects.get(version__program=code, version__published_at__isnull=False, key=key)


def unit_for(stage, code):
    window = cast.unit_of("township_window", cast.HOME)
    return routing.unit_of(stage, program=Program.objects.get(pk=code), window=window, on=clock.today())


@pytest.mark.parametrize(
    ("code", "road"),
    [
        ("MZ04", ["乡镇审核@社会事务办", "公示@窗口", "乡镇审批@社会事务办"]),
        ("MZ01", ["乡镇审核@社会事务办", "公示@窗口", "县级审核确认@MZ"]),
        ("MZ02", ["乡镇初审@社会事务办", "县残联审核@CL", "县级审定@MZ"]),
        ("CL01", ["县级审核@CL", "公示@CL", "县级决定@CL"]),
        ("XC02", ["村入户和评议@窗口", "公示@窗口"]),
    ],
)
def test_road_of_a_track(code, road):
    """What the window registers is passed in the act of acceptance; what a village does is registered by the window."""
    stage, walked = routing.first_stage(track(code)), []
    while stage:
        unit = unit_for(stage, code)
        where = (
            unit.department.code if unit.kind == "department" else "窗口" if unit.kind == "township_window" else unit.get_office_display()
        )
        walked.append(f"{stage.name}@{where}")
        stage = routing.stage_after(stage)
    assert walked[: len(road)] == road
    assert routing.deciding_stage(track(code)).act == "decide"


def test_every_stage_of_the_catalogue_has_its_unit():
    for stage in Stage.objects.filter(track__version__published_at__isnull=False).select_related("track__version__program", "department"):
        assert unit_for(stage, stage.track.version.program_id) is not None


def test_every_track_ends_with_its_decision():
    for row in Track.objects.filter(version__published_at__isnull=False, version__program__is_placeholder=False):
        assert routing.stage_after(routing.deciding_stage(row)) is None


def test_office_follows_the_dated_table():
    """ZX-33: from the day on which the table says so."""
    construction = Unit.objects.get(kind="township_office", region_id=cast.HOME, office="construction")
    civil = Department.objects.get(code="MZ")
    ReviewOffice.objects.filter(department=civil, township_id=cast.HOME).delete()
    ReviewOffice.objects.create(department=civil, township_id=cast.HOME, office=construction, valid_from=clock.today() + timedelta(days=1))
    stage, window = routing.first_stage(track("MZ04")), cast.unit_of("township_window", cast.HOME)
    program = Program.objects.get(pk="MZ04")
    today, tomorrow = clock.today(), clock.today() + timedelta(days=1)
    assert routing.unit_of(stage, program=program, window=window, on=today).office == "social_affairs"
    assert routing.unit_of(stage, program=program, window=window, on=tomorrow) == construction


def test_track_without_stages_is_named():
    empty = Track(pk=0, name="空白情形")
    with pytest.raises(TransitionError, match="“空白情形”没有设置办理环节"):
        routing.first_stage(empty)
    with pytest.raises(TransitionError, match="“空白情形”没有设置决定环节"):
        routing.deciding_stage(empty)


def test_stage_of_a_village_rules_on_nothing():
    stage = routing.first_stage(track("XC02"))
    assert permissions.is_registering(stage)
    assert not permissions.is_registering(routing.first_stage(track("MZ04")))


# ── four eyes that leave nobody ─────────────────────────────────────────────────────────────────────────────────────
def end_post(name, by):
    from organization.transitions import posts

    posts.end(post_id=cast.member(name).pk, reason="调离", by=by)


def is_stuck(referral):
    return nobody_can_decide(fresh(referral), referral.walked.current().first())


def test_somebody_can_decide_as_a_rule():
    assert not is_stuck(ReferralFactory(deciding=True))


def test_only_approver_who_proposed_leaves_nobody(security_administrator, approver):
    end_post("second_approver", security_administrator)
    referral = ReferralFactory(deciding_in_hand=True)
    assert not is_stuck(referral)
    perform("propose", referral, approver)
    assert is_stuck(referral)


def test_one_person_alone_cannot_propose_and_rule(security_administrator):
    referral = ReferralFactory(deciding_in_hand=True)
    for name in ("second_approver", "reviewer"):
        end_post(name, security_administrator)
    assert is_stuck(referral)


def test_window_that_publicises_needs_no_approver():
    assert not is_stuck(ReferralFactory(publicising=True))


@pytest.mark.parametrize("trait", ["returned", "approved", "confirmed", "withdrawn"])
def test_what_waits_for_no_ruling_is_no_alarm(trait):
    assert not is_stuck(ReferralFactory(**{trait: True}))
