"""Which classes of regular aid are reviewed by list, of whom it is asked whether they live: how often, when (XX-25, XX-33). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.dates import add_months
from deadlines.rules import ONE_DAY

REVIEW, CERTIFICATION = "review", "certification"
SETTINGS = {"urban": "城市", "rural": "农村"}


@dataclass(frozen=True, slots=True)
class ReviewClass:
    """`key` is that of the figure: a program's code, with the setting of the home where classes differ by it."""

    kind: str
    key: str
    months: int

    @property
    def program(self) -> str:
        return self.key.partition("_")[0].upper()

    @property
    def setting(self) -> str:
        return self.key.partition("_")[2]

    def name(self, program: str) -> str:
        return f"{SETTINGS.get(self.setting, '')}{program}"


def classes(*, rhythm: Mapping[str, Any], others: Mapping[str, Any], certified: Mapping[str, Any]) -> list[ReviewClass]:
    """In the order of their keys, reviews first. A class every 0 months is reviewed without lists: it is none of these."""
    reviews = [ReviewClass(REVIEW, key, int(months)) for key, months in {**others, **rhythm}.items() if int(months) > 0]
    lives = [ReviewClass(CERTIFICATION, key, int(months)) for key, months in certified.items() if int(months) > 0]
    return [*sorted(reviews, key=lambda one: one.key), *sorted(lives, key=lambda one: one.key)]


def begins(one: ReviewClass, today: date, *, yearly_month: int) -> date:
    """The first month of the period in which a day lies; yearly ones begin in a month of the county's."""
    if one.months >= 12:
        year = today.year if today.month >= yearly_month else today.year - 1
        return date(year, yearly_month, 1)
    return date(today.year, (today.month - 1) // one.months * one.months + 1, 1)


def due_on(one: ReviewClass, month: date, *, most: int) -> date:
    """The last day of the period, and no more than so many months after its beginning."""
    return add_months(month, min(one.months, most)) - ONE_DAY
