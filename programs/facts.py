"""The catalogue of facts as the rule language reads it, on a day."""

from dataclasses import replace
from datetime import date
from typing import Any

from config.dates import add_months

from .models import FactKind
from .screening.language import FactType


def catalogue_of_facts(on: date) -> dict[str, FactType]:
    """Every kind of fact. Whether absence means no depends on the day: a whole list counts from its day, for `list_valid_months`."""
    return {kind.key: fact_type(kind, list_of(kind, on)) for kind in FactKind.objects.select_related("holder").with_listed_on(on)}


def catalogue_of_examples(on: date) -> dict[str, FactType]:  # noqa: ARG001
    """The same with every list taken as delivered: a worked household says all that is to be known of it."""
    return {kind.key: replace(fact_type(kind), is_list=kind.is_list) for kind in FactKind.objects.select_related("holder")}


def list_of(kind: Any, on: date) -> date | None:
    """The day of the whole list that counts on that day. Without a term nobody has set, none counts.

    `kind` is of a query `with_listed_on`.
    """
    if kind.listed_on is None or not isinstance(kind.list_months, int):
        return None
    day: date = kind.listed_on
    return day if on <= add_months(day, kind.list_months) else None


def fact_type(kind: FactKind, listed_on: date | None = None) -> FactType:
    codes = tuple((row["code"], row["label"]) for row in kind.codes)
    return FactType(
        kind.key, kind.label, kind.value_type, kind.scope, codes, kind.measure,
        is_list=listed_on is not None, holder=kind.holder.name if kind.holder else "", is_sensitive=kind.is_sensitive, listed_on=listed_on,
    )  # fmt: skip
