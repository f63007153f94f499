"""Guardians and obligors outside the household (RULES B1)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from audit.presenters import phrase
from config.verbs import AlreadyHandled, TransitionError
from households.models import Relative, Resident
from households.transitions import Person, end_relative, note_relative, revise_resident
from households.transitions import relatives as verbs
from tests import cast

from . import factories
from .factories import HouseholdFactory, ResidentFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)


def noted(head, by, **whom):
    return note_relative(resident_id=head.pk, role="obligor", relation="20", since=TODAY, by=by, **whom)


def test_somebody_outside_is_noted(clerk, lines):
    household = HouseholdFactory()
    row = noted(factories.head_of(household), clerk, person=Person("韩一", number=factories.id_number(), phone="13800000000"))
    assert (row.relative.name, row.relative.region_id, row.role, row.noted_by) == ("韩一", cast.VILLAGE, "obligor", clerk)
    [event] = lines("relative.noted")
    assert (event.household_id, event.subject_text) == (household.pk, "韩*")
    assert phrase(event) == "登记户外关系人（赡养、抚养、扶养义务人）"


def test_somebody_known_elsewhere_is_used_by_name_and_number(clerk, lines):
    number = factories.id_number()
    stranger = ResidentFactory(name="韩二", number=number, region=factories.place(cast.NEIGHBOUR))
    head = factories.head_of(HouseholdFactory())
    with pytest.raises(TransitionError, match="登记的姓名与填写的不一致"):
        noted(head, clerk, person=Person("韩三", number=number))
    assert noted(head, clerk, person=Person("韩二", number=number)).relative == stranger
    assert lines("resident.looked_up")[-1].subject_text == "韩*"
    assert Resident.objects.visible_to(clerk).filter(pk=stranger.pk).exists()


def test_nobody_answers_for_others_after_death(clerk):
    dead = ResidentFactory(name="韩故")
    revise_resident(resident_id=dead.pk, fields={"died_on": TODAY}, seen_at=dead.changed_at, by=clerk)
    with pytest.raises(TransitionError, match="韩故已登记死亡（2026-09-24），不能登记为关系人"):
        noted(factories.head_of(HouseholdFactory()), clerk, relative_id=dead.pk)


def test_not_oneself_not_a_member_not_twice(clerk):
    household, outside = HouseholdFactory(), ResidentFactory()
    head, wife = factories.head_of(household), household.memberships.get(relation="10").resident
    with pytest.raises(ValidationError, match="关系人不能是本人"):
        noted(head, clerk, relative_id=head.pk)
    with pytest.raises(TransitionError, match="是本户成员"):
        noted(head, clerk, relative_id=wife.pk)
    noted(head, clerk, relative_id=outside.pk)
    with pytest.raises(ValidationError, match="这位关系人已登记"):
        noted(head, clerk, relative_id=outside.pk)
    with pytest.raises(TransitionError, match="请填写关系人"):
        noted(head, clerk)


def test_noting_needs_gate_right_and_a_day_that_has_come(neighbour_clerk, approver, clerk):
    head, outside = factories.head_of(HouseholdFactory()), ResidentFactory()
    with pytest.raises(Http404):
        noted(head, neighbour_clerk, relative_id=outside.pk)
    with pytest.raises(PermissionDenied):
        noted(head, approver, relative_id=outside.pk)
    with pytest.raises(ValidationError, match="起始日期不能晚于今天"):
        note_relative(resident_id=head.pk, role="obligor", relation="20", since=TODAY + timedelta(days=1), relative_id=outside.pk, by=clerk)


def test_the_relation_ends_once(clerk, approver, neighbour_clerk, lines):
    row = noted(factories.head_of(HouseholdFactory()), clerk, relative_id=ResidentFactory().pk)
    with pytest.raises(Http404):
        end_relative(relative_id=row.pk, on=TODAY, by=neighbour_clerk)
    with pytest.raises(PermissionDenied):
        end_relative(relative_id=row.pk, on=TODAY, by=approver)
    with pytest.raises(ValidationError, match="终止日期应在"):
        end_relative(relative_id=row.pk, on=TODAY + timedelta(days=1), by=clerk)
    assert end_relative(relative_id=row.pk, on=TODAY, by=clerk).until == TODAY
    assert phrase(lines("relative.ended")[0]) == "户外关系人终止：2026-09-24"
    with pytest.raises(AlreadyHandled, match="已登记到2026-09-24为止"):
        end_relative(relative_id=row.pk, on=TODAY, by=clerk)


def test_the_event_fails_and_nothing_has_changed(clerk, failing_record):
    head, outside = factories.head_of(HouseholdFactory()), ResidentFactory()
    failing_record(verbs)
    with pytest.raises(RuntimeError, match="no record"):
        noted(head, clerk, relative_id=outside.pk)
    assert not Relative.objects.exists()
