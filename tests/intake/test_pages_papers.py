"""One tap per paper: with full pages, and as fragments."""

import io
import re

import pytest
from django.urls import reverse

from intake.models import Paper
from tests.intake.factories import ApplicationFactory, picture

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


def url(name, paper):
    return reverse(f"intake:paper_{name}", args=[paper.pk])


@pytest.fixture
def paper(filled):
    return filled.papers.get(material="cause_bills")


def test_a_tap_settles_and_the_same_tap_takes_back(clerk, signed_in, filled, paper):
    client = signed_in(clerk)
    for state in ("later", "missing", "seen"):
        response = client.post(url("settle", paper), {"state": state})
        assert response.url == reverse("intake:application_edit", args=[filled.pk]) + "#papers"
        assert Paper.objects.get(pk=paper.pk).state == state


def test_the_fragment_holds_the_list_the_steps_and_the_submission(clerk, signed_in, filled, paper):
    client = signed_in(clerk)
    fragment = client.post(url("settle", paper), {"state": "later"}, headers=HTMX).content.decode()
    assert 'data-announce="事由票据：后补"' in fragment
    for part in ('id="papers"', 'id="steps"', 'id="submit"'):
        assert part in fragment
    page = client.get(reverse("intake:application_edit", args=[filled.pk])).content.decode()
    assert f'id="paper-{paper.pk}"' in fragment
    assert _plain(fragment[: fragment.index("</section>")].replace('data-announce="事由票据：后补"', "")) in _plain(page)


def _plain(html):
    html = re.sub(r'value="[A-Za-z0-9]{64}"|value="[0-9a-f-]{36}"', "", html)
    return re.sub(r"\s+", "", html)


def test_a_file_is_taken_in_and_shown(clerk, signed_in, filled, paper):
    client = signed_in(clerk)
    response = client.post(url("upload", paper), {"file": picture("票据.png")}, headers=HTMX)
    text = response.content.decode()
    assert response.status_code == 200
    assert "票据" in text
    assert Paper.objects.get(pk=paper.pk).state == "uploaded"
    assert client.post(url("upload", paper), {"file": picture("票据.png")}).status_code == 302


def test_a_file_that_is_not_what_it_says_is_refused_in_words(clerk, signed_in, paper):
    client = signed_in(clerk)
    for headers in ({}, HTMX):
        false = io.BytesIO(b"MZ\x90\x00 this is no picture")
        false.name = "照片.jpg"
        response = client.post(url("upload", paper), {"file": false}, headers=headers)
        assert response.status_code == 422
        assert "请" in response.content.decode()
    assert Paper.objects.get(pk=paper.pk).state == "seen"
    assert client.post(url("upload", paper), {}).status_code == 422


def test_what_is_proven_is_demanded_with_a_reason_alone(clerk, signed_in, filled):
    exempt = filled.papers.filter(state="exempt").first()
    client = signed_in(clerk)
    page = client.get(reverse("intake:application_edit", args=[filled.pk])).content.decode()
    assert exempt.exempt_reason in page
    assert url("demand", exempt) in page
    assert url("settle", exempt) not in page
    assert client.post(url("demand", exempt), {"reason": " "}).status_code == 422
    assert client.post(url("demand", exempt), {"reason": "数据与本人所说不一致"}).status_code == 302
    demanded = Paper.objects.get(pk=exempt.pk)
    assert (demanded.state, demanded.demanded_by) == ("missing", clerk)
    assert "数据与本人所说不一致" in client.get(reverse("intake:application_edit", args=[filled.pk])).content.decode()


def test_neighbours_and_readers_settle_nothing(neighbour_clerk, approver, signed_in, paper):
    assert signed_in(neighbour_clerk).post(url("settle", paper), {"state": "later"}).status_code == 404
    assert signed_in(approver).post(url("settle", paper), {"state": "later"}).status_code == 403


def test_an_ended_application_says_so_to_htmx(clerk, signed_in):
    paper = ApplicationFactory(withdrawn=True).papers.get(material="cause_bills")
    response = signed_in(clerk).post(url("settle", paper), {"state": "later"}, headers=HTMX)
    assert response.status_code == 409
    assert "data-refusal" in response.content.decode()


def test_what_was_promised_for_later_is_handed_in_after_acceptance(clerk, approver, signed_in):
    application = ApplicationFactory(accepted=True)
    paper = application.papers.filter(state="seen").exclude(material__in=["promise", "authorisation"]).first()
    Paper.objects.filter(pk=paper.pk).update(state="later")
    client, address = signed_in(clerk), reverse("intake:application_accept", args=[application.pk])
    shown = client.get(address).content.decode()
    assert url("settle", paper) in shown
    assert 'value="later"' not in shown
    assert url("settle", paper) not in signed_in(approver).get(address).content.decode()
    assert client.post(url("settle", paper), {"state": "seen"}).url == f"{address}#papers"
    assert Paper.objects.get(pk=paper.pk).state == "seen"
    fragment = client.post(url("upload", paper), {"file": picture("票据.png")}, headers=HTMX).content.decode()
    assert 'id="papers"' in fragment
    assert 'id="submit"' not in fragment
