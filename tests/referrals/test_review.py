"""定期复核: opened for every regular record by its class, done by a short verb, the next one opened (XX-25, C-14, C-15)."""

from datetime import date

import pytest
from django.http import Http404

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
    "classes": {"severely_ill_or_disabled": 12},
    "stable": 12,
}


@pytest.mark.parametrize(
    ("program", "setting", "is_severe", "months", "words"),
    [
        ("MZ01", "urban", False, 1, "城市低保"),
        ("MZ01", "rural", False, 3, "农村低保"),
        ("MZ01", "urban", True, 12, "低保，有重病重残人员"),
        ("MZ07", "rural", False, 12, "定期救助"),
    ],
)
def test_the_class_says_how_often(program, setting, is_severe, months, words):
    assert reviews.months_between(program, setting, is_severe=is_severe, **FIGURES) == months
    assert reviews.class_name(program, setting, is_severe=is_severe) == words


@pytest.fixture
def system(db):
    return Post.objects.the_system()


def due(record):
    return Duty.objects.open().about(record, "review").first()


def test_reviews_are_opened_for_whatever_lacks_one(system):
    poor, ward, once = aid(), ward_aid("MZ02"), aid("MZ04", cadence="once", until=date(2026, 5, 1))
    severe = aid()
    households.tag(households.head_of(severe.household), "severe_disability")
    changing = opened("stop").record
    assert transitions.open_reviews(by=system) == 3
    assert {record.pk: due(record) and due(record).limit for record in (poor, ward, once, severe, changing)} == {
        poor.pk: 3, ward.pk: 12, once.pk: None, severe.pk: 12, changing.pk: None,
    }  # fmt: skip
    duty = due(poor)
    assert (duty.unit, duty.due_at is not None, duty.url) == (cast.member("reviewer").unit, True, f"/records/{poor.pk}/")
    assert Event.objects.get(verb="reviews.opened").new == "3项"
    assert transitions.open_reviews(by=system) == 0


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
