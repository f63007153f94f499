"""The demo's journeys: a seeding that was interrupted goes on where it was, and the shares walk all plans between them."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from config import clock
from intake.models import Request
from organization.demo import SHARES, share_of
from referrals import demo
from tests.intake.factories import ApplicationFactory

HOME = share_of("500233001")


@pytest.fixture
def walked(monkeypatch) -> list[demo.Plan]:
    """The plans that are walked, by nobody and nowhere."""
    plans: list[demo.Plan] = []

    def journey(plan: demo.Plan, *_: Any) -> Any:
        assert transaction.get_connection().in_atomic_block
        return SimpleNamespace(walk=lambda: plans.append(plan))

    monkeypatch.setattr(demo, "Desk", lambda: SimpleNamespace(family=lambda _: object()))
    monkeypatch.setattr(demo, "Journey", journey)
    monkeypatch.setattr(demo.demo_requests, "load_share", lambda *_: None)
    monkeypatch.setattr(demo.demo_tracks, "load_share", lambda *_: None)
    monkeypatch.setattr(demo.demo_registry, "load_share", lambda *_: None)
    monkeypatch.setattr(demo.demo_tour, "load_share", lambda *_: None)
    monkeypatch.setattr(demo.demo_tour, "load_disputes", lambda *_: None)
    monkeypatch.setattr(demo.demo_colleagues, "load_share", lambda *_: None)
    return plans


@pytest.mark.django_db
def test_the_shares_walk_each_plan_once(walked):
    for share in range(SHARES):
        demo.load_share(share, by=None)
    assert Counter(walked) == Counter(demo.PLANS)
    assert {share_of(plan.township) for plan in walked} == set(range(SHARES))


@pytest.mark.django_db
def test_what_has_been_walked_is_not_walked_again(clerk, walked):
    ApplicationFactory()
    demo.load_share(HOME, by=None)
    assert walked == [plan for plan in demo.PLANS if share_of(plan.township) == HOME][1:]


@pytest.mark.django_db
def test_requests_stand_in_every_state_and_are_made_once(clerk, monkeypatch):
    from tests import cast
    from tests.intake.factories import family

    for name, value in (("VILLAGE", cast.VILLAGE), ("DEPARTMENT", "CL")):
        monkeypatch.setattr(demo.demo_requests, name, value)
    family()
    for _ in range(2):
        demo.demo_requests.load_share(HOME, demo.Desk())
    assert Request.objects.count() == len(demo.demo_requests.PLANS)
    assert set(Request.objects.values_list("status", flat=True)) == set(Request.Status)


@pytest.mark.django_db
def test_the_other_tracks_stand_in_their_states_and_are_made_once(clerk, civil_approver):
    from households.transitions import grant_tag
    from referrals.models import ListEntry, UrgentAid, WaitingItem
    from tests.households.factories import head_of
    from tests.intake.factories import family

    listed = family()
    grant_tag(
        kind="extreme_poverty", resident=head_of(listed), unit=civil_approver.unit, since=clock.today(), decision_id=None, by=civil_approver
    )
    family()
    for _ in range(2):
        demo.demo_tracks.load_share(HOME, demo.Desk())
    assert UrgentAid.objects.count() == len(demo.demo_tracks.URGENT)
    assert set(UrgentAid.objects.values_list("status", flat=True)) == set(UrgentAid.Status)
    assert WaitingItem.objects.open().count() == 1
    assert ListEntry.objects.get().state == "confirmed"


@pytest.mark.django_db
def test_changes_of_the_register_wait_and_are_done_once(clerk):
    from households.models import RegistryChange, Unidentified
    from tests.households.factories import HouseholdFactory

    for _ in range(4):
        HouseholdFactory()
    for _ in range(2):
        demo.demo_registry.load_share(HOME, demo.Desk())
    done = sorted(RegistryChange.objects.values_list("kind", "status"))
    assert done == [("move", "confirmed"), ("move", "proposed"), ("split", "proposed"), ("void", "confirmed")]
    assert Unidentified.objects.count() == 1


@pytest.mark.django_db
def test_without_a_family_left_the_register_is_laid_once_and_leaves_what_people_began_alone(clerk):
    from households.models import RegistryChange, Unidentified
    from verification.models import VisitRequest

    ApplicationFactory(accepted=True)  # by somebody at work here, now: the demo's clock stands hours before it
    no_family = SimpleNamespace(**{name: getattr(demo.Desk(), name) for name in ("window", "person", "by_unit")}, family=lambda _: None)
    for _ in range(2):
        demo.demo_registry.load_share(HOME, no_family)
    assert (RegistryChange.objects.count(), Unidentified.objects.count(), VisitRequest.objects.count()) == (0, 1, 0)


@pytest.mark.django_db
def test_the_tour_asks_for_every_program_of_the_window_in_many_townships(clerk, monkeypatch):
    from intake.offers import offers

    tour, desk = demo.demo_tour, SimpleNamespace(window=lambda _: None, person=lambda *_: clerk)
    stops = tour._stops(desk)
    asked = {offer.program.code for offer in offers(clerk, clock.today()) if not offer.why_not}
    assert {stop.program for stop in stops} == asked - tour.TOLD_ELSEWHERE
    assert len({(stop.program, stop.township) for stop in stops}) == len(stops) > 120
    assert len({stop.township for stop in stops}) > 20


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["MZ02", "CL03"])
def test_the_tour_walks_whatever_stages_a_track_has(code, clerk, second_clerk, civil_approver):
    from intake.offers import chosen_by_people, offers
    from referrals.models import Referral
    from tests import cast
    from tests.intake.factories import family

    tour = demo.demo_tour
    [track, *_] = next(chosen_by_people(offer.version) for offer in offers(clerk, clock.today()) if offer.program.code == code)
    for acts in (0, 99):
        tour.Tour(tour.Stop(code, track, cast.HOME, acts, 20), demo.Desk(), family()).walk()
    assert sorted(Referral.objects.filter(program=code).values_list("status", flat=True)) == ["confirmed", "dispatched"]


@pytest.mark.django_db
def test_a_claim_waits_at_the_window_one_at_the_platform_one_for_the_convener_and_one_is_ruled_upon(clerk, platform_approver, monkeypatch):
    from organization.models import Post, Unit
    from referrals.models import Referral, Ruling
    from tests.intake.factories import family
    from tests.organization.factories import PostFactory

    for code in ("CL", "JW"):
        PostFactory(unit=Unit.objects.get(kind="department", department__code=code), rank=Post.Rank.HANDLER, granted=True)
    for _ in demo.demo_tour.DISPUTED:
        family()
    for _ in range(2):
        demo.demo_tour.load_disputes(HOME, demo.Desk())
    assert sorted(Referral.objects.values_list("status", flat=True)) == ["dispatched", "disputed", "ruling", "ruling"]
    assert sorted(Ruling.objects.values_list("needs_countersign", flat=True)) == [False, True]
