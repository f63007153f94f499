"""Random walks of verbs over random families: nobody's request ever stands without a unit, without a clock, or without its record.

Whatever the verbs allow in whatever order, each open referral is held by a unit, has one stage where the table says so, and a duty that
runs; each ended one has no duty left; each step that was done has left its line, and each that was refused has left nothing.
"""

import os
from random import Random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404

from audit.models import Event
from config.verbs import TransitionError
from deadlines.models import Duty
from intake.models import Application
from organization.models import Post
from referrals import transitions
from referrals.models import Referral, ReferralStage
from referrals.transitions.edges import VERBS
from tests import cast
from tests.referrals.acting import STARTS, fresh, perform
from tests.referrals.factories import accepted, approver_of, handler_of
from tests.referrals.standing import faults
from tests.referrals.walking import SEVERAL, County

pytestmark = pytest.mark.django_db
PROGRAMS = ["MZ01", "MZ04", "CL01", "MZ02", "MZ09"]
STEPS = 30
# Ends are drawn less often than what leads on, or every walk would be short.
WEIGHTS = {"withdraw": 1, "terminate": 1, "push_for_ruling": 3, "dispute": 3}
REFUSED = (TransitionError, PermissionDenied, ValidationError, Http404)
# How many counties are walked through, from which seed on, and how far; a long night's run says more (`WALKS=200 WALK_STEPS=120`).
COUNTIES, FIRST = int(os.environ.get("WALKS", "2")), int(os.environ.get("WALK_FROM", "0"))
LONG = int(os.environ.get("WALK_STEPS", "50"))
WITHOUT_STAGE = {"returned", "disputed", "ruling", "decided", "fed_back"}


@pytest.mark.parametrize("seed", range(5))
def test_a_request_always_has_a_unit_a_clock_and_a_record(seed):
    rng = Random(seed)
    codes = rng.sample(PROGRAMS, 2)
    application = accepted([(code, "ordinary") for code in codes], verified=rng.random() < 0.8)
    walked = transitions.dispatch(application_id=application.pk, by=application.accepted_by)
    done = 0
    for _ in range(STEPS):
        referral = fresh(rng.choice(walked))
        legal = [verb for verb in STARTS if referral.status in VERBS[verb].begins]
        verbs = legal if legal and rng.random() < 0.8 else list(STARTS)  # mostly what the table allows, sometimes anything
        verb = rng.choices(verbs, [WEIGHTS.get(verb, 6) for verb in verbs])[0]
        by = rng.choice(people_at(referral))
        before = traces(application)
        try:
            with transaction.atomic():
                perform(verb, referral, by)
        except REFUSED:
            assert traces(application) == before, f"{verb} was refused and left something"
        else:
            done += 1
            assert Event.objects.filter(application_id=application.pk).count() > before[0], f"{verb} left no line"
        for row in Referral.objects.filter(application=application).select_related("stage", "unit"):
            assert_held(row)
    assert done >= 5, "a walk that hardly went a step shows nothing"
    assert_application(application)


def people_at(referral: Referral) -> list[Post]:
    """Who could be asked to do something: the unit at work, its window, the platform, and somebody who has no business here."""
    unit = [post for post in (handler_of(referral.unit), approver_of(referral.unit)) if post]
    return [*unit, *unit, cast.member("clerk"), cast.member("platform_approver"), cast.member("neighbour_approver")]


def traces(application: Application) -> list[object]:
    """All that a verb may leave."""
    return [
        Event.objects.filter(application_id=application.pk).count(),
        list(Referral.objects.filter(application=application).order_by("pk").values_list("status", "unit", "stage", "handler")),
        Duty.objects.count(),
        Duty.objects.open().count(),
    ]


def assert_held(row: Referral) -> None:
    where = f"{row.number} {row.program_id} {row.status}"
    running = set(Duty.objects.open().about(row).values_list("kind", flat=True))
    current = ReferralStage.objects.filter(referral=row, left_at=None)
    if not row.is_open:
        assert not running, f"{where}: ended, and still owed: {running}"
        assert not current.exists(), f"{where}: ended, and still at a stage"
        return
    assert row.unit_id, where
    assert running, f"{where}: nobody's clock runs"
    due = Duty.objects.open().about(row)
    assert all(duty.unit_id for duty in due), where
    if row.status in WITHOUT_STAGE:
        assert current.count() <= 1, where
    else:
        assert [stage.unit_id for stage in current] == [row.unit_id], f"{where}: at no stage, or at another unit's"
    assert Event.objects.about(row).exists(), where


def assert_application(application: Application) -> None:
    """It is open while anything of it is, and closed with the last."""
    application.refresh_from_db()
    is_running = Referral.objects.filter(application=application).open().exists()
    assert application.is_open == is_running, (application.status, is_running)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNTIES))
def test_whatever_is_done_in_a_county_nobody_is_lost(seed, clock):
    """Changes, stops, urgent aid, requests, disputes, lists, supplements, 家庭变动 and absences in any order: see `standing`."""
    county = County(seed, clock)
    done = 0
    for _ in range(LONG):
        before = Event.objects.count()
        if county.step():
            done += 1
        elif county.what not in SEVERAL:
            assert Event.objects.count() == before, f"refused, and left its line: {county.story[-1]}"
        wrong = faults()
        assert not wrong, "\n".join([*county.story[-25:], "", *wrong])
    assert done >= LONG / 3, "a walk that hardly went a step shows nothing"
