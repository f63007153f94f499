"""What is asked for: the list, the chosen program's form, and taking it out again."""

import pytest
from django.urls import reverse

from intake.models import ApplicationItem
from tests.intake.factories import ApplicationFactory, family, people

pytestmark = pytest.mark.django_db
QUERIES_OF_THE_LIST = 12


def add_url(application, query=""):
    return reverse("intake:item_add", args=[application.pk]) + query


def test_the_list_says_how_the_rest_is_obtained(clerk, signed_in, draft):
    page = signed_in(clerk).get(add_url(draft)).content.decode()
    assert 'href="?program=MZ01"' in page
    for elsewhere in ("由用人单位申请", "免申请", "在现场直接办理", "2027-08-01开放"):
        assert elsewhere in page
    for code in ("RS01", "MZ11", "MZ06"):
        assert f"?program={code}" not in page


@pytest.mark.parametrize(("words", "found"), [("临时", "MZ04"), ("lsjz", "MZ04"), ("低保", "MZ01"), ("残联", "CL01")])
def test_words_and_initials_find_a_program(clerk, signed_in, draft, words, found):
    client = signed_in(clerk)
    page = client.get(add_url(draft), {"q": words}).content.decode()
    assert f"?program={found}" in page
    fragment = client.get(add_url(draft), {"q": words}, headers={"hx-request": "true"}).content.decode()
    assert fragment.strip().startswith("<div")
    assert f"?program={found}" in fragment


def test_nothing_found_says_what_to_try(clerk, signed_in, draft):
    assert "没有找到这样的项目" in signed_in(clerk).get(add_url(draft), {"q": "没有这样的"}).content.decode()


def test_urgent_aid_is_not_offered_and_the_page_says_so(clerk, signed_in, draft):
    page = signed_in(clerk).get(add_url(draft, "?program=MZ04")).content.decode()
    assert "请到“先行救助”登记" in page
    assert "支出型救助" in page
    assert 'value="urgent"' not in page
    assert 'value="above_ceiling"' not in page


def test_a_household_program_is_for_the_household(clerk, signed_in, draft):
    typed = {"track": "ordinary", "beneficiary": "household", "amount_asked": "1500", "cause": "住院花费大"}
    response = signed_in(clerk).post(add_url(draft), {"program": "MZ04", **typed})
    assert response.url.endswith("#items")
    item = ApplicationItem.objects.get()
    assert (item.program_id, item.household, item.resident, item.amount_asked, item.cause) == (
        "MZ04",
        draft.household,
        None,
        1500,
        "住院花费大",
    )


def test_a_persons_program_is_for_one_of_them(clerk, signed_in):
    application = ApplicationFactory(drafted=True, household=family(children=1))
    child = people(application.household)[2]
    page = signed_in(clerk).get(add_url(application, "?program=CL01")).content.decode()
    assert all(person.name in page for person in people(application.household))
    track = {"track": "ordinary", "beneficiary": str(child.pk), "cause": ""}
    signed_in(clerk).post(add_url(application), {"program": "CL01", **track})
    assert ApplicationItem.objects.get().resident == child


@pytest.mark.parametrize("amount", ["-5", "很多", "1.234"])
def test_a_wrong_amount_comes_back_as_typed(clerk, signed_in, draft, amount):
    typed = {"track": "ordinary", "beneficiary": "household", "amount_asked": amount, "cause": "住院花费大"}
    response = signed_in(clerk).post(add_url(draft), {"program": "MZ04", **typed})
    text = response.content.decode()
    assert response.status_code == 422
    assert f'value="{amount}"' in text
    assert "住院花费大" in text


def test_the_same_twice_is_refused_with_who_and_where(clerk, signed_in):
    first = ApplicationFactory(submitted=True)
    second = ApplicationFactory(drafted=True, household=first.household)
    client = signed_in(clerk)
    page = client.get(add_url(second)).content.decode()
    assert f"已提交：{first.number}" in page
    typed = {"track": "ordinary", "beneficiary": "household", "amount_asked": "", "cause": ""}
    response = client.post(add_url(second), {"program": "MZ04", **typed})
    assert response.status_code == 422
    assert first.number in response.content.decode()


def test_a_program_that_is_not_asked_for_here_leads_back_to_the_list(clerk, signed_in, draft):
    client = signed_in(clerk)
    for code in ("MZ11", "XX99"):
        assert "选择救助项目" in client.get(add_url(draft, f"?program={code}")).content.decode()
    assert client.post(add_url(draft), {"program": "MZ11", "track": "ordinary"}).status_code == 200
    assert not ApplicationItem.objects.exists()


def test_an_item_is_taken_out(clerk, neighbour_clerk, signed_in, filled):
    remove = reverse("intake:item_remove", args=[filled.items.get().pk])
    assert signed_in(neighbour_clerk).post(remove).status_code == 404
    assert signed_in(clerk).post(remove).status_code == 302
    assert not filled.items.exists()


def test_queries_of_the_list_are_pinned(clerk, signed_in, draft, assert_queries):
    client = signed_in(clerk)
    client.get(add_url(draft))
    with assert_queries(QUERIES_OF_THE_LIST):
        client.get(add_url(draft))
