"""What an approval writes: identities, and aid with the people it reaches (DESIGN 3, RULES F8)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from households.models import AssistanceRecord, IdentityTag
from households.transitions import assistance as record_verbs
from households.transitions import end_tag
from households.transitions import knowledge as tag_verbs
from tests import cast
from tests.racing import race

from . import factories
from .factories import HouseholdFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


@pytest.fixture
def household():
    return HouseholdFactory()


@pytest.fixture
def head(household):
    return factories.head_of(household)


def test_an_identity_is_vouched_for(platform, household, head, lines):
    row = factories.tag(head, "low_income")
    assert (row.unit, row.since, row.until, row.granted_by) == (platform.unit, TODAY, None, platform)
    [event] = lines("tag.granted")
    assert (event.household_id, phrase(event)) == (household.pk, "认定身份“低收入人口”，自2026-09-24")


def test_a_sensitive_identity_is_not_named_in_the_record(head, lines):
    factories.tag(head, "orphan")
    [event] = lines("tag.granted")
    assert "孤儿" not in str(vars(event))


def test_an_identity_stands_once(head):
    factories.tag(head, "low_income")
    with pytest.raises(TransitionError, match="“低收入人口”已经登记"):
        factories.tag(head, "low_income")


def test_an_identity_ends_once_and_may_come_again(platform, head, lines):
    row = end_tag(tag_id=factories.tag(head, "low_income").pk, on=TODAY, reason="收入增加", by=platform)
    assert (row.until, row.ended_by) == (TODAY, platform)
    assert phrase(lines("tag.ended")[0]) == "终止身份“低收入人口”，到2026-09-24：收入增加"
    with pytest.raises(AlreadyHandled, match="于2026-09-24终止"):
        end_tag(tag_id=row.pk, on=TODAY, by=platform)
    with pytest.raises(ValidationError, match="终止日期不能早于起始日期"):
        end_tag(tag_id=factories.tag(head, "border").pk, on=TODAY - timedelta(days=1), by=platform)
    factories.tag(head, "low_income", since=TODAY + timedelta(days=1))
    assert IdentityTag.objects.standing(TODAY + timedelta(days=1)).filter(kind="low_income").count() == 1


def test_aid_is_written_with_the_people_it_reaches(household, lines):
    row = factories.assistance(household, amount=1908)
    assert (row.source, row.since, row.cadence, row.coverage.count()) == ("decision", TODAY, "monthly", 3)
    [event] = lines("assistance_record.granted")
    assert event.household_id == household.pk
    assert phrase(event) == "登记救助“最低生活保障”：1908元，按月，自2026-09-24"


def test_aid_of_one_person_reaches_that_person(household, head):
    row = factories.assistance(head, "MZ03", covered=[])
    assert [c.resident for c in row.coverage.all()] == [head]
    assert list(AssistanceRecord.objects.about_household(household.pk)) == [row]


def test_regular_aid_of_a_period_is_given_once(household):
    factories.assistance(household)
    with pytest.raises(TransitionError, match="“最低生活保障”：同一项目的定期救助在这段时间已有记录"):
        factories.assistance(household, since=TODAY + timedelta(days=40))
    factories.assistance(household, "MZ04", cadence="once")
    factories.assistance(household, "MZ04", cadence="once")
    assert AssistanceRecord.objects.regular().count() == 1


def test_aid_says_how_much_or_what(household):
    with pytest.raises(ValidationError, match="请填写金额，或写明实物"):
        factories.assistance(household, amount=None)
    assert factories.assistance(household, amount=None, in_kind="棉被两床", cadence="once").in_kind == "棉被两床"


def test_the_event_fails_and_nothing_has_changed(household, head, failing_record):
    row = factories.tag(head, "border")
    failing_record(tag_verbs)
    failing_record(record_verbs)
    by = cast.member("platform")
    calls = (
        lambda: factories.tag(head, "low_income"),
        lambda: end_tag(tag_id=row.pk, on=TODAY, by=by),
        lambda: factories.assistance(household),
    )
    for call in calls:
        with pytest.raises(RuntimeError, match="no record"):
            call()
    assert IdentityTag.objects.get().until is None
    assert not AssistanceRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_grants_at_once_one_wins():
    household = HouseholdFactory()
    head = factories.head_of(household)
    for call, winner in (
        (lambda: factories.tag(head, "border"), "IdentityTag"),
        (lambda: factories.assistance(household), "AssistanceRecord"),
    ):
        answers = race(call, call)
        assert sorted(type(answer).__name__ for answer in answers) == sorted([winner, "TransitionError"])
