"""Each truth of the tables, broken past form and verb."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from tests.verification import factories
from verification.models import Investigator, Verification, VisitRequest

pytestmark = pytest.mark.django_db


def breaks(constraint: str, row: Verification, **values: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Verification.objects.filter(pk=row.pk).update(**values)


def test_a_household_has_one_that_is_not_finished(clerk):
    row = factories.pending()
    copy = Verification(
        number="X",
        household=row.household,
        unit=row.unit,
        opened_at=row.opened_at,
        opened_by=clerk,
        opened_for_label="x",
        opened_for_id="1",
    )
    with pytest.raises(IntegrityError, match="one_unfinished_verification_per_household"), transaction.atomic():
        copy.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("started_verification_has_its_starter", {"started_at": None}),
        ("started_verification_has_its_starter", {"started_by": None}),
        ("saved_verification_has_its_saver", {"noted_at": F("opened_at")}),
        ("saved_verification_has_its_saver", {"noted_by": F("opened_by")}),
        ("figures_of_a_finished_verification_are_facts", {"figures": {"income_per_head": "1.00"}}),
        ("finished_verification_is_whole", {"methods": []}),
        ("finished_verification_is_whole", {"finding": ""}),
        ("finished_verification_is_whole", {"conclusion": ""}),
        ("finished_verification_is_whole", {"family_situation": ""}),
        ("finished_verification_is_whole", {"economic_situation": ""}),
        ("finished_verification_is_whole", {"valid_until": None}),
        ("finished_verification_is_whole", {"finished_by": None}),
        ("only_a_finished_verification_is_done", {"status": "field"}),
        ("only_a_finished_verification_is_done", {"finished_at": None, "finished_by": None, "valid_until": None}),
    ],
)
def test_a_finished_one(constraint, values):
    breaks(constraint, factories.finished(), **values)


@pytest.mark.parametrize(
    "values", [{"ended_at": None}, {"ended_by": None}, {"end_reason": ""}, {"status": "pending"}, {"status": "checking"}]
)
def test_a_cancelled_one_says_who_when_and_why(values):
    breaks("cancelled_verification_says_who_when_and_why", factories.cancelled(), **values)


def test_what_is_not_cancelled_has_no_end():
    breaks("cancelled_verification_says_who_when_and_why", factories.pending(), end_reason="申请已撤回。")


def test_a_cancelled_one_does_not_bar_the_next():
    row = factories.cancelled()
    assert factories.pending(of=row.household) != row


def test_what_is_not_finished_is_not_done():
    breaks("only_a_finished_verification_is_done", factories.started(), status="done")


def test_numbers_are_given_once():
    breaks("verification_verification_number", factories.pending(), number=factories.pending().number)


def test_an_investigator_stands_once(clerk):
    row = factories.finished()
    with pytest.raises(IntegrityError, match="an_investigator_stands_once"), transaction.atomic():
        Investigator.objects.create(verification=row, staff_id=clerk.staff_id, unit=clerk.unit)


def test_a_finished_one_does_not_bar_the_next(clock):
    row = factories.finished()
    clock.forward(days=300)
    assert factories.pending(of=row.household).opened_at.date() > date(2027, 7, 1)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("visit_request_says_what_to_look_at", {"matter": ""}),
        ("another_township_is_asked_to_visit", {"asking_code": F("township_code")}),
        ("answer_to_a_visit_request_says_who_and_when", {"status": "withdrawn"}),
        ("answer_to_a_visit_request_is_whole", {"status": "answered", "answered_at": F("asked_at"), "answered_by": F("asked_by")}),
        ("declined_visit_request_says_why", {"status": "declined", "answered_at": F("asked_at"), "answered_by": F("asked_by")}),
    ],
)
def test_visit_request(constraint, values):
    row = factories.asked()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        VisitRequest.objects.filter(pk=row.pk).update(**values)


def test_a_township_is_asked_once_at_a_time():
    copy = VisitRequest.objects.get(pk=factories.asked().pk)
    copy.pk = uuid.uuid4()
    with pytest.raises(IntegrityError, match="one_open_visit_request_per_township"), transaction.atomic():
        copy.save(force_insert=True)
