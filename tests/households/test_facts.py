"""Facts: noted once with how, when, until; superseded, never edited; leaned on (ZX-30, ZX-40)."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.presenters import phrase
from config.protection.sealing import open_sealed
from config.verbs import TransitionError
from households.models import Fact, FactUse
from households.transitions import knowledge as verbs
from households.transitions import lean_on, let_in, note_fact
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


def noted(by, kind="enrolled", value=True, **given):
    return note_fact(**{"kind_key": kind, "value": value, "how": "register", "found_on": TODAY, "by": by, **given})


def test_a_fact_is_noted_with_how_and_how_long(clerk, household, head, lines):
    row = noted(clerk, resident=head, source=" 学籍库 ", valid_until=date(2027, 8, 31), detail="虚构小学三年级")
    assert (row.kind_id, row.value, row.source, row.valid_until, row.found_by) == ("enrolled", True, "学籍库", date(2027, 8, 31), clerk)
    assert (str(row.detail), open_sealed(row, "detail")) == ("已填写", "虚构小学三年级")
    [event] = lines("fact.noted")
    assert (event.household_id, phrase(event)) == (household.pk, "登记已知事项“在校就读”（部门数据）：是")


def test_a_sensitive_value_stays_out_of_the_record(clerk, household, head, lines):
    noted(clerk, "income_per_head", "412.5", household=household, source="服装厂工资单", detail="务工收入")
    [event] = lines("fact.noted")
    for words in ("412.5", "服装厂", "务工"):
        assert words not in str(vars(event)), words


def test_a_newer_one_of_the_same_way_takes_its_place(clerk, head, lines, clock):
    first = noted(clerk, resident=head)
    other_way = noted(clerk, resident=head, how="visit")
    lean_on(fact=first, subject=head, by=clerk)
    clock.forward(days=1)
    second = noted(clerk, value=False, resident=head, found_on=date(2026, 9, 25))
    first.refresh_from_db()
    assert (first.superseded_by, first.successor, first.value) == (clerk, second, True)
    assert set(Fact.objects.standing()) == {second, other_way}
    assert lines("fact.noted")[-1].data | {"superseded": str(first.pk), "uses": 1} == lines("fact.noted")[-1].data


def test_an_older_one_does_not_take_the_place_of_a_newer(clerk, head):
    """By hand it is refused; a visit written up late is left out. What has expired stands in nobody's way."""
    standing = noted(clerk, resident=head)
    with pytest.raises(TransitionError, match="已有2026-09-24查得的记录，填写的查得日期2026-09-20更早"):
        noted(clerk, value=False, resident=head, found_on=date(2026, 9, 20))
    assert noted(clerk, value=False, resident=head, found_on=date(2026, 9, 20), yields=True) == standing
    assert list(Fact.objects.all()) == [standing]
    Fact.objects.update(found_on=date(2026, 9, 10), valid_until=date(2026, 9, 12))
    assert noted(clerk, resident=head, found_on=date(2026, 9, 5)) == Fact.objects.standing().get()


def test_what_has_expired_stands_but_is_not_valid(clerk, head, clock):
    row = noted(clerk, resident=head, valid_until=TODAY)
    assert list(Fact.objects.valid(TODAY)) == [row]
    assert list(Fact.objects.standing()) == [row]
    assert not Fact.objects.valid(TODAY + timedelta(days=1)).exists()
    assert not Fact.objects.valid(TODAY - timedelta(days=1)).exists()


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"kind": "no_such"}, "kind", "没有这种事项"),
        ({"value": "yes"}, "value", "请选择"),
        ({"found_on": date(2026, 9, 25)}, "found_on", "不能晚于今天"),
        ({"kind": "income_per_head", "value": "1.00"}, "kind", "是家庭的事项"),
    ],
)
def test_a_wrong_fact_is_refused_beside_its_field(clerk, head, changed, field, sentence):
    with pytest.raises(ValidationError, match=sentence) as refused:
        noted(clerk, resident=head, **changed)
    assert list(refused.value.message_dict) == [field]


def test_validity_before_finding_is_refused(clerk, head):
    with pytest.raises(ValidationError, match="有效期不能早于查得日期"):
        noted(clerk, resident=head, valid_until=date(2026, 9, 23))


def test_a_fact_is_of_one(clerk, household, head):
    with pytest.raises(ValidationError, match="请登记到个人"):
        noted(clerk, resident=head, household=household)


def test_noting_needs_gate_and_right(neighbour_clerk, officer, neighbour_officer, approver, head, household, clerk):
    for by in (neighbour_clerk, officer):
        with pytest.raises(Http404):
            noted(by, resident=head)
    with pytest.raises(PermissionDenied):
        noted(approver, resident=head)
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    with pytest.raises(PermissionDenied):
        noted(officer, resident=head)
    assert noted(officer, "disability_level", "2", resident=head).value == "2"


def test_an_approver_writes_what_was_decided(approver, head):
    decision = UUID("00000000-0000-4000-8000-000000000001")
    assert noted(approver, resident=head, how="decision", decision_id=decision).decision_id == decision


def test_a_decision_reaches_somebody_without_a_household(department_approver, lines):
    loose, decision = factories.ResidentFactory(name="孤身客"), UUID("00000000-0000-4000-8000-000000000001")
    with pytest.raises(Http404):
        noted(department_approver, "disability_card", resident=loose)
    assert noted(department_approver, "disability_card", resident=loose, how="decision", decision_id=decision).resident == loose
    assert lines("fact.noted")[-1].household_id is None


def test_leaning_is_noted_once_for_a_subject(clerk, head, lines):
    row = noted(clerk, resident=head)
    assert lean_on(fact=row, subject=head, by=clerk) == lean_on(fact=row, subject=head, by=clerk)
    assert FactUse.objects.count() == 1
    assert [phrase(event) for event in lines("fact.leaned_on")] == ["凭已知事项“在校就读”免提交材料"]


def test_the_event_fails_and_nothing_has_changed(clerk, head, failing_record):
    first = noted(clerk, resident=head)
    failing_record(verbs)
    for call in (lambda: noted(clerk, value=False, resident=head), lambda: lean_on(fact=first, subject=head, by=clerk)):
        with pytest.raises(RuntimeError, match="no record"):
            call()
    assert list(Fact.objects.all()) == [first]
    assert not FactUse.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_notes_at_once_supersede_one_after_the_other():
    head = factories.head_of(HouseholdFactory())
    people = cast.member("clerk"), cast.member("second_clerk")
    answers = race(*(lambda by=by: noted(by, resident=head) for by in people))
    assert all(isinstance(answer, Fact) for answer in answers)
    assert (Fact.objects.count(), Fact.objects.standing().count()) == (2, 1)
