"""One field finds people; nothing that was looked for stands in an address, a log or plainly in the session (DESIGN 8, TZ-17)."""

import json

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from audit.models import Event
from households.finding import SESSION, people_named, wanted
from households.transitions import let_in

from . import factories
from .factories import HouseholdFactory, ResidentFactory, person

pytestmark = pytest.mark.django_db
SEARCH = reverse("households:household_search")
RESULTS = reverse("households:search_results")


def looked_for(client, text):
    return client.post(SEARCH, {"wanted": text})


def answer(client, text):
    response = looked_for(client, text)
    assert response.url == RESULTS, response.content.decode()
    return client.get(RESULTS).content.decode()


@pytest.fixture
def number():
    return factories.id_number()


@pytest.fixture
def stranger(number):
    return HouseholdFactory(in_neighbour=True, members=[person(name="褚远山", number=number)])


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("00000019800304001X", "number"),
        ("５００２３３１９８００３０４", "number"),
        ("WZ5002332026000016", "number"),
        ("zh500233001000001", "household"),
        ("张小芳", "name"),
        ("zxf", "name"),
        ("张xf", "name"),
        ("  张 ", "name"),
    ],
)
def test_the_field_is_read_for_what_it_is(clerk, typed, kind):
    assert wanted(typed, clerk).kind == kind


def test_the_county_does_not_look_for_one_character(platform, officer, clerk):
    assert wanted("张", platform).fault
    assert wanted("张", officer).fault
    assert not wanted("张", clerk).fault
    assert not wanted("张xf", platform).fault
    assert wanted("？", clerk).fault


def test_a_number_within_the_gate_leads_straight_to_the_household(clerk, signed_in, number):
    household = HouseholdFactory(members=[person(number=number)])
    assert looked_for(signed_in(clerk), number).url == household.get_absolute_url()


def test_a_household_number_too(clerk, neighbour_clerk, signed_in):
    household = HouseholdFactory()
    assert looked_for(signed_in(clerk), household.number.lower()).url == household.get_absolute_url()
    assert "没有找到" in answer(signed_in(neighbour_clerk), household.number)


def test_names_are_found_within_the_gate_with_their_household(clerk, neighbour_clerk, signed_in):
    household = HouseholdFactory(members=[person(name="诸葛小明"), person("10", name="黄月", sex="2")])
    for text in ("诸葛", "小明", "zgxm", "诸葛xm"):
        page = answer(signed_in(clerk), text)
        assert household.number in page
        assert "黄月" in page
    assert "没有找到" in answer(signed_in(neighbour_clerk), "诸葛小明")


def test_the_platform_reads_masked_names_in_the_list(platform, signed_in):
    HouseholdFactory(members=[person(name="诸葛小明")])
    page = answer(signed_in(platform), "诸葛小明")
    assert "诸葛*明" in page
    assert page.count("诸葛小明") == 1  # in the field


def test_a_wrong_number_is_said_beside_the_field_with_what_was_typed(clerk, signed_in):
    response = looked_for(signed_in(clerk), "000000198003040010")
    assert response.status_code == 422
    assert "校验码与前17位不符" in response.content.decode()
    assert "000000198003040010" in response.content.decode()


def test_beyond_the_gate_a_card_with_the_button(clerk, approver, signed_in, number, stranger):
    page = answer(signed_in(clerk), number)
    assert "褚*山" in page
    assert "白公街道" in page
    assert "在本窗口受理" in page
    assert "褚远山" not in page
    assert stranger.number not in page
    assert "在本窗口受理" not in answer(signed_in(approver), number)


def test_the_card_is_taken_on(clerk, signed_in, number, stranger):
    client = signed_in(clerk)
    answer(client, number)
    token = client.session[SESSION]["outside"]["token"]
    assert client.post(reverse("households:take_on"), {"token": token}).url == stranger.get_absolute_url()
    assert client.get(stranger.get_absolute_url()).status_code == 200


def test_nobody_holds_the_number_and_it_is_carried_into_the_form(clerk, signed_in, number):
    client = signed_in(clerk)
    page = answer(client, number)
    assert "全县都没有登记过" in page
    form = client.get(reverse("households:household_open") + "?from=search").content.decode()
    assert f'value="{number}"' in form
    assert number not in client.get(reverse("households:household_open")).content.decode()


@pytest.mark.parametrize("role", ["officer", "assistant"])
def test_where_nobody_may_look_further_not_found_and_not_yours_are_one_answer(role, request, signed_in, number, stranger):
    client = signed_in(request.getfixturevalue(role))
    assert "没有登记，或不在您的管辖范围内" in answer(client, number)
    assert "没有登记，或不在您的管辖范围内" in answer(client, factories.id_number())


def test_somebody_without_household_is_listed(clerk, signed_in, number):
    known = ResidentFactory(name="孤身客", number=number)
    page = answer(signed_in(clerk), number)
    assert "未归户" in page
    assert known.get_absolute_url() in page


def test_the_session_holds_no_number_in_plain(clerk, signed_in, number):
    client = signed_in(clerk)
    answer(client, number)
    kept = json.dumps(Session.objects.get(pk=client.session.session_key).get_decoded())
    assert number not in kept
    assert number[6:14] not in kept


def test_the_event_of_a_search_by_name_is_none_and_the_address_says_nothing(clerk, signed_in):
    HouseholdFactory(members=[person(name="诸葛小明")])
    before = Event.objects.count()
    assert looked_for(signed_in(clerk), "诸葛").url == RESULTS
    assert Event.objects.count() == before


def test_without_a_search_there_are_no_results(clerk, signed_in):
    assert signed_in(clerk).get(RESULTS).url == SEARCH


def test_what_left_the_gate_since_is_gone_from_the_results(officer, clerk, signed_in, clock):
    from households.transitions import close_access

    household = HouseholdFactory(members=[person(name="诸葛小明")])
    let_in(household=household, unit=officer.unit, reason="referral", subject=household, by=clerk)
    client = signed_in(officer)
    assert household.number in answer(client, "诸葛")
    close_access(subject=household, by=clerk)
    clock.forward(days=91)
    assert household.number not in signed_in(officer).get(RESULTS).content.decode()


def test_at_most_fifty_are_shown_and_it_says_so(clerk, signed_in, monkeypatch):
    monkeypatch.setattr("households.finding.SHOWN", 2)
    HouseholdFactory(members=[person(name="同名甲"), person("10", name="同名乙", sex="2"), person("20", name="同名丙")])
    assert len(people_named("同名", clerk)) == 3
    page = answer(signed_in(clerk), "同名")
    assert "只列出前2人" in page
    assert page.count('data-label="证件号码"') == 2


def test_the_cost_does_not_grow_with_what_is_found(clerk, signed_in, assert_queries):
    client = signed_in(clerk)
    for _ in range(2):
        HouseholdFactory(members=[person(name="同名甲"), person("10", name="钱乙", sex="2")])
    answer(client, "同名甲")
    with assert_queries(8):
        client.get(RESULTS)
    for _ in range(6):
        HouseholdFactory(members=[person(name="同名甲"), person("10", name="钱乙", sex="2")])
    answer(client, "同名甲")
    with assert_queries(8):
        client.get(RESULTS)


def test_the_advice_is_true_for_who_reads_it(clerk, assistant, officer, signed_in):
    address = reverse("households:household_search")
    texts = [signed_in(post).get(address).content.decode() for post in (clerk, assistant, officer)]
    assert ["可以查到全县" in text for text in texts] == [True, False, False]


@pytest.mark.parametrize("typed", ["SQ202600100004", "zb202600100001"])
def test_the_number_of_a_case_is_told_where_to_look(clerk, signed_in, typed):
    response = signed_in(clerk).post(SEARCH, {"wanted": typed})
    assert response.status_code == 422
    text = response.content.decode()
    assert "请到“救助申请”“转办事项”等列表中按编号查询" in text
    assert "应为18位" not in text
