"""What an open page asks before it sends a form, and where people are led when their session has ended."""

from datetime import timedelta

import pytest
from django.test import Client

from audit.models import Event
from config import clock as house_clock
from organization.models import Staff
from organization.transitions import accounts
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
STATE = "/session-state/"


def test_it_names_who_is_signed_in(clerk, signed_in):
    answer = signed_in(clerk).get(STATE)
    told = answer.json()
    assert len(told.pop("token")) == 64
    assert told == {"staff": clerk.staff_id, "post": clerk.pk, "post_label": clerk.label, "must_change_password": False}
    assert "no-store" in answer["Cache-Control"]


def test_nobody_is_401_without_a_trace(client):
    answer = client.get(STATE)
    assert (answer.status_code, answer.content, answer.cookies.output()) == (401, b"", "")


def test_an_ended_session_is_401_and_recorded_once(clerk, signed_in, clock):
    client = signed_in(clerk)
    client.get("/account/")
    clock.forward(minutes=31)
    assert [client.get(STATE).status_code for _ in range(2)] == [401, 401]
    assert Event.objects.filter(verb="staff.signed_out", by=clerk.staff).count() == 1
    assert "没有操作" not in client.get("/sign-in/").content.decode()


def test_asking_keeps_no_session_alive(clerk, signed_in, clock):
    client = signed_in(clerk)
    client.get("/account/")
    for _ in range(3):
        clock.forward(minutes=10)
        assert client.get(STATE).status_code == 200
    clock.forward(minutes=1)
    assert client.get(STATE).status_code == 401


def test_a_password_that_must_change_is_said(system_administrator, client):
    newcomer = accounts.create_staff(
        username="newcomer", name="新来的", employment_type="established", password="First-Word-2026!", by=system_administrator
    )
    client.force_login(newcomer, backend="django.contrib.auth.backends.ModelBackend")
    told = client.get(STATE).json()
    assert (told["must_change_password"], told["post"], told["post_label"]) == (True, None, "")


# ── coming back ─────────────────────────────────────────────────────────────────────────────────────────────────────
def enter(client: Client, staff: Staff, **more: object) -> str:
    return client.post("/sign-in/", {"username": staff.username, "password": PASSWORD, **more}).url


def test_signing_in_goes_on_with_the_post_of_the_open_page(double):
    client = Client()
    assert enter(client, double.staff, post=double.posts[1].pk, next=STATE) == STATE
    assert client.get(STATE).json()["post"] == double.posts[1].pk
    assert Event.objects.filter(verb="staff.signed_in").first().post_label == double.posts[1].label


@pytest.mark.parametrize("asked", ["clerk", "", "x", "9" * 40, "²"])
def test_a_post_that_is_not_ones_own_counts_for_nothing(double, clerk, asked):
    client = Client()
    enter(client, double.staff, post=clerk.pk if asked == "clerk" else asked)
    assert client.get(STATE).json()["post"] == double.posts[0].pk


def test_a_post_that_has_ended_counts_for_nothing(double, clock):
    last = double.posts[1].valid_until
    clock.set(house_clock.now() + (last - house_clock.today()) + timedelta(days=1))
    client = Client()
    enter(client, double.staff, post=double.posts[1].pk)
    assert client.get(STATE).json()["post"] != double.posts[1].pk


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/workbench/?tab=taken", "?next=%2Fworkbench%2F%3Ftab%3Dtaken"),
        ("http://elsewhere.example/workbench/", ""),
        ("", ""),
    ],
)
def test_a_post_without_session_leads_back_to_its_page(client, clerk, signed_in, clock, referer, back):
    """The address of a verb knows no GET: who signs in again must not land on it."""
    take = "/deadlines/duties/0f8fad5b-d9cb-469f-a165-70867728950e/take/"
    assert client.post(take, headers={"referer": referer}).url == f"/sign-in/{back}"
    ended = signed_in(clerk)
    ended.get("/account/")
    clock.forward(minutes=31)
    assert ended.post(take, headers={"referer": referer}).url == f"/sign-in/{back}"


def test_a_page_without_session_leads_back_to_itself(client):
    assert client.get("/account/?a=1").url == "/sign-in/?next=/account/%3Fa%3D1"


def test_a_fragment_without_session_is_401_with_the_way(clerk, signed_in, clock):
    client = signed_in(clerk)
    client.get("/account/")
    clock.forward(minutes=31)
    answer = client.get("/workbench/", headers={"hx-request": "true", "referer": "http://testserver/workbench/"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/sign-in/?next=%2Fworkbench%2F")
