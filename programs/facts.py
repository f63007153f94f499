"""The catalogue of facts as the rule language reads it, on a day."""

from dataclasses import replace
from datetime import date

from .models import FactKind
from .screening.language import FactType


def catalogue_of_facts(on: date) -> dict[str, FactType]:
    """Every kind of fact. Whether absence means no depends on the day: a list counts from the day on which it was first delivered whole."""
    return {kind.key: fact_type(kind, on) for kind in FactKind.objects.select_related("holder")}


def catalogue_of_examples(on: date) -> dict[str, FactType]:
    """The same with every list taken as delivered: a worked household says all that is to be known of it."""
    kinds = FactKind.objects.select_related("holder")
    return {kind.key: replace(fact_type(kind, on), is_list=kind.is_list) for kind in kinds}


def fact_type(kind: FactKind, on: date) -> FactType:
    codes = tuple((row["code"], row["label"]) for row in kind.codes)
    return FactType(
        kind.key, kind.label, kind.value_type, kind.scope, codes, kind.measure,
        is_list=kind.listed_on is not None and kind.listed_on <= on,
        holder=kind.holder.name if kind.holder else "",
        is_sensitive=kind.is_sensitive,
    )  # fmt: skip
