"""Pages by position over every kind of field: no gap, no repeat, there and back, and as cheap in the depth as on top."""

import json
import random
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.http import QueryDict
from django.test import RequestFactory

from audit.models import Event
from config import keyset
from config.protection.keys import provider
from config.protection.sealing import open_from_address, seal_for_address
from organization.models import Parameter, Region
from tests.deadlines import factories as duties
from tests.protection_app.models import Person

pytestmark = pytest.mark.django_db


def asking(query: str = "", path: str = "/list", user: int = 1, post: int = 0) -> Any:
    """A query, or what of a link to the list."""
    request: Any = RequestFactory().get(f"{path}?{query.removeprefix('/list?')}")
    request.user = SimpleNamespace(pk=user)
    if post:
        request.post = SimpleNamespace(pk=post)
    return request


def sealed(position: str, sort: str, way: str = "after") -> Any:
    """Asked for a position that our own house wrote."""
    token = seal_for_address(keyset.SEAL_LABEL, position, keyset._bound_to(asking(), "/list", [], sort))
    return asking(urlencode({way: token}))


def opened(query: str, sort: str = "name") -> str:
    [(_, token)] = parse_qsl(query.removeprefix("/list?"))
    return open_from_address(keyset.SEAL_LABEL, token, keyset._bound_to(asking(), "/list", [], sort))


def people(count: int) -> "models.QuerySet[Any]":
    """Few names among many: most positions share their value with others."""
    chance = random.Random(7)
    Person.objects.bulk_create([Person(name=chance.choice(["张芳", "王强", "李~国", "赵敏"])) for _ in range(count)])
    return Person.objects.all()


def pages(rows: "models.QuerySet[Any]", sort: str, size: int, way: str, start: str = "") -> Iterator[tuple[list[Any], keyset.KeysetPage]]:
    asked = start
    while True:
        page = keyset.page(keyset.ordered(rows, sort), asking(asked), sort=sort, size=size)
        yield [row.pk for row in page.rows], page
        if not getattr(page, way):
            return
        asked = getattr(page, way)


def walk(rows: "models.QuerySet[Any]", sort: str, size: int = 7) -> tuple[list[Any], list[Any]]:
    """All ids read downwards, and read again from the last page upwards."""
    there, last = [], None
    for ids, page in pages(rows, sort, size, "next"):
        there += ids
        last = page
    back: list[Any] = [row.pk for row in last.rows] if last else []
    if last and last.previous:
        for ids, _ in pages(rows, sort, size, "previous", last.previous):
            back = ids + back
    return there, back


def in_order(rows: "models.QuerySet[Any]", sort: str) -> list[Any]:
    field = models.F(sort.removeprefix("-"))
    down = sort.startswith("-")
    known = rows.order_by(field.desc(nulls_last=True) if down else field.asc(nulls_last=True), "-id" if down else "id")
    ids = [row.pk for row in known if getattr(row, field.name) is not None]
    return ids + [row.pk for row in rows.order_by("id") if getattr(row, field.name) is None]


@pytest.mark.parametrize("sort", ["name_order", "-name_order", "name", "-name"])
def test_text(sort: str) -> None:
    rows = people(45)
    there, back = walk(rows, sort)
    assert there == back == in_order(rows, sort)


@pytest.mark.parametrize("sort", ["due_at", "-due_at", "opened_at", "kind_name"])
def test_moments_and_those_without_one(clerk: Any, sort: str) -> None:
    from deadlines.models import Duty

    for _ in range(9):
        duties.open_duty(clerk)
        duties.paused(clerk)
    there, back = walk(Duty.objects.all(), sort, 4)
    assert there == back == in_order(Duty.objects.all(), sort)


@pytest.mark.parametrize("sort", ["valid_from", "-valid_from", "key", "-id", "id"])
def test_days_keys_and_numbers(sort: str) -> None:
    rows = Parameter.objects.all()
    there, back = walk(rows, sort, 20)
    assert there == back == in_order(rows, sort)


def test_numbers_that_repeat() -> None:
    rows = Event.objects.all()
    there, back = walk(rows, "-unit_id", 20)
    assert there == back == in_order(rows, "-unit_id")


def test_a_path_over_a_relation_and_rows_as_tuples(clerk: Any) -> None:
    from deadlines.models import Duty

    for _ in range(5):
        duties.open_duty(clerk)
    for rows in (Duty.objects.select_related("unit"), Duty.objects.values_list("id", "unit__valid_from", named=True)):
        first = keyset.page(keyset.ordered(rows, "unit__valid_from"), asking(""), sort="unit__valid_from", size=3)
        second = keyset.page(keyset.ordered(rows, "unit__valid_from"), asking(first.next), sort="unit__valid_from", size=3)
        assert [row.id for row in (*first.rows, *second.rows)] == list(Duty.objects.order_by("id").values_list("id", flat=True))


def test_an_address_never_carries_a_text() -> None:
    """Sorted by name, the position is an id alone, sealed as it is."""
    rows = people(30)
    addresses = {text for _, page in pages(rows, "name", 7, "next") for text in (page.next, page.previous) if text}
    assert len(addresses) > 4
    assert [text for text in addresses if not re.fullmatch(r"/list\?(after|before)=[a-z0-9-]{1,16}\.[\w-]{132}", text)] == []
    assert [text for text in addresses if not re.fullmatch(r"0~~[0-9a-f-]{36}", opened(text))] == []


def test_a_row_that_is_gone_begins_at_the_top() -> None:
    rows = people(20)
    first = keyset.page(keyset.ordered(rows, "name"), asking(""), sort="name", size=5)
    Person.objects.filter(pk=first.rows[-1].pk).delete()
    again = keyset.page(keyset.ordered(rows, "name"), asking(first.next), sort="name", size=5)
    assert [row.pk for row in again.rows[:4]] == [row.pk for row in first.rows[:4]]
    assert not again.previous


def test_a_row_that_moved_leaves_the_position_where_it_was(clerk: Any) -> None:
    """Somebody extends the last row of the page: what follows it is not skipped."""
    from deadlines.models import Duty

    for _ in range(9):
        duties.open_duty(clerk)
    rows = Duty.objects.all()
    first = keyset.page(keyset.ordered(rows, "due_at"), asking(""), sort="due_at", size=4)
    moved = first.rows[-1]
    Duty.objects.filter(pk=moved.pk).update(due_at=moved.due_at + timedelta(days=30))
    second = keyset.page(keyset.ordered(rows, "due_at"), asking(first.next), sort="due_at", size=4)
    assert [row.pk for row in second.rows] == in_order(rows, "due_at")[3:7]


UNREADABLE = [
    "x", "0~~", "9~2026-01-01T00:00:00+00:00~" + "0" * 32, "0~yesterday~" + "0" * 32, "0~2026-01-01~" + "0" * 32,
    "0~2026-01-01T00:00:00~" + "0" * 32, "1~2026-01-01T00:00:00+00:00~" + "0" * 32, "0~2026-01-01T00:00:00+00:00~x", "²~~" + "0" * 32,
    "0~0001-01-01T00:00:00+23:00~x", "0~9999-12-31T23:59:59-23:00~x", "",
]  # fmt: skip


@pytest.mark.parametrize("position", UNREADABLE)
@pytest.mark.parametrize("way", ["before", "after"])
def test_a_position_that_cannot_be_read_begins_at_the_top(clerk: Any, way: str, position: str) -> None:
    from deadlines.models import Duty

    duties.open_duty(clerk)
    asked = sealed(position, "due_at", way)
    assert len(keyset.page(keyset.ordered(Duty.objects.all(), "due_at"), asked, sort="due_at").rows) == 1


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_ends_of_time_are_positions(clerk: Any, value: str) -> None:
    from deadlines.models import Duty

    asked = sealed(f"0~{value}~{'0' * 32}", "due_at")
    keyset.page(keyset.ordered(Duty.objects.all(), "due_at"), asked, sort="due_at")


def test_sizes_are_ours() -> None:
    assert [keyset.size_in(QueryDict(f"size={size}")) for size in ("20", "50", "100", "1000", "", "x")] == [20, 50, 100, 0, 0, 0]
    rows = people(60)
    assert len(keyset.page(keyset.ordered(rows, "name"), asking("size=50"), sort="name").rows) == 50


def test_a_count_stops_at_its_cap() -> None:
    rows = people(12)
    assert [keyset.tally(rows, cap) for cap in (5, 11, 12, 13)] == ["5+", "11+", "12", "12"]


def test_several_counts_are_one_statement(assert_queries: Any) -> None:
    rows = people(12)
    first = rows.first()
    assert first is not None
    with assert_queries(1):
        found = keyset.tallies({"all": rows, "none": rows.none(), "named": rows.filter(pk=first.pk)}, cap=11)
    assert found == {"all": "11+", "none": "0", "named": "1"}


def test_links_keep_what_else_is_asked() -> None:
    rows = people(9)
    page = keyset.page(keyset.ordered(rows, "name"), asking("tab=taken&after=x&before=y"), sort="name", size=5)
    assert re.fullmatch(r"/list\?tab=taken&after=[\w.-]+", page.next)


# ── the seal ───────────────────────────────────────────────────────────────────────────────────────────────────
def first_and_following(rows: "models.QuerySet[Any]", where: Any, following: Any, sort: str = "id", again: str = "id") -> tuple[Any, Any]:
    """The keys of a list's first page, and of what its link leads to elsewhere."""
    first = keyset.page(keyset.ordered(rows, sort), where, sort=sort, size=5)
    second = keyset.page(keyset.ordered(rows, again), following(first.next), sort=again, size=5)
    return [row.pk for row in first.rows], [row.pk for row in second.rows]


def test_a_link_holds_in_its_own_list_alone() -> None:
    rows, of = people(12), asking("tab=a", post=3)
    elsewhere = {
        "another list": lambda query: asking(query, "/other", post=3),
        "another narrowing": lambda query: asking(query.replace("tab=a", "tab=b"), post=3),
        "none": lambda query: asking(query.replace("tab=a&", ""), post=3),
        "another post": lambda query: asking(query, post=4),
        "no post": lambda query: asking(query),
    }
    first, second = first_and_following(rows, of, lambda query: asking(query, post=3))
    assert not set(first) & set(second)
    for what, following in elsewhere.items():
        first, second = first_and_following(rows, of, following)
        assert first == second, what
    first, second = first_and_following(rows, asking(user=1), lambda query: asking(query, user=2))
    assert first == second
    first, second = first_and_following(rows, asking(), asking, again="-id")
    assert not set(first) & set(second)  # the end of the list read from its other end: its top


def test_size_and_sort_may_be_asked_for_beside_it() -> None:
    """They are remembered, and a link may lack or bring them; what the order is, is bound itself."""
    first, second = first_and_following(people(12), asking("tab=a"), lambda query: asking(query + "&size=50&sort=x"))
    assert not set(first) & set(second)


def test_what_is_asked_for_first_is_no_matter() -> None:
    """Whoever puts the address together anew, a client of the interface, may name the position first."""
    first, second = first_and_following(
        people(12), asking("tab=a&unit=3"), lambda query: asking("&".join(reversed(query.removeprefix("/list?").split("&"))))
    )
    assert not set(first) & set(second)


def test_rows_brought_in_by_themselves_have_the_links_of_their_list() -> None:
    rows = keyset.ordered(people(12), "id")
    brought = keyset.page(rows, asking(path="/list/rows"), sort="id", size=5, path="/list")
    following = keyset.page(rows, asking(brought.next), sort="id", size=5)
    assert not {row.pk for row in brought.rows} & {row.pk for row in following.rows}


def test_a_list_that_answers_a_form_leads_on_in_the_list() -> None:
    """From the address of a form, which takes nothing else, nothing leads on: who does not say which list it is, is told at once."""
    rows, request = keyset.ordered(people(12), "id"), asking(path="/list/mend")
    request.method = "POST"
    brought = keyset.page(rows, request, sort="id", size=5, path="/list")
    following = keyset.page(rows, asking(brought.next), sort="id", size=5)
    assert not {row.pk for row in brought.rows} & {row.pk for row in following.rows}
    with pytest.raises(ValueError, match="its own path"):
        keyset.page(rows, request, sort="id", size=5)


def test_beyond_the_end_the_way_back_leads_to_the_top() -> None:
    rows = people(6)
    first = keyset.page(keyset.ordered(rows, "id"), asking(), sort="id", size=5)
    rows.filter(pk__gt=first.rows[-1].pk).delete()
    assert keyset.page(keyset.ordered(rows, "id"), asking(first.next), sort="id", size=5).previous == "/list?"


def test_whatever_of_a_link_is_altered_begins_at_the_top() -> None:
    rows, chance = people(12), random.Random(11)
    first = keyset.page(keyset.ordered(rows, "id"), asking(), sort="id", size=5)
    [(_, token)] = parse_qsl(first.next.removeprefix("/list?"))
    signs = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    forged = [token[:at] + chance.choice(signs.replace(token[at], "")) + token[at + 1 :] for at in range(len(token))]
    forged += [token[:at] for at in (0, 1, 5, 40, len(token) - 1)] + [f"{token}A", f"{token}=", f" {token}", f"{token}!", token.upper()]
    forged += ["甲", "v1.甲", "..", ".", "\0"]
    tops = [
        query
        for query in forged
        if [row.pk for row in keyset.page(keyset.ordered(rows, "id"), asking(urlencode({"after": query})), sort="id", size=5).rows]
        != [row.pk for row in first.rows]
    ]
    assert tops == []


def test_an_address_tells_not_even_how_long_a_value_is() -> None:
    """A round time is written shorter than another, and a row without one has none."""
    lengths = {
        len(seal_for_address("x", text, "y")) for text in ("", "0~~7", "1~~" + "0" * 36, f"0~2026-01-01T00:00:00.000001+00:00~{'0' * 36}")
    }
    assert len(lengths) == 1


@pytest.mark.parametrize("text", ["", "a", "一" * 23, "x" * 71, "x" * 72, "一" * 300])
def test_a_text_opens_as_it_was_sealed(text: str) -> None:
    token = seal_for_address("x", text, "list")
    assert re.fullmatch(r"[a-z0-9-]+\.[\w-]+", token)
    assert [open_from_address(*at) for at in (("x", token, "list"), ("y", token, "list"), ("x", token, "lost"))] == [text, "", ""]


def test_a_link_is_good_while_its_key_is_held(settings: Any) -> None:
    """Beside the new key as under it alone; then it begins at the top."""
    rows = people(12)
    first = keyset.page(keyset.ordered(rows, "id"), asking(), sort="id", size=5)

    def following() -> list[Any]:
        provider.cache_clear()
        return [row.pk for row in keyset.page(keyset.ordered(rows, "id"), asking(first.next), sort="id", size=5).rows]

    second, held = following(), settings.FIELD_KEYS
    fresh = {"fresh": b64encode(bytes(range(32, 64))).decode()}
    try:
        settings.FIELD_KEYS, settings.FIELD_KEY_CURRENT = held | fresh, "fresh"
        assert following() == second
        settings.FIELD_KEYS = fresh
        assert following() == [row.pk for row in first.rows]
    finally:
        settings.FIELD_KEYS, settings.FIELD_KEY_CURRENT = held, next(iter(held))
        provider.cache_clear()


# ── cost ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def cost_of(rows: "models.QuerySet[Any]", sort: str, asked: Any) -> tuple[int, str]:
    """Buffers that PostgreSQL touches for one page of 20, and the plan."""
    seen: list[str] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "ORDER BY" in sql:
            seen.append(context["cursor"].mogrify(sql, params).decode())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        keyset.page(keyset.ordered(rows, sort), asked, sort=sort)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + seen[-1])
        plan = cursor.fetchone()[0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    top = plan[0]["Plan"]
    return top["Shared Hit Blocks"] + top["Shared Read Blocks"], json.dumps(top)


@pytest.mark.parametrize("sort", ["name_order", "-name_order"])
def test_the_last_page_costs_what_the_first_does(sort: str) -> None:
    """20,000 people of four names: a position stands among 5,000 equals, and the index is entered right there."""
    rows = people(20_000).only("id", "name_order")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE protection_app_person")
    first, plan = cost_of(rows, sort, asking(""))
    assert "person_by_name" in plan
    deep = list(Person.objects.order_by(*(["-name_order", "-id"] if sort[0] == "-" else ["name_order", "id"])))[18_000]
    last, plan = cost_of(rows, sort, sealed(f"0~~{deep.pk}", sort))
    assert "Index Cond" in plan
    assert last <= first + 10, (first, last, plan)


def test_a_field_the_model_lacks_is_seen_at_once() -> None:
    with pytest.raises(FieldDoesNotExist):
        keyset.ordered(Region.objects.all(), "due_at")
