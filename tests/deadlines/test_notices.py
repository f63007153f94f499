"""Notices: who sees them, what the bell counts, reading."""

import pytest
from django.http import Http404

from audit.models import Event
from config import clock as house_clock
from deadlines import transitions
from deadlines.context_processors import counted
from deadlines.models import Notice
from tests.cast import member

from . import factories

pytestmark = pytest.mark.django_db


def tell(*to, **given):
    transitions.announce("referral.dispatched", factories.subject(), to=to, title="有新的转办单", **given)
    transitions.drain()
    return Notice.objects.order_by("created_at", "pk")


@pytest.mark.parametrize(
    ("reader", "sees"),
    [("second_clerk", True), ("neighbour_clerk", False), ("officer", False), ("platform", False), ("supervision", False)],
)
def test_a_units_notice_is_for_its_unit(clerk, reader, sees):
    tell(clerk.unit)
    assert Notice.objects.visible_to(member(reader)).exists() is sees


def test_a_persons_notice_is_for_that_person(clerk, second_clerk):
    tell(clerk.staff)
    assert Notice.objects.visible_to(clerk).exists()
    assert not Notice.objects.visible_to(second_clerk).exists()
    assert not Notice.objects.visible_to(None).exists()


def test_read_marks_it_for_the_unit_once(clerk, second_clerk):
    notice = tell(clerk.unit).get()
    for reader in (clerk, second_clerk):
        transitions.read_notice(notice_id=notice.pk, by=reader)
    notice.refresh_from_db()
    assert (notice.read_by, notice.read_at) == (clerk, house_clock.now())
    assert Event.objects.filter(verb="notice.read").count() == 1
    assert counted([second_clerk])["unread_notices"] == ""


def test_read_of_a_strange_notice_is_not_found(clerk, neighbour_clerk):
    with pytest.raises(Http404):
        transitions.read_notice(notice_id=tell(clerk.unit).get().pk, by=neighbour_clerk)


def test_the_bell_counts_over_all_posts_up_to_a_cap(double):
    first, second = double.posts
    tell(first.unit, second.unit, double.staff)
    assert Notice.objects.inbox(double.posts).count() == 3
    assert [counted(posts)["unread_notices"] for posts in (double.posts, [first], [])] == ["3", "2", ""]


def test_read_all_reads_all_posts_with_one_line(double, clerk):
    tell(*(post.unit for post in double.posts), double.staff, clerk.unit)
    assert transitions.read_all_notices(posts=double.posts, by=double.posts[0]) == 3
    assert Notice.objects.unread().get().unit == clerk.unit
    assert Event.objects.get(verb="notice.all_read").data == {"count": 3}
    assert transitions.read_all_notices(posts=double.posts, by=double.posts[0]) == 0
    assert Event.objects.filter(verb="notice.all_read").count() == 1
