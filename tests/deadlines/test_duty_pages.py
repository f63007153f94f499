"""Why a date is that date, and a duty taken from a page."""

import pytest
from django.urls import reverse

from deadlines import transitions

from . import factories

pytestmark = pytest.mark.django_db
DUTIES = "/deadlines/duties/"
WORKBENCH = reverse("monitoring:workbench")


def test_explain_gives_the_reason_as_page_and_fragment(clerk, signed_in):
    duty = factories.open_duty(clerk, basis="57号令第22条")
    client = signed_in(clerk)
    page = client.get(duty.get_absolute_url()).content.decode()
    for words in (
        "时限10个工作日，2026-10-15（星期四）24时到期。",
        "不计：国庆节放假",
        "第6个工作日（国庆节调休上班）",
        "57号令第22条",
        "尚未领办",
    ):
        assert words in page
    part = client.get(duty.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "第10个工作日" in part


@pytest.mark.parametrize(
    ("name", "status"),
    [("clerk", 200), ("second_clerk", 200), ("platform", 200), ("neighbour_clerk", 404), ("officer", 404), ("supervision", 404)],
)
def test_explain_is_behind_the_gate(clerk, signed_in, request, name, status):
    duty = factories.open_duty(clerk)
    assert signed_in(request.getfixturevalue(name)).get(duty.get_absolute_url()).status_code == status


def test_explain_shows_a_closed_one(clerk, signed_in):
    text = signed_in(clerk).get(factories.closed(clerk).get_absolute_url()).content.decode()
    assert "按期办结" in text
    assert clerk.staff.name in text


def test_take_from_the_page_acts_with_the_right_post(double, signed_in):
    first, second = double.posts
    duty = factories.open_duty(second)
    client = signed_in(first)
    assert client.post(f"{DUTIES}{duty.pk}/take/").url == WORKBENCH
    duty.refresh_from_db()
    assert duty.taken_by == second
    client.post(f"{DUTIES}{duty.pk}/put-back/")
    duty.refresh_from_db()
    assert duty.taken_by is None


def test_take_too_late_says_who_was_first(clerk, second_clerk, signed_in):
    duty = factories.open_duty(clerk)
    transitions.take(duty_id=duty.pk, by=clerk)
    response = signed_in(second_clerk).post(f"{DUTIES}{duty.pk}/take/", follow=True)
    assert f"{clerk.label}已于2026-09-24 10:00领办" in response.content.decode()


@pytest.mark.parametrize(("name", "status"), [("neighbour_clerk", 404), ("platform", 403), ("supervision", 404)])
def test_take_is_refused_outside_the_unit(clerk, signed_in, request, name, status):
    duty = factories.open_duty(clerk)
    assert signed_in(request.getfixturevalue(name)).post(f"{DUTIES}{duty.pk}/take/").status_code == status


def test_what_has_a_page_of_its_own_is_taken_there(clerk, signed_in):
    plain, elsewhere = factories.open_duty(clerk), factories.open_duty(clerk, url="/referrals/1/")
    client = signed_in(clerk)
    assert "领办</button>" in client.get(plain.get_absolute_url()).content.decode()
    text = client.get(elsewhere.get_absolute_url()).content.decode()
    assert 'href="/referrals/1/">打开办理</a>' in text
    assert "领办</button>" not in text
