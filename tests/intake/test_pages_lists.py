"""The lists of visits and applications: one's own township's, filtered, and flat at any length."""

import uuid

import pytest
from django.urls import reverse

from config.protection.masks import mask_name
from intake.models import Application, Visit
from tests.intake.factories import ApplicationFactory, VisitFactory, family

pytestmark = pytest.mark.django_db
APPLICATIONS, VISITS = reverse("intake:application_list"), reverse("intake:visit_list")
CHOOSE = reverse("list_choose", args=["intake:application_list"])
QUERIES_OF_APPLICATIONS, QUERIES_OF_VISITS = 6, 5


def copies(row, number):
    values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    coded = {"query_code": ""} if "query_code" in values else {}
    for n in range(number):
        changed = dict.fromkeys(coded, f"Q{n:09d}")
        yield type(row)(**{**values, "id": uuid.uuid4(), "number": f"X{n:08d}", **changed})


def test_townships_see_their_own_and_the_platform_all(clerk, approver, neighbour_clerk, platform, assistant, officer, signed_in):
    ours, theirs = ApplicationFactory(drafted=True), ApplicationFactory(drafted=True, by=neighbour_clerk)
    for reader in (clerk, approver):
        page = signed_in(reader).get(APPLICATIONS).content.decode()
        assert ours.number in page
        assert theirs.number not in page
    page = signed_in(platform).get(APPLICATIONS).content.decode()
    assert ours.number in page
    assert theirs.number in page
    assert "受理窗口" in page
    for nobody in (assistant, officer):
        assert signed_in(nobody).get(APPLICATIONS).status_code == 403
        assert signed_in(nobody).get(VISITS).status_code == 403


def test_names_are_masked_to_the_platform(clerk, platform, signed_in):
    """SECURITY D12: it watches the county's work; whose work it is reads them in full."""
    name = ApplicationFactory(drafted=True).applicant.name
    visit = VisitFactory(known=True)
    pages = [(APPLICATIONS, name), (VISITS, visit.resident.name), (visit.get_absolute_url(), visit.resident.name)]
    for url, shown in pages:
        assert shown in signed_in(clerk).get(url).content.decode()
        page = signed_in(platform).get(url).content.decode()
        assert mask_name(shown) in page
    assert name not in signed_in(platform).get(APPLICATIONS).content.decode()


def test_a_name_is_posted_and_never_stands_in_the_address(clerk, signed_in):
    found, other = ApplicationFactory(drafted=True), ApplicationFactory(drafted=True, household=family())
    client = signed_in(clerk)
    assert other.number in client.get(APPLICATIONS, {"name": found.applicant.name}).content.decode()
    response = client.post(CHOOSE, {"part": "filters", "name": found.applicant.name, "next": APPLICATIONS})
    assert found.applicant.name not in response.url
    page = client.get(response.url).content.decode()
    assert found.number in page
    assert other.number not in page or other.applicant.name == found.applicant.name


def test_filters_by_state_and_by_me(clerk, second_clerk, signed_in):
    mine, theirs = ApplicationFactory(drafted=True), ApplicationFactory(submitted=True, by=second_clerk)
    client = signed_in(clerk)
    page = client.get(APPLICATIONS, {"status": "submitted"}).content.decode()
    assert theirs.number in page
    assert mine.number not in page
    page = client.get(APPLICATIONS, {"mine": "on"}).content.decode()
    assert mine.number in page
    assert theirs.number not in page


def test_visits_without_an_answer_are_found(clerk, signed_in):
    waiting, answered = VisitFactory(), VisitFactory(answered=True)
    page = signed_in(clerk).get(VISITS, {"state": "open"}).content.decode()
    assert waiting.number in page
    assert answered.number not in page


@pytest.mark.parametrize("rows", [20, 2_000])
def test_queries_are_the_same_at_any_length(clerk, signed_in, assert_queries, rows):
    Application.objects.bulk_create(copies(ApplicationFactory(drafted=True), rows))
    Visit.objects.bulk_create(copies(VisitFactory(known=True), rows))
    client = signed_in(clerk)
    for address, queries in ((APPLICATIONS, QUERIES_OF_APPLICATIONS), (VISITS, QUERIES_OF_VISITS)):
        client.get(address)
        with assert_queries(queries):
            assert client.get(address).status_code == 200


def test_pages_go_on_by_position(clerk, signed_in):
    Application.objects.bulk_create(copies(ApplicationFactory(drafted=True), 30))
    client = signed_in(clerk)
    first = client.get(APPLICATIONS).content.decode()
    assert "下一页" in first
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "上一页" in client.get(following).content.decode()
