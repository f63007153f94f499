"""外出: noted by oneself, an approver of the unit or the system administrator; what waits is taken over by a deputy or approver."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError
from deadlines import transitions as duties
from organization.models import Absence
from organization.transitions import absences
from tests.deadlines.factories import open_duty

pytestmark = pytest.mark.django_db
LIST = reverse("organization:absence_list")


def days(ahead=0, length=1):
    first = clock.today() + timedelta(ahead)
    return {"first_on": first, "last_on": first + timedelta(length - 1)}


def test_noted_by_oneself_and_ended(reviewer, neighbour_clerk, signed_in):
    client = signed_in(reviewer)
    page = client.post(LIST, {k: v.isoformat() for k, v in days(length=3).items()}, follow=True)
    absence = Absence.objects.get()
    assert "AB岗" in str(next(iter(page.context["messages"])))
    assert Absence.objects.away(clock.today()) == {reviewer.staff_id}
    assert Absence.objects.away(clock.today() + timedelta(3)) == set()
    with pytest.raises(Http404):
        absences.end_absence(absence_id=absence.pk, by=neighbour_clerk)
    client.post(reverse("organization:absence_end", args=[absence.pk]))
    assert Absence.objects.away(clock.today()) == set()
    with pytest.raises(AlreadyHandled):
        absences.end_absence(absence_id=absence.pk, by=reviewer)
    assert [line.verb for line in Event.objects.filter(verb__startswith="absence.").order_by("pk")] == ["absence.noted", "absence.ended"]


def test_for_others_only_by_who_answers_for_them(reviewer, approver, system_administrator, security_administrator, clerk):
    absences.note_absence(staff_id=reviewer.staff_id, **days(), by=approver)
    absences.note_absence(staff_id=clerk.staff_id, **days(), by=system_administrator)
    with pytest.raises(PermissionDenied):
        absences.note_absence(staff_id=approver.staff_id, **days(5), by=reviewer)
    security_administrator.rank = "approver"  # an administrator's unit sees every account and answers for none
    with pytest.raises(PermissionDenied):
        absences.note_absence(staff_id=approver.staff_id, **days(5), by=security_administrator)
    with pytest.raises(Http404):
        absences.note_absence(staff_id=clerk.staff_id, **days(5), by=approver)
    with pytest.raises(TransitionError, match="已过"):
        absences.note_absence(staff_id=approver.staff_id, **days(-3), by=approver)
    with pytest.raises(TransitionError, match="岗位交接"):
        absences.note_absence(staff_id=approver.staff_id, **days(length=31), by=approver)
    with pytest.raises(ValidationError, match="年份写对没有"):
        absences.note_absence(staff_id=approver.staff_id, **days(ahead=999), by=approver)
    with pytest.raises(ConstraintBroken, match="已经登记过外出"):
        absences.note_absence(staff_id=reviewer.staff_id, **days(), by=reviewer)


def test_a_duty_of_who_is_away_is_taken_over(reviewer, approver, second_approver, signed_in):
    duty = open_duty(reviewer)
    duties.take(duty_id=duty.pk, by=reviewer)
    with pytest.raises(AlreadyHandled, match="没有登记外出"):
        duties.take_over(duty_id=duty.pk, by=approver)
    absences.note_absence(staff_id=reviewer.staff_id, **days(), by=reviewer)
    with pytest.raises(PermissionDenied):
        duties.take_over(duty_id=duty.pk, by=reviewer)
    url = reverse("deadlines:duty_take_over", args=[duty.pk])
    assert url in signed_in(approver).get(reverse("monitoring:workbench"), {"tab": "taken"}).content.decode()
    assert url not in signed_in(reviewer).get(reverse("monitoring:workbench"), {"tab": "taken"}).content.decode()
    signed_in(approver).post(url)
    duty.refresh_from_db()
    assert duty.taken_by == approver
    line = Event.objects.get(verb="duty.taken_over")
    assert (line.old, line.new) == (reviewer.label, approver.label)
    with pytest.raises(AlreadyHandled):
        duties.take_over(duty_id=duty.pk, by=second_approver)
