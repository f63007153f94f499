"""动态复核: how often a regular record is looked at again, by its class: pure functions on values (XX-25, C-14, C-15)."""

from typing import Any

SUBSISTENCE = "MZ01"
URBAN = "urban"


def months_between(program: str, setting: str, *, is_severe: bool, rhythm: dict[str, Any], classes: dict[str, Any], stable: int) -> int:
    """Months until the next review.

    低保: a household with somebody severely ill or disabled yearly (C-15); else in the county's rhythm, monthly in town, quarterly in the
    country (XX-25). All other regular aid: as stable (C-14).
    """
    if program != SUBSISTENCE:
        return stable
    if is_severe:
        return int(classes["severely_ill_or_disabled"])
    return int(rhythm["mz01_urban"] if setting == URBAN else rhythm["mz01_rural"])


def class_name(program: str, setting: str, *, is_severe: bool) -> str:
    """The class in words, for the page."""
    if program != SUBSISTENCE:
        return "定期救助"
    if is_severe:
        return "低保，有重病重残人员"
    return "城市低保" if setting == URBAN else "农村低保"
