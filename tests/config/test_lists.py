"""What a person chose for a list stays chosen, in the session, and never stands in an address."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from config import lists
from organization.models import Parameter
from tests.deadlines import factories
from tests.fragments import without_tokens

pytestmark = pytest.mark.django_db
NAME = "monitoring:workbench"
DUTIES = "/workbench/"
CHOOSE = f"/lists/{NAME}/choose/"


class Filters:
    base_filters = {"who": None, "state": None, "many": None}


KNOWN = lists.List(
    NAME,
    (
        lists.Column("key", "代码", sort="key", is_fixed=True),
        lists.Column("from", "自", sort="-valid_from"),
        lists.Column("unit", "单位", is_extra=True),
    ),
    sort="key",
    filters=Filters,
    personal=frozenset({"who"}),
)


class Session_(dict[str, Any]):
    """A session as far as lists know it."""


def request_of(query: str = "", session: dict[str, Any] | None = None, user: Any = 1) -> Any:
    request = RequestFactory().get(f"{DUTIES}?{query}")
    request.session = Session_() if session is None else session
    request.user = type("User", (), {"pk": user})()
    return request


def choose(known: lists.List, session: dict[str, Any], user: Any = 1, **posted: Any) -> str:
    """What `list_choose` does, on a list of this test."""
    request = RequestFactory().post(CHOOSE, posted)
    request.session = session
    request.user = type("User", (), {"pk": user})()
    before = lists._known[NAME]
    lists._known[NAME] = known
    try:
        return lists.list_choose(request, NAME)["Location"]
    finally:
        lists._known[NAME] = before


def table_of(query: str = "", session: dict[str, Any] | None = None, **options: Any) -> lists.Table:
    return KNOWN.chosen(request_of(query, session)).table(Parameter.objects.all(), **options)


def test_sort_and_size_of_a_link_are_remembered() -> None:
    session = Session_()
    first = table_of("sort=-from&size=50", session)
    again = table_of("", session)
    for table in (first, again):
        days = [row.valid_from for row in table.rows]
        assert len(days) == 50
        assert days == sorted(days, reverse=True)
        assert [(h.name, h.direction) for h in table.heads] == [("key", ""), ("from", "descending")]
    assert [option.name for option in again.sizes if option.is_chosen] == ["50"]
    assert [option.name for option in again.sorts if option.is_chosen] == ["-from"]


@pytest.mark.parametrize("query", ["sort=set_by", "sort=unit", "sort=--key", "sort=pk", "size=7", "size=-20", "sort="])
def test_what_is_not_on_the_list_is_not_taken(query: str) -> None:
    session = Session_()
    table = table_of(query, session)
    assert (len(table.rows), table.heads[0].direction) == (20, "ascending")
    assert session == {}


def test_heads_sort_and_turn_round() -> None:
    urls = {head.name: head.url for head in table_of("tab=taken&after=x").heads}
    assert urls == {"key": f"{DUTIES}?tab=taken&sort=-key", "from": f"{DUTIES}?tab=taken&sort=-from"}
    urls = {head.name: head.url for head in table_of("sort=-from").heads}
    assert urls == {"key": f"{DUTIES}?sort=key", "from": f"{DUTIES}?sort=from"}


def test_a_view_may_lack_a_column_and_then_goes_by_its_own_sort() -> None:
    session = Session_()
    table_of("sort=-from", session)
    table = table_of("", session, without={"from"}, sort="-key")
    assert [(h.name, h.direction) for h in table.heads] == [("key", "descending")]
    assert table_of("", session).heads[1].direction == "descending"


def shown(table):
    return {name for name, is_shown in table.shows.items() if is_shown}


def test_columns_are_chosen_and_forgotten() -> None:
    session = Session_()
    assert shown(table_of("", session)) == {"key", "from"}
    choose(KNOWN, session, part="display", columns=["unit"], offered=["from", "unit"], size="100", sort="-key")
    table = table_of("", session)
    assert shown(table) == {"key", "unit"}
    assert (len(table.rows), table.heads[0].direction) == (100, "descending")
    choose(KNOWN, session, part="display", columns=[], offered=["unit"])  # a view that lacks "from" says nothing about it
    assert shown(table_of("", session)) == {"key"}
    choose(KNOWN, session, part="display", clear="1")
    assert shown(table_of("", session)) == {"key", "from"}
    assert len(table_of("", session).rows) == 20


def test_filters_are_remembered_for_the_person_and_the_list() -> None:
    session = Session_()
    choose(KNOWN, session, part="filters", who="张某芳", state="open", many=["1", "2"], other="x")
    chosen = KNOWN.chosen(request_of("", session))
    assert dict(chosen.filters.lists()) == {"who": ["张某芳"], "state": ["open"], "many": ["1", "2"]}
    assert not KNOWN.chosen(request_of("", session, user=2)).filters
    choose(KNOWN, session, part="display", size="50")
    assert KNOWN.chosen(request_of("", session)).filters
    choose(KNOWN, session, part="filters", who="", clear="1")
    assert not KNOWN.chosen(request_of("", session)).filters


def test_what_is_kept_is_sealed() -> None:
    session = Session_()
    choose(KNOWN, session, part="filters", who="张某芳999999199001011238")
    assert re.fullmatch(r"v1:[a-z0-9-]+:[A-Za-z0-9+/=]+", session["lists"][NAME]["filters"])
    session["lists"][NAME]["filters"] = "v1:gone:AAAA"
    assert not KNOWN.chosen(request_of("", session)).filters


def test_a_form_too_large_is_cut() -> None:
    session = Session_()
    choose(KNOWN, session, part="filters", who="甲" * 5000, many=[str(n) for n in range(500)])
    filters = KNOWN.chosen(request_of("", session)).filters
    assert (len(filters["who"]), len(filters.getlist("many"))) == (100, 20)


def test_a_link_filters_its_own_page_and_names_nobody() -> None:
    session = Session_()
    choose(KNOWN, session, part="filters", state="closed")
    assert KNOWN.chosen(request_of("state=open", session)).filters.dict() == {"state": "open"}
    assert KNOWN.chosen(request_of("who=x", session)).filters.dict() == {"state": "closed"}
    assert KNOWN.chosen(request_of("", session)).filters.dict() == {"state": "closed"}


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        (f"{DUTIES}?tab=taken&state=open", f"{DUTIES}?tab=taken"),
        (DUTIES, DUTIES),
        ("", DUTIES),
        ("/account/", DUTIES),
        ("https://elsewhere.example/workbench/", DUTIES),
        ("//elsewhere.example/workbench/", DUTIES),
    ],
)
def test_a_choice_leads_back_to_its_list(back: str, leads_to: str) -> None:
    assert choose(KNOWN, Session_(), part="filters", next=back) == leads_to


def test_a_list_is_sorted_by_a_column_of_its_own() -> None:
    with pytest.raises(ValueError, match="none of its columns"):
        lists.declare(lists.List("x:y", KNOWN.columns, sort="none"))


@pytest.mark.parametrize("role", ["clerk", "officer", "platform", "system_administrator"])
def test_every_declared_list_can_be_read_by_each_of_its_sorts(role: str, signed_in: Any, request: Any) -> None:
    """A typing error in a column's field would show only to the one who clicks it."""
    client: Client = signed_in(request.getfixturevalue(role))
    client.get(DUTIES)  # the addresses are read, and with them the views that declare
    for known in lists._known.values():
        for column in known.columns:
            for sort in (column.name, f"-{column.name}") if column.sort else ():
                assert client.get(reverse(known.url_name), {"sort": sort}).status_code in {200, 403}
    assert NAME in lists._known


# ── over the whole way, on the list of duties ───────────────────────────────────────────────────────────────────────
def test_choosing_over_http(clerk: Any, signed_in: Any) -> None:
    factories.open_duty(clerk, title="转办单1 补助")
    factories.open_duty(clerk, title="转办单2 低保")
    client: Client = signed_in(clerk)
    answer = client.post(CHOOSE, {"part": "filters", "q": "补助", "next": f"{DUTIES}?tab=waiting"})
    assert answer["Location"] == f"{DUTIES}?tab=waiting"
    for _ in range(2):
        page = client.get(DUTIES).content.decode()
        assert re.findall(r"data-open>(转办单\d)", page) == ["转办单1"]
        assert 'value="补助"' in page
        assert "只显示符合条件的：编号或事项" in page
    assert "补助" not in "".join(unquote(url) for url in re.findall(r'(?:href|action|hx-post)="([^"]+)"', page))
    [row] = Session.objects.filter(session_key=client.cookies["sessionid"].value)
    assert "补助" not in str(row.get_decoded())
    client.post(CHOOSE, {"part": "filters", "clear": "1"})
    page = client.get(DUTIES).content.decode()
    assert set(re.findall(r"data-open>(转办单\d)", page)) == {"转办单1", "转办单2"}
    assert "只显示" not in page


def test_htmx_gets_the_table_by_the_same_redirect(clerk: Any, signed_in: Any) -> None:
    client: Client = signed_in(clerk)
    answer = client.post(CHOOSE, {"part": "filters", "q": "无"}, headers={"hx-request": "true"}, follow=True)
    assert "<html" not in without_tokens(answer)
    assert "没有符合条件的待办事项" in without_tokens(answer)


def test_other_people_of_the_same_post_choose_for_themselves(clerk: Any, second_clerk: Any, signed_in: Any) -> None:
    signed_in(clerk).post(CHOOSE, {"part": "filters", "q": "无"})
    assert "只显示" not in signed_in(second_clerk).get(DUTIES).content.decode()


def test_a_hidden_column_is_gone_from_head_and_rows(clerk: Any, signed_in: Any) -> None:
    factories.open_duty(clerk)
    client: Client = signed_in(clerk)
    client.post(CHOOSE, {"part": "display", "offered": ["kind", "opened", "taker"], "columns": ["opened", "taker"]})
    page = client.get(DUTIES).content.decode()
    heads = re.findall(r"<th [^>]*>\s*(?:<a[^>]*>)?([^<]+?)\s*<", page)
    cells = re.findall(r'<td data-label="([^"]+)"', page)
    assert heads == cells == ["时限", "事项", "交办时间", "到期日", "领办人", "操作"]


def test_list_of_the_address_is_known() -> None:
    assert reverse("list_choose", args=[NAME]) == CHOOSE
