"""Reading parameters on hot paths: the county-wide figures in force, held for half a minute in each process."""

from typing import Any

from config import clock

from .models import Parameter

HELD_SECONDS = 30
_held: dict[str, Any] = {}
_held_at = 0.0


def figure(key: str) -> Any:
    """The county-wide value of `key` in force today.

    A change reaches every process within half a minute, and the one that made it at once (`forget`).

    Raises:
        LookupError: no such parameter: the reference data is not loaded.
    """
    global _held, _held_at
    moment = clock.now().timestamp()
    if not _held or not 0 <= moment - _held_at < HELD_SECONDS:
        _held, _held_at = Parameter.objects.county_wide(clock.today()), moment
    if key not in _held:
        raise LookupError(f"parameter {key} has no county-wide value; run manage.py load_reference")
    return _held[key]


def figure_or(key: str, otherwise: Any) -> Any:
    """The same for a figure that a county may not have entered yet, such as a telephone number on a paper."""
    try:
        return figure(key)
    except LookupError:
        return otherwise


def forget() -> None:
    """Read afresh the next time."""
    global _held
    _held = {}
