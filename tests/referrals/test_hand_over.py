"""Work of who is away or has gone: taken over case by case, or handed to a colleague with the whole post."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from audit.models import Event
from config import clock
from config.protection.sealing import open_sealed
from config.verbs import AlreadyHandled, TransitionError
from deadlines import transitions as clocks
from deadlines.models import Duty
from households.transitions import declare_own_kin
from intake.models import Request
from organization.alarms import alarms
from organization.models import Post, Unit
from organization.transitions import absences, posts
from referrals import transitions
from tests import cast
from tests.deadlines.factories import open_duty
from tests.households.factories import HouseholdFactory, head_of
from tests.intake.factories import RequestFactory
from tests.referrals.acting import fresh, the_event
from tests.referrals.factories import ReferralFactory, referrals
from tests.referrals.test_urgent import propose as propose_urgent

pytestmark = pytest.mark.django_db
LIST = reverse("referrals:hand_over_list")


def test_a_deputy_takes_over_from_who_is_away(reviewer, approver, signed_in):
    row = ReferralFactory(in_hand=True)
    assert fresh(row).handler == reviewer
    with pytest.raises(AlreadyHandled, match="没有登记外出"):
        transitions.take_over(referral_id=row.pk, by=approver)
    absences.note_absence(staff_id=reviewer.staff_id, first_on=clock.today(), last_on=clock.today(), by=reviewer)
    page = signed_in(approver).get(row.get_absolute_url()).content.decode()
    assert "接办（承办人外出）" in page
    signed_in(approver).post(reverse("referrals:referral_take_over", args=[row.pk]))
    assert fresh(row).handler == approver
    line = the_event("referral.taken_over", row)
    assert (line.old, line.new) == (reviewer.label, approver.label)
    with pytest.raises(PermissionDenied):
        transitions.take_over(referral_id=row.pk, by=reviewer)


def test_a_post_is_handed_over_with_all_it_has_in_hand(reviewer, approver, second_approver, signed_in, neighbour_approver):
    rows = referrals(programs=["MZ01", "MZ04"], in_hand=True)
    duty = open_duty(reviewer)
    clocks.take(duty_id=duty.pk, by=reviewer)
    client = signed_in(approver)
    assert reviewer.label in client.get(LIST).content.decode()
    url = reverse("referrals:post_hand_over", args=[reviewer.pk])
    page = client.get(url).content.decode()
    assert "在手事项1件" in page
    assert "转办单2件" in page
    assert client.post(url, {"to": neighbour_approver.pk}).status_code == 422
    told = client.post(url, {"to": second_approver.pk}, follow=True)
    assert [str(message) for message in told.context["messages"]] == [f"已交接给{second_approver.staff.name}：事项1件，转办单2件。"]
    duty.refresh_from_db()
    assert {duty.taken_by, *(fresh(row).handler for row in rows)} == {second_approver}
    assert Event.objects.filter(verb="referral.passed_on").count() == 2
    assert Event.objects.filter(verb="duty.passed_on").count() == 1
    assert Event.objects.get(verb="post.handed_over").data == {"duties": 1, "referrals": 2, "left": 0, "waiting": 0}
    with pytest.raises(TransitionError, match="不用交接"):
        transitions.hand_over(post_id=reviewer.pk, to=second_approver, by=approver)


def test_what_the_successor_may_not_do_waits_for_somebody_else(clerk, second_clerk, signed_in, approver):
    """Kin of the household of one request; a change of the register that the successor proposed himself; and one that goes."""
    relatives, others = RequestFactory(), RequestFactory()
    household = HouseholdFactory()
    Request.objects.filter(pk=relatives.pk).update(household=household)
    declare_own_kin(name="某亲属", number=open_sealed(head_of(household), "id_number"), relation="70", by=second_clerk)
    for row in (relatives, others):
        clocks.take(duty_id=Duty.objects.open().about(row).get().pk, by=clerk)
    done = transitions.hand_over(post_id=clerk.pk, to=second_clerk, by=cast.member("system_administrator"))
    assert (done.duties, done.waiting) == (1, 1)
    left = Duty.objects.open().about(relatives).get()
    assert (left.taken_by, left.taken_at, left.unit) == (None, None, clerk.unit)
    assert Duty.objects.open().about(others).get().taken_by == second_clerk
    assert Event.objects.get(verb="duty.put_back").old == clerk.label
    clocks.take(duty_id=left.pk, by=clerk)
    url = reverse("referrals:post_hand_over", args=[clerk.pk])
    told = signed_in(cast.member("system_administrator")).post(url, {"to": second_clerk.pk}, follow=True)
    assert "不能办理的事项1件，已放回本单位待办" in told.content.decode()
    # in the office: an approver's yes, which a handler cannot give
    aid = propose_urgent()
    clocks.take(duty_id=Duty.objects.open().about(aid).get().pk, by=approver)
    assert transitions.hand_over(post_id=approver.pk, to=cast.member("reviewer"), by=approver).waiting == 1


def test_who_may_and_to_whom(reviewer, approver, neighbour_approver, system_administrator):
    ReferralFactory(in_hand=True)
    with pytest.raises(PermissionDenied):
        transitions.hand_over(post_id=approver.pk, to=reviewer, by=reviewer)
    with pytest.raises(Http404):
        transitions.hand_over(post_id=reviewer.pk, to=approver, by=neighbour_approver)
    with pytest.raises(TransitionError, match="本人"):
        transitions.hand_over(post_id=reviewer.pk, to=reviewer, by=approver)
    with pytest.raises(TransitionError, match="没有生效的岗位"):
        transitions.hand_over(post_id=reviewer.pk, to=neighbour_approver, by=approver)
    assert transitions.hand_over(post_id=reviewer.pk, to=approver, by=system_administrator).referrals == 1


def test_nothing_moves_without_its_line(reviewer, approver, monkeypatch):
    row = ReferralFactory(in_hand=True)

    def fails(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("referrals.transitions.standing_in.record", fails)
    with pytest.raises(RuntimeError):
        transitions.hand_over(post_id=reviewer.pk, to=approver, by=approver)
    assert fresh(row).handler == reviewer


def test_ended_posts_with_open_work_are_an_alarm(reviewer, security_administrator):
    row = ReferralFactory(in_hand=True)
    units = Unit.objects.filter(pk=row.unit_id)
    assert "离岗未交接" not in {alarm.kind for alarm in alarms(units, clock.today())}
    posts.end(post_id=reviewer.pk, reason="调离", by=security_administrator)
    [alarm] = [alarm for alarm in alarms(units, clock.today()) if alarm.kind == "离岗未交接"]
    assert "1件转办单" in alarm.sentence
    assert Post.objects.get(pk=reviewer.pk).state_on(clock.today() + timedelta(1)) == "已终止"
