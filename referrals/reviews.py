"""动态复核: how often a regular record is looked at again, by its class: pure functions on values (XX-25, C-14, C-15)."""

from dataclasses import dataclass
from typing import Any

SUBSISTENCE = "MZ01"
URBAN = "urban"
# Facts and their values by which somebody counts as able to work, or a family's income as unstable (C-14).
UNSTABLE = {"labour_capacity": ("able", "partial"), "employment_state": ("flexible", "unemployed", "none")}
UNSTABLE_TAGS = ("unemployed", "nobody_employed")


@dataclass(frozen=True, slots=True)
class Household:
    """What is known of those whom a record reaches, as far as its class depends on it."""

    setting: str = ""
    is_severe: bool = False
    is_unstable: bool = False


def months_between(program: str, home: Household, *, rhythm: dict[str, Any], classes: dict[str, Any], national: dict[str, Any]) -> int:
    """Months until the next review.

    低保: a household with somebody severely ill or disabled yearly (C-15); else in the county's rhythm, monthly in town, quarterly in the
    country (XX-25), which is what C-15 asks of those able to work and stricter than its six months. All other regular aid by C-14:
    half-yearly where income is unstable or somebody is able to work, yearly where it is stable or somebody is severely ill or disabled.
    """
    if home.is_severe:
        return int(classes["severely_ill_or_disabled"])
    if program == SUBSISTENCE:
        return int(rhythm["mz01_urban"] if home.setting == URBAN else rhythm["mz01_rural"])
    return int(national["unstable_or_able_to_work"] if home.is_unstable else national["stable"])


def class_name(program: str, home: Household) -> str:
    """The class in words, for the page."""
    if program == SUBSISTENCE:
        if home.is_severe:
            return "低保，有重病重残人员"
        return "城市低保" if home.setting == URBAN else "农村低保"
    if home.is_severe:
        return "定期救助，有重病重残人员"
    return "定期救助，收入不稳定或有劳动能力" if home.is_unstable else "定期救助，情况稳定"
