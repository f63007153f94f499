"""定期复核: opened for every regular record by its class, done by a short verb, the next one opened (XX-25, C-14, C-15)."""

from datetime import date

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from config.verbs import TransitionError
from deadlines.models import Duty
from households.models import AssistanceRecord
from organization.models import Post
from referrals import reviews, transitions
from tests import cast
from tests.households import factories as households
from tests.referrals.changing import aid, decided, opened, ward_aid

FIGURES = {
    "rhythm": {"mz01_urban": 1, "mz01_rural": 3},
    "classes": {"severely_ill_or_disabled": 12, "stable": 6, "able_to_work_urban": 1, "able_to_work_rural": 3},
    "national": {"stable": 12, "unstable_or_able_to_work": 6},
}


@pytest.mark.parametrize(
    ("program", "home", "months", "words"),
    [
        ("MZ01", {"setting": "urban"}, 1, "城市低保"),
        ("MZ01", {"setting": "rural", "is_unstable": True}, 3, "农村低保"),
        ("MZ01", {"setting": "urban", "is_severe": True}, 12, "低保，有重病重残人员"),
        ("MZ07", {"setting": "rural"}, 12, "定期救助，情况稳定"),
        ("MZ02", {"is_unstable": True}, 6, "定期救助，收入不稳定或有劳动能力"),
        ("MZ02", {"is_unstable": True, "is_severe": True}, 12, "定期救助，有重病重残人员"),
    ],
)
def test_the_class_says_how_often(program, home, months, words):
    home = reviews.Household(**home)
    assert reviews.months_between(program, home, **FIGURES) == months
    assert reviews.class_name(program, home) == words


@pytest.fixture
def system(db):
    return Post.objects.the_system()


def due(record):
    return Duty.objects.open().about(record, "review").first()


def test_reviews_are_opened_for_whatever_lacks_one(system, civil_officer):
    poor, ward, once = aid(), ward_aid("MZ02"), aid("MZ04", cadence="once", until=date(2026, 5, 1))
    severe, ill, able = aid(), aid(), ward_aid("MZ02")
    households.tag(households.head_of(severe.household), "severe_disability")
    households.fact(households.head_of(ill.household), "major_illness", True)
    households.fact(able.resident, "labour_capacity", "able")
    orphan = ward_aid("MZ09")
    changing = opened("stop").record
    assert transitions.open_reviews(by=system) == 6
    every = (poor, ward, once, severe, ill, able, orphan, changing)
    assert [due(record) and due(record).limit for record in every] == [3, 12, None, 12, 12, 6, 12, None]
    duty = due(poor)
    assert (duty.unit, duty.due_at is not None, duty.url) == (cast.member("reviewer").unit, True, f"/records/{poor.pk}/")
    assert Event.objects.get(verb="reviews.opened").new == "6项"
    assert transitions.open_reviews(by=system) == 0

    # what the township is not told of is reviewed by its department, which is let in for it
    assert (due(orphan).unit, orphan.program.seed_name in due(orphan).title) == (civil_officer.unit, False)
    with pytest.raises(Http404):
        transitions.review(record_id=orphan.pk, note="没有变化", by=cast.member("reviewer"))
    transitions.review(record_id=orphan.pk, note="入户核实，没有变化。", by=civil_officer)
    assert due(orphan).unit == civil_officer.unit


def test_reviews_take_the_same_statements_whatever_the_number(system):
    aid(), ward_aid("MZ09"), ward_aid("MZ02")
    with CaptureQueriesContext(connection) as few:
        transitions.open_reviews(by=system)
    for _ in range(3):
        aid(), ward_aid("MZ09"), ward_aid("MZ02")
    with CaptureQueriesContext(connection) as many:
        assert transitions.open_reviews(by=system) == 9
    assert len(many) <= len(few)  # the first asks some settings besides


def test_a_review_is_done_and_the_next_one_opens(system, reviewer):
    record = aid()
    transitions.open_reviews(by=system)
    first = due(record)
    transitions.review(record_id=record.pk, note="入户核实，家庭没有变化。", by=reviewer)
    assert (Duty.objects.get(pk=first.pk).outcome, due(record).limit) == ("done", 3)
    event = Event.objects.get(verb="assistance_record.reviewed")
    assert (event.note, event.data["class"]) == ("入户核实，家庭没有变化。", "农村低保")
    with pytest.raises(TransitionError, match="请写明复核情况"):
        transitions.review(record_id=record.pk, note=" ", by=reviewer)
    with pytest.raises(Http404):
        transitions.review(record_id=record.pk, note="没有变化", by=cast.member("neighbour_clerk"))

    referral = opened("stop", record, origin="review")  # what changes is opened as a change, which does the review
    assert due(record) is None
    with pytest.raises(TransitionError, match=f"转办单{referral.number}"):
        transitions.review(record_id=record.pk, note="没有变化", by=reviewer)
    decided(referral, until="decided", outcome="refused")
    assert transitions.open_reviews(by=system) == 0  # until whoever is concerned has been told
    assert AssistanceRecord.objects.get().until is None
