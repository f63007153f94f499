"""Figures that the papers leave to the county: known by name and by kind of value, without one until the platform sets it (RULES P)."""

import json
from functools import cache

from .models import Parameter
from .reference import rows


@cache
def _left_to_the_county() -> dict[str, tuple[str, str, str]]:
    """Key -> name, unit, an example as JSON: what the demo assumes."""
    return {row["key"]: (row["name"], row["unit"], row["value"]) for row in rows("parameters.csv") if row["is_demo"] == "1"}


def example(key: str) -> Parameter | None:
    """An unsaved row that says what the figure is called and looks like; None for a key nobody knows."""
    found = _left_to_the_county().get(key)
    return Parameter(key=key, name=found[0], unit=found[1], value=json.loads(found[2])) if found else None


def examples() -> list[Parameter]:
    """All figures that the papers leave to the county, set or not, as unsaved rows: for their names."""
    return [row for key in _left_to_the_county() if (row := example(key))]


def unset() -> list[Parameter]:
    """Those without any value yet, as examples, in the order of the reference data: what depends on them binds nobody."""
    present = set(Parameter.objects.filter(key__in=_left_to_the_county()).values_list("key", flat=True))
    return [row for row in examples() if row.key not in present]
