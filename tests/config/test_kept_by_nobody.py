"""Nothing that was shown to somebody signed in is kept by the browser: who comes next at the desk presses Back (S9)."""

import pytest
from django.urls import reverse

from tests.households.factories import HouseholdFactory

pytestmark = pytest.mark.django_db


def test_pages_lists_refusals_and_the_interface_are_kept_by_nobody(clerk, signed_in):
    client, household = signed_in(clerk), HouseholdFactory()
    answers = [
        client.get(household.get_absolute_url()),
        client.get(reverse("monitoring:workbench")),
        client.get(reverse("work_api:application-list")),
        client.get(reverse("households:household_detail", args=["00000000-0000-4000-8000-000000000000"])),
        client.post(reverse("households:household_search"), {"wanted": ""}),
        client.post(reverse("households:household_search"), {"wanted": household.number}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 422, 302]
    assert [answer["Cache-Control"] for answer in answers] == ["private, no-store"] * len(answers)


def test_the_last_page_of_a_session_neither(clerk, signed_in, clock):
    client = signed_in(clerk)
    client.get("/account/")
    clock.forward(minutes=31)
    assert client.get("/account/")["Cache-Control"] == "private, no-store"


def test_what_says_itself_how_long_it_stands_keeps_its_word(clerk, signed_in, client):
    assert signed_in(clerk).get(reverse("programs:program_list"))["Cache-Control"] == "no-cache, private"
    assert "no-store" not in client.get(reverse("programs:program_list"))["Cache-Control"]
