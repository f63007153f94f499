"""Loading what every installation needs (reference data) and what only the demo shows, room by room, lowest floor first."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.apps import apps

FLOORS = (
    "organization", "deadlines", "documents", "spreadsheets", "programs", "households", "verification", "intake", "referrals", "monitoring",
)  # fmt: skip


def rooms_with(module: str, function: str = "load") -> Iterator[tuple[str, ModuleType]]:
    """Each room that brings `<room>/<module>.py` with that function, as (label, module), in floor order."""
    for room in FLOORS:
        name = f"{apps.get_app_config(room).name}.{module}"
        if find_spec(name) is not None and hasattr(room_module := import_module(name), function):
            yield room, room_module
