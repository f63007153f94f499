"""What `tests/quick.py` makes shorter comes to the same statements, values and all."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Lower

from deadlines.models import Duty
from organization.models import Post, Staff, Unit
from tests import quick
from tests.guards.tree import ROOMS


def of_every_model() -> Iterator[QuerySet]:
    """As pages ask: whole rows, with what they refer to, in the model's order and in another, some columns, the first of them."""
    for model in (m for m in apps.get_models() if m._meta.app_label in ROOMS):
        rows, parents = model._base_manager.all(), [f.name for f in model._meta.fields if f.is_relation]
        yield rows
        yield rows.order_by("-pk")
        if parents:
            yield rows.select_related(*parents).order_by(parents[0], "pk")
            yield rows.select_related(*parents).only("pk", *parents)
            yield rows.filter(**{f"{parents[0]}__in": [1]}).order_by(f"-{parents[0]}__pk").values_list("pk", parents[0])
        yield rows.order_by(F("pk").desc(nulls_last=True))
        yield rows.annotate(word=Value("a")).order_by("word", "pk")


def of_other_shapes() -> list[QuerySet]:
    """What goes by references, by aliases, by positions, through the same table twice."""
    posts = Post._base_manager.all()
    return [
        posts.order_by("unit__name", "staff__username").select_related("unit__region", "staff"),
        posts.order_by(Lower("staff__username")).distinct(),
        posts.values("unit").annotate(many=Count("pk")).order_by("-many", "unit"),
        posts.filter(Exists(Post._base_manager.filter(unit=OuterRef("unit"), rank="approver").order_by("pk"))).order_by("pk"),
        posts.filter(unit__in=Unit._base_manager.filter(name="a").order_by("name").values("pk")),
        posts.order_by("pk").values_list("pk").union(Staff._base_manager.order_by().values_list("pk")).order_by("id"),
        posts.reverse(),
        posts.order_by("?"),
        posts.extra(select={"one": "1"}, order_by=["one", "-organization_post.id"]),
        Duty._base_manager.select_related("unit__region__parent__parent", "taken_by__unit__successor").order_by("due_at", "pk"),
        Duty._base_manager.alias(named=F("unit__name")).order_by("-named"),
        Duty._base_manager.dates("opened_at", "month", order="DESC"),
    ]


def compiled(rows: QuerySet) -> tuple[Any, ...]:
    compiler = rows.all().query.get_compiler("default")
    sql, params = compiler.as_sql()
    converters = compiler.get_converters([column for column, _, _ in compiler.select])
    named = {place: [getattr(one, "__qualname__", repr(one)) for one in found] for place, (found, _) in converters.items()}
    return sql, params, named, compiler.annotation_col_map


@pytest.fixture
def _quick_again():
    yield
    quick.be_quick()


@pytest.mark.usefixtures("db", "_quick_again")
def test_the_same_statements_both_ways():
    queries = [*of_every_model(), *of_other_shapes()]
    quick.be_slow()
    slowly = [compiled(rows) for rows in queries]
    quick.be_quick()
    once, again = [compiled(rows) for rows in queries], [compiled(rows) for rows in queries]
    assert len(queries) > 300
    assert once == slowly
    assert again == slowly, "what is kept from the first time serves the second"
