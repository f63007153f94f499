"""A model whose rows are found by name: columns, indexes and the search (PERFORMANCE 6).

    class Resident(SearchableName):
        objects = ResidentQuerySet.as_manager()  # a SearchableNameQuerySet

        class Meta(SearchableName.Meta):
            indexes = [*SearchableName.Meta.indexes, models.Index(name="resident_by_name", fields=["region", "name_order", "id"])]

Its first migration depends on ("config", "0002_name_search"), which makes the function behind the index.
"""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayContains  # type: ignore[attr-defined]
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import Exact, GreaterThan

from config.verbs import GatedQuerySet

from .names import grams, name_key, name_keys, pinyin_term, tidy_name


class NameGrams(Func):
    function = "name_grams"
    output_field = ArrayField(models.TextField())


class NameKey(Func):
    function = "name_key"
    output_field = models.TextField()


class NameField(models.CharField):
    """A name, tidied on every save."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": 60, "db_collation": "C", **options})

    def pre_save(self, row: models.Model, add: bool) -> str:
        name = tidy_name(super().pre_save(row, add))
        setattr(row, self.attname, name)
        return name


class NameKeyField(models.CharField):
    """One of `names.NameKeys` of the model's `name`, computed on every save and `bulk_create`.

    Collated by octets: the key orders alike on every server, and a plain index serves prefixes.
    """

    def __init__(self, *args: Any, part: str, **options: Any) -> None:
        self.part = part
        super().__init__(*args, **{"max_length": 500, "db_collation": "C", "editable": False, "blank": True, **options})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "part": self.part}

    def pre_save(self, row: models.Model, add: bool) -> str:
        key: str = getattr(name_keys(tidy_name(row.name)), self.part)  # type: ignore[attr-defined]
        setattr(row, self.attname, key)
        return key


class SearchableNameQuerySet(GatedQuerySet):
    def names_like(self, term: str) -> Self:
        """Rows whose name holds `term` anywhere; for letters, whose initials or pinyin begin with it; `张xf` mixes both. Nothing for "".

        Ordered by name, in a way that never tempts the planner to walk the order index past a million strangers: the matches come from
        the name index and are then sorted. One-character terms of a whole county sort tens of thousands of rows; two are quick.
        """
        condition = name_condition(term)
        if condition is None:
            return self.none()
        return self.filter(condition).in_name_order()

    def in_name_order(self) -> Self:
        """By an expression, which no index gives."""
        return self.order_by(Concat("name_order", Value("")), "pk")


class SearchableName(models.Model):
    """Columns and indexes of a name that can be found. `save(update_fields=[...])` of a new name names all of NAME_COLUMNS."""

    NAME_COLUMNS = ("name", "name_pinyin", "name_initials", "name_order")

    name = NameField("姓名")
    name_pinyin = NameKeyField("姓名拼音", part="pinyin")
    name_initials = NameKeyField("姓名首字母", part="initials", max_length=60)
    name_order = NameKeyField("姓名排序", part="order")

    class Meta:
        abstract = True
        indexes = [
            GinIndex(NameGrams("name"), name="%(class)s_name_grams"),
            models.Index(name="%(class)s_name_initials", fields=["name_initials"]),
            models.Index(name="%(class)s_name_pinyin", fields=["name_pinyin"]),
        ]


def name_condition(term: str) -> Q | None:
    """The condition of `names_like`, for filters that combine it; None for a term without a character to look for."""
    key = name_key(tidy_name(term))
    if not key:
        return None
    characters = key.rstrip("abcdefghijklmnopqrstuvwxyzü")
    if characters:
        return _holds(key) if characters == key else _begins(characters, pinyin_term(key[len(characters) :]))
    letters = pinyin_term(key)
    found = Q(name_initials__startswith=letters) | Q(name_pinyin__startswith=letters)
    return found | _holds(key) if len(key) > 1 else found


def _holds(key: str) -> Q:
    """The characters stand together anywhere in the name. Pairs are exact for two; one is looked for first in the row itself."""
    wanted = [key] if len(key) <= 2 else grams(key)[len(key) :]
    indexed = Q(ArrayContains(NameGrams("name"), wanted))
    if len(key) == 1:
        # "Not nowhere" rather than "somewhere": the planner takes it for nearly always true, and so trusts the index's own estimate.
        return ~Q(Exact(StrIndex("name", Value(key)), 0)) & indexed
    return indexed if len(key) == 2 else indexed & Q(GreaterThan(StrIndex(NameKey(F("name")), Value(key)), 0))


def _begins(characters: str, letters: str) -> Q:
    """Characters and then letters: `张xf`, `欧阳f`, `张xiaof`."""
    keys = name_keys(characters + "一")  # a surname is read as one only before a given name
    initials, syllables = keys.initials.removesuffix("y"), keys.pinyin.removesuffix("yi")
    known = Q(name__startswith=characters)
    return known & (Q(name_initials__startswith=initials + letters) | Q(name_pinyin__startswith=syllables + letters))
