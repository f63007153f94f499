"""The bell, the list of notices, reading them."""

import re

import pytest

from deadlines import transitions
from deadlines.context_processors import CAP
from deadlines.models import Notice

from . import factories

pytestmark = pytest.mark.django_db
LIST = "/deadlines/notices/"


def tell(target, times=1, **given):
    for _ in range(times):
        transitions.announce("referral.dispatched", factories.subject(), to=target, **{"title": "有新的转办单", **given})
    transitions.drain()


def bell(client) -> str:
    found = re.search(r'count-badge"[^>]*>([^<]*)<', client.get(LIST).content.decode())
    return found[1] if found else ""


def test_bell_counts_and_is_capped(clerk, signed_in):
    client = signed_in(clerk)
    assert bell(client) == ""
    tell(clerk.unit, times=2)
    assert bell(client) == "2"
    tell(clerk.unit, times=CAP)
    assert bell(client) == "99+"


def test_read_marks_and_leads_on(clerk, signed_in):
    tell(clerk.unit, url="/workbench/")
    notice, client = Notice.objects.get(), signed_in(clerk)
    assert client.post(f"{LIST}{notice.pk}/read/").url == "/workbench/"
    assert bell(client) == ""
    assert "没有未读消息" in client.get(LIST).content.decode()
    assert f"{clerk.staff.name}已读" in client.get(LIST, {"tab": "all"}).content.decode()


def test_read_acts_with_the_right_post(double, signed_in):
    tell(double.posts[1].unit)
    notice = Notice.objects.get()
    assert signed_in(double.posts[0]).post(f"{LIST}{notice.pk}/read/").url == LIST
    notice.refresh_from_db()
    assert notice.read_by == double.posts[1]


def test_read_all(clerk, signed_in):
    tell(clerk.unit, times=3)
    client = signed_in(clerk)
    assert "已将3条消息标为已读" in client.post(f"{LIST}read-all/", follow=True).content.decode()
    assert bell(client) == ""


def test_notices_of_others_do_not_exist(clerk, neighbour_clerk, signed_in):
    tell(clerk.unit)
    client = signed_in(neighbour_clerk)
    assert "有新的转办单" not in client.get(LIST, {"tab": "all"}).content.decode()
    assert client.post(f"{LIST}{Notice.objects.get().pk}/read/").status_code == 404


def test_a_hostile_title_is_inert(clerk, signed_in):
    tell(clerk.unit, title="<script>alert(1)</script>")
    assert "<script>alert" not in signed_in(clerk).get(LIST).content.decode()


def test_notices_page(clerk, signed_in):
    tell(clerk.unit, times=25)
    client = signed_in(clerk)
    first = client.get(LIST).content.decode()
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    ids = [re.findall(r"notices/([0-9a-f-]{36})/read", text) for text in (first, client.get(following).content.decode())]
    assert [len(page) for page in ids] == [20, 5]
    assert len(set(ids[0] + ids[1])) == 25


@pytest.mark.parametrize("rows", [1, 15])
def test_queries_of_the_notices_stay_flat(clerk, signed_in, assert_queries, rows):
    tell(clerk.unit, times=rows)
    client = signed_in(clerk)
    client.get(LIST)
    with assert_queries(5):  # session, account, posts; rows, bell
        client.get(LIST)
