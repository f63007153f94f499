"""A remembered statement answers as the QuerySet does that it was made of."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q

from config import clock, keyset
from config.remembered import Remembered, RememberedCounts
from organization.models import Post, Region, Unit

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 26)


def posts_of(on: Any, staff: Any) -> Any:
    return Post.objects.effective(on).filter(staff_id=staff).select_related("unit__region", "unit__department", "staff")


def test_rows_with_what_they_join(clerk: Post, approver: Post, django_assert_num_queries: Any) -> None:
    asked = Remembered(posts_of)
    for post in (clerk, approver, clerk):
        for on in (clock.today(), post.valid_until + timedelta(days=1)):
            expected = list(posts_of(on, post.staff_id))
            with django_assert_num_queries(1):
                found = asked.rows(on, post.staff_id)
                told = [(row, row.unit.region, row.unit.department, row.staff.name, row.unit.short_name, row.valid_until) for row in found]
            assert told == [
                (row, row.unit.region, row.unit.department, row.staff.name, row.unit.short_name, row.valid_until) for row in expected
            ]
            assert bool(found) == (on == clock.today())


def test_nothing_of_an_answer_is_kept(clerk: Post) -> None:
    asked = Remembered(posts_of)
    assert asked.rows(clock.today(), clerk.staff_id)
    Post.objects.filter(pk=clerk.pk).update(valid_until=clock.today() - timedelta(days=1), valid_from=clock.today() - timedelta(days=9))
    assert not asked.rows(clock.today(), clerk.staff_id)


def test_counts_of_lists_of_any_length() -> None:
    asked = RememberedCounts(lambda kinds, least: {"some": Unit.objects.filter(pk__in=kinds), "more": Unit.objects.filter(pk__gt=least)}, 5)
    keys = list(Unit.objects.order_by("pk").values_list("pk", flat=True)[:9])
    for some in (keys[:1], keys[1:4], keys, keys[2:5]):
        parts = {"some": Unit.objects.filter(pk__in=some), "more": Unit.objects.filter(pk__gt=some[-1])}
        assert asked.counts(some, some[-1]) == keyset.counts(parts, 5)


def test_a_value_that_is_looked_at_is_refused() -> None:
    asked = Remembered(lambda pk: Unit.objects.filter(pk=pk + 1))
    with pytest.raises(ValueError, match="as it is"):
        asked.rows(7)


def test_what_is_told_with_values_list(clerk: Post, officer: Post, platform: Post) -> None:
    def build(keys: Any, kind: Any) -> Any:
        return (
            Post.objects.filter(pk__in=keys, unit__kind=kind).order_by("pk").values_list("pk", "unit__short_name", "valid_from", named=True)
        )

    asked = Remembered(build)
    for posts in ([clerk, officer], [clerk, clerk, platform], [officer]):
        for kind in ("township_window", "department"):
            keys = [post.pk for post in posts]
            assert asked.rows(keys, kind) == list(build(keys, kind))
            assert [row.unit__short_name for row in asked.rows(keys, kind)] == [row.unit__short_name for row in build(keys, kind)]


def test_a_shut_gate_is_not_asked(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert Remembered(lambda keys: Unit.objects.filter(pk__in=keys).none()).rows([1, 2]) == []


def test_an_empty_list_is_no_question() -> None:
    with pytest.raises(IndexError):
        Remembered(lambda keys: Unit.objects.filter(pk__in=keys)).rows([])


@pytest.mark.parametrize(
    ("build", "values"),
    [
        (lambda code: Region.objects.filter(Q(code=code) | Q(code__startswith=code)), ("511129",)),
        (lambda on, until: Post.objects.filter(Q(valid_from=on) | Q(valid_from=on + timedelta(days=1)), valid_until=until), (DAY, DAY)),
        (lambda keys: Unit.objects.filter(Q(pk__in=keys) | Q(pk__in=[key + 1 for key in keys[:-1]])), ([1, 2, 3],)),
        (lambda on: Post.objects.filter(valid_from=on) if on.year < 5 else Post.objects.filter(valid_until=on), (DAY,)),
    ],
)
def test_a_value_that_goes_in_changed_beside_itself_is_refused(build: Any, values: Any) -> None:
    """As it is, it comes out again; what was made of the marker would stand in the statement for everybody."""
    with pytest.raises(ValueError, match="as it is"):
        Remembered(build).rows(*values)
    with pytest.raises(ValueError, match="as it is"):
        RememberedCounts(lambda *given: {"all": build(*given)}, 5).counts(*values)


def test_lists_longer_than_any_page() -> None:
    first, second = Unit.objects.order_by("pk")[:2]
    keys = [*range(10**8, 10**8 + 10_000), first.pk]
    assert Remembered(lambda some, one: Unit.objects.filter(pk__in=some).exclude(pk=one)).rows(keys, second.pk) == [first]


@pytest.mark.parametrize("value", [None, True, 1.5, datetime(2026, 11, 26, tzinfo=UTC), [None]])
def test_what_is_no_number_text_day_or_key_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="takes no"):
        Remembered(lambda day: Post.objects.filter(valid_until=day)).rows(value)
