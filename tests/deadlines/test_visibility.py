"""Which duties exist for whom."""

from datetime import timedelta

import pytest

from config import clock as house_clock
from deadlines.models import Duty
from deadlines.rules import date_of
from organization.models import Post
from tests.cast import ADMINISTRATORS, MEMBERS, member

from . import factories

pytestmark = pytest.mark.django_db
SEES = {"clerk", "second_clerk", "platform", "platform_approver"}


@pytest.mark.parametrize("name", [*MEMBERS, *ADMINISTRATORS])
def test_a_duty_exists_for_its_unit_and_the_platform(clerk, name):
    factories.open_duty(clerk)
    assert Duty.objects.visible_to(member(name)).exists() is (name in SEES)


def test_nobody_sees_nothing_and_the_jobs_see_all(clerk):
    factories.open_duty(clerk)
    assert not Duty.objects.visible_to(None).exists()
    assert Duty.objects.visible_to(Post.objects.the_system()).exists()


def test_the_inbox_holds_the_units_of_all_posts(double, clerk):
    mine = {factories.open_duty(post) for post in double.posts}
    factories.open_duty(clerk)
    assert set(Duty.objects.inbox(double.posts)) == mine
    assert not Duty.objects.inbox([]).exists()


def test_supervision_reads_dates_and_units_and_no_person(clerk, supervision):
    duty = factories.open_duty(clerk, topic_code="MZ01")
    (row,) = Duty.objects.supervised(supervision)
    assert set(row) == {
        "unit_id", "unit__short_name", "kind_name", "topic_code", "region_code", "starts_at", "due_at", "closed_at", "outcome",
    }  # fmt: skip
    assert duty.title not in row.values()
    assert not {str(duty.pk), duty.subject_id} & {str(value) for value in row.values()}


@pytest.mark.parametrize("name", ["clerk", "officer", "system_administrator", "audit_administrator", "convener"])
def test_supervised_rows_are_for_supervision(clerk, name):
    factories.open_duty(clerk)
    assert not list(Duty.objects.supervised(member(name)))
    assert not list(Duty.objects.supervised(None))


def test_overdue_excludes_standing_and_closed_ones(clerk, clock):
    late, _, _ = factories.open_duty(clerk), factories.paused(clerk), factories.closed(clerk)
    assert not Duty.objects.overdue(late.due_at - timedelta(microseconds=1)).exists()
    assert Duty.objects.overdue(late.due_at).get() == late


def test_tally_and_order(clerk, clock):
    factories.paused(clerk)
    later, sooner = factories.open_duty(clerk), factories.open_duty(clerk, limit=factories.Limit(factories.Rule.WORKING_DAYS, 1))
    clock.set(sooner.due_at)
    seen = Duty.objects.visible_to(clerk)
    tabs = ("waiting", "taken", "late", "promised", "returned")
    assert [seen.of_tab(tab, house_clock.now()).count() for tab in tabs] == [3, 0, 1, 0, 0]
    ordered = [duty.due_at and date_of(duty.due_at) for duty in Duty.objects.open().most_urgent_first()]
    assert ordered == [date_of(sooner.due_at), date_of(later.due_at), None]
