"""Reading parameters on hot paths: the county-wide figures in force, held for half a minute in each process."""

import time
from datetime import date
from typing import Any

from config import clock

from .models import Parameter

HELD_SECONDS = 30
_held: dict[date, dict[str, Any]] = {}
_held_since = 0.0


def figure(key: str) -> Any:
    """The county-wide value of `key` in force today.

    A change reaches every process within half a minute, and the one that made it at once (`forget`).

    Raises:
        LookupError: no such parameter: the reference data is not loaded.
    """
    global _held, _held_since
    today, moment = clock.today(), time.monotonic()
    if not _held or moment - _held_since >= HELD_SECONDS:
        _held, _held_since = {}, moment
    held = _held  # another thread may forget meanwhile
    values = held.get(today)
    if values is None:
        values = held[today] = Parameter.objects.county_wide(today)
    if key not in values:
        raise LookupError(f"parameter {key} has no county-wide value; run manage.py load_reference")
    return values[key]


def figure_or(key: str, otherwise: Any) -> Any:
    """The same for a figure that a county may not have entered yet, such as a telephone number on a paper."""
    try:
        return figure(key)
    except LookupError:
        return otherwise


def figure_at(key: str, *, region_code: str, department_id: int | None = None) -> Any:
    """The value in force today for that place and department, which may have their own (LY-15).

    None where a rule names no figure, or none has been set: not every program has a ceiling or a cap.
    """
    row = Parameter.objects.in_force(key, on=clock.today(), region_code=region_code, department_id=department_id) if key else None
    return row.value if row else None


def forget() -> None:
    """Read afresh the next time."""
    global _held
    _held = {}
