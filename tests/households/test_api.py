"""Screenings and requests for facts over the API: what the page shows to the post, and nothing else."""

import pytest

from households.transitions import ask_for_fact, screen_household
from organization.models import Unit
from tests import cast
from tests.households import factories
from tests.households.factories import HouseholdFactory

pytestmark = pytest.mark.django_db
REQUESTS = "/api/v1/fact-requests/"


@pytest.fixture
def household(db):
    factories.begin()
    return HouseholdFactory(region=factories.place(cast.VILLAGE))


def screening(client, household):
    return client.get(f"/api/v1/households/{household.pk}/screening/")


def test_the_last_screening_as_its_page_tells_it(household, clerk, platform, neighbour_clerk, signed_in):
    client = signed_in(clerk)
    assert screening(client, household).status_code == 404
    row = screen_household(household_id=household.pk, by=clerk)
    body = screening(client, household).json()
    programs = {answer["program"] for answer in body["answers"]}
    assert (body["id"], body["screened_on"], {"MZ01", "MZ04"} <= programs) == (str(row.pk), str(row.on), True)
    assert {answer["outcome"] for answer in body["answers"]} <= {
        "eligible",
        "likely",
        "near",
        "unknown",
        "anyone",
        "already",
        "ineligible",
        "kept",
    }
    assert any(answer["conditions"] for answer in body["answers"])
    assert screening(signed_in(neighbour_clerk), household).status_code == 404
    watched = screening(signed_in(platform), household)
    assert factories.head_of(household).name not in watched.content.decode()
    assert not {"MZ09", "WJ02"} & {answer["program"] for answer in watched.json()["answers"]}


def test_units_read_what_they_are_asked_for(household, clerk, officer, neighbour_officer, signed_in):
    person = factories.head_of(household).pk
    row = ask_for_fact(household_id=household.pk, kind_key="disability_card", resident_id=person, by=clerk)
    assert row.unit == Unit.objects.get(pk=officer.unit_id)
    found = signed_in(officer).get(REQUESTS).json()["results"]
    assert [(line["id"], line["status"], line["asked_by"]) for line in found] == [(str(row.pk), "open", clerk.unit.short_name)]
    assert signed_in(officer).get(f"{REQUESTS}{row.pk}/").json() == found[0]
    assert signed_in(neighbour_officer).get(REQUESTS).json()["results"] == []
    assert signed_in(neighbour_officer).get(f"{REQUESTS}{row.pk}/").status_code == 404
    assert screening(signed_in(officer), household).status_code == 403  # let in for that fact alone
