"""Public answers are fetched again only when something changed (ETag); signed-in pages are never tagged."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.http import http_date

from config import clock as house_clock
from organization import figures
from organization.models import Post, Unit
from organization.transitions.parameters import set_parameter
from programs import transitions

pytestmark = pytest.mark.django_db
URLS = ["/programs/", "/programs/TX01/", "/programs/TX01/guide/", "/api/v1/programs/", "/api/v1/programs/TX01/", "/api/v1/departments/"]

PAGES = URLS[:2]  # those with the public foot


def again(client: Client, url: str, etag: str) -> int:
    return client.get(url, headers={"If-None-Match": etag}).status_code


@pytest.mark.parametrize("url", URLS)
def test_the_same_state_is_not_sent_twice(client: Client, url: str):
    response = client.get(url)
    assert (response.status_code, again(client, url, response["ETag"])) == (200, 304)
    assert "Last-Modified" not in response, "a new telephone has no moment"
    assert "no-cache" in response["Cache-Control"]
    assert {"HX-Request", "Cookie"} <= {part.strip() for part in response["Vary"].split(",")}


@pytest.mark.parametrize("url", [url for url in URLS if "departments" not in url])
def test_a_change_of_the_catalogue_is_sent(client: Client, platform_approver: Post, clock: Any, url: str):
    etag = client.get(url)["ETag"]
    clock.forward(minutes=1)
    transitions.pause(code="TX01", reason="名额已满", by=platform_approver)
    assert again(client, url, etag) == 200


@pytest.mark.parametrize("url", URLS)
def test_a_department_s_new_telephone_is_sent(client: Client, url: str):
    etag = client.get(url)["ETag"]
    Unit.objects.filter(kind="department", department__code="TX").update(phone="023-00000000")
    assert again(client, url, etag) == 200


@pytest.mark.parametrize("url", PAGES)
def test_the_county_s_new_telephone_for_complaints_is_sent(client: Client, platform_approver: Post, url: str):
    figures.forget()
    etag = client.get(url)["ETag"]
    assert again(client, url, etag) == 304
    said = {"valid_from": house_clock.today(), "origin": "county", "source": "公告"}
    set_parameter(key="complaint_phone", value="023-54230002", **said, by=platform_approver)
    figures.forget()
    new = client.get(url, headers={"If-None-Match": etag, "If-Modified-Since": http_date(house_clock.now().timestamp())})
    assert (new.status_code, "023-54230002" in new.content.decode()) == (200, True)


@pytest.mark.parametrize("url", URLS)
def test_a_new_day_is_asked_for_again(client: Client, clock: Any, url: str):
    etag = client.get(url)["ETag"]
    clock.forward(days=1)
    assert again(client, url, etag) == 200


def test_page_and_fragment_and_text_size_have_their_own_tags(client: Client):
    page = client.get("/programs/")["ETag"]
    assert client.get("/programs/", headers={"HX-Request": "true"})["ETag"] != page
    assert client.get("/programs/?q=x")["ETag"] != page
    client.cookies["text_size"] = "large"
    assert client.get("/programs/")["ETag"] != page


def test_signed_in_pages_carry_no_tag(signed_in: Callable[[Post], Client], clerk: Post):
    response = signed_in(clerk).get("/programs/")
    assert "ETag" not in response
    assert "private" in response["Cache-Control"]
