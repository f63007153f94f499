"""Pages by position over every kind of field: no gap, no repeat, there and back, and as cheap in the depth as on top."""

import json
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.http import QueryDict

from audit.models import Event
from config import keyset
from organization.models import Parameter, Region
from tests.deadlines import factories as duties
from tests.protection_app.models import Person

pytestmark = pytest.mark.django_db


def people(count: int) -> "models.QuerySet[Any]":
    """Few names among many: most positions share their value with others."""
    chance = random.Random(7)
    Person.objects.bulk_create([Person(name=chance.choice(["张芳", "王强", "李~国", "赵敏"])) for _ in range(count)])
    return Person.objects.all()


def pages(rows: "models.QuerySet[Any]", sort: str, size: int, way: str, start: str = "") -> Iterator[tuple[list[Any], keyset.KeysetPage]]:
    query = QueryDict(start)
    while True:
        page = keyset.page(keyset.ordered(rows, sort), query, sort=sort, size=size)
        yield [row.pk for row in page.rows], page
        if not getattr(page, way):
            return
        query = QueryDict(getattr(page, way))


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
        first = keyset.page(keyset.ordered(rows, "unit__valid_from"), QueryDict(""), sort="unit__valid_from", size=3)
        second = keyset.page(keyset.ordered(rows, "unit__valid_from"), QueryDict(first.next), sort="unit__valid_from", size=3)
        assert [row.id for row in (*first.rows, *second.rows)] == list(Duty.objects.order_by("id").values_list("id", flat=True))


def test_an_address_never_carries_a_text() -> None:
    """Sorted by name, the position is an id alone."""
    rows = people(30)
    addresses = {text for _, page in pages(rows, "name", 7, "next") for text in (page.next, page.previous) if text}
    assert len(addresses) > 4
    assert [text for text in addresses if not re.fullmatch(r"(after|before)=name~0~~[0-9a-f-]{36}", unquote(text))] == []


def test_a_row_that_is_gone_begins_at_the_top() -> None:
    rows = people(20)
    first = keyset.page(keyset.ordered(rows, "name"), QueryDict(""), sort="name", size=5)
    Person.objects.filter(pk=first.rows[-1].pk).delete()
    again = keyset.page(keyset.ordered(rows, "name"), QueryDict(first.next), sort="name", size=5)
    assert [row.pk for row in again.rows[:4]] == [row.pk for row in first.rows[:4]]
    assert not again.previous


def test_a_row_that_moved_leaves_the_position_where_it_was(clerk: Any) -> None:
    """Somebody extends the last row of the page: what follows it is not skipped."""
    from deadlines.models import Duty

    for _ in range(9):
        duties.open_duty(clerk)
    rows = Duty.objects.all()
    first = keyset.page(keyset.ordered(rows, "due_at"), QueryDict(""), sort="due_at", size=4)
    moved = first.rows[-1]
    Duty.objects.filter(pk=moved.pk).update(due_at=moved.due_at + timedelta(days=30))
    second = keyset.page(keyset.ordered(rows, "due_at"), QueryDict(first.next), sort="due_at", size=4)
    assert [row.pk for row in second.rows] == in_order(rows, "due_at")[3:7]


UNREADABLE = [
    "x", "due_at", "due_at~0~~", "due_at~9~2026-01-01T00:00:00+00:00~" + "0" * 32, "due_at~0~yesterday~" + "0" * 32,
    "due_at~0~2026-01-01~" + "0" * 32, "due_at~0~2026-01-01T00:00:00~" + "0" * 32, "due_at~1~2026-01-01T00:00:00+00:00~" + "0" * 32,
    "-due_at~0~2026-01-01T00:00:00+00:00~" + "0" * 32, "due_at~0~2026-01-01T00:00:00+00:00~x", "due_at~²~~" + "0" * 32,
    "due_at~0~0001-01-01T00:00:00+23:00~x", "due_at~0~9999-12-31T23:59:59-23:00~x",
]  # fmt: skip


@pytest.mark.parametrize("position", UNREADABLE)
@pytest.mark.parametrize("way", ["before", "after"])
def test_a_position_that_cannot_be_read_begins_at_the_top(clerk: Any, way: str, position: str) -> None:
    from deadlines.models import Duty

    duties.open_duty(clerk)
    query = QueryDict(mutable=True)
    query[way] = position
    assert len(keyset.page(keyset.ordered(Duty.objects.all(), "due_at"), query, sort="due_at").rows) == 1


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00"])
def test_the_ends_of_time_are_positions(clerk: Any, value: str) -> None:
    from deadlines.models import Duty

    query = QueryDict(f"after=due_at~0~{value}~{'0' * 32}")
    keyset.page(keyset.ordered(Duty.objects.all(), "due_at"), query, sort="due_at")


def test_sizes_are_ours() -> None:
    assert [keyset.size_in(QueryDict(f"size={size}")) for size in ("20", "50", "100", "1000", "", "x")] == [20, 50, 100, 0, 0, 0]
    rows = people(60)
    assert len(keyset.page(keyset.ordered(rows, "name"), QueryDict("size=50"), sort="name").rows) == 50


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
    page = keyset.page(keyset.ordered(rows, "name"), QueryDict("tab=taken&after=x&before=y"), sort="name", size=5)
    assert page.next.startswith("tab=taken&after=name")


# ── cost ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def cost_of(rows: "models.QuerySet[Any]", sort: str, query: QueryDict) -> tuple[int, str]:
    """Buffers that PostgreSQL touches for one page of 20, and the plan."""
    seen: list[str] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "ORDER BY" in sql:
            seen.append(context["cursor"].mogrify(sql, params).decode())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        keyset.page(keyset.ordered(rows, sort), query, sort=sort)
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
    first, plan = cost_of(rows, sort, QueryDict(""))
    assert "person_by_name" in plan
    deep = list(Person.objects.order_by(*(["-name_order", "-id"] if sort[0] == "-" else ["name_order", "id"])))[18_000]
    last, plan = cost_of(rows, sort, QueryDict(f"after={sort}~0~~{deep.pk}"))
    assert "Index Cond" in plan
    assert last <= first + 10, (first, last, plan)


def test_a_field_the_model_lacks_is_seen_at_once() -> None:
    with pytest.raises(FieldDoesNotExist):
        keyset.ordered(Region.objects.all(), "due_at")
