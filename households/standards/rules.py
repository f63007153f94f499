"""Which program pays by which dated figure, and how an amount follows from it: data of `fixtures/standard_rules.csv` (TZ-36)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from organization.kinds import COUNTY_WIDE
from organization.lineage import departments
from organization.models import Post
from organization.reference import rows
from programs.models import Program


class How(StrEnum):
    FLAT = "flat"
    PER_PERSON = "per_person"
    GRADED = "graded"
    TOPPING_UP = "topping_up"


HOW = {How.FLAT: "每份按标准", How.PER_PERSON: "按人数乘标准", How.GRADED: "按等级", How.TOPPING_UP: "差额补足"}


@dataclass(frozen=True, slots=True)
class StandardRule:
    """`grades` tells which entry of the figure a value of `fact` means; without a fact the entry is known by the former amount alone."""

    program: str
    key: str
    how: How
    fact: str = ""
    grades: dict[str, str] = field(default_factory=dict)

    @property
    def how_label(self) -> str:
        return HOW[self.how]


@cache
def all_rules() -> tuple[StandardRule, ...]:
    """In the order of the file, which is that of the programs' codes."""
    return tuple(
        StandardRule(row["program"], row["key"], How(row["how"]), row["fact"], _grades(row["grades"])) for row in rows("standard_rules.csv")
    )


def rules_of(key: str) -> list[StandardRule]:
    """Of the programs that follow this figure."""
    return [rule for rule in all_rules() if rule.key == key]


def rules_for(post: Post | None) -> list[StandardRule]:
    """Those that a post may change a standard of: the county all, a department its own programs'."""
    if post is None:
        return []
    if post.unit.kind in COUNTY_WIDE:
        return list(all_rules())
    if post.unit.kind != "department":
        return []
    codes = _of_departments(departments(post))
    return [rule for rule in all_rules() if rule.program in codes]


def _of_departments(ids: Iterable[int]) -> set[str]:
    return set(Program.objects.filter(department_id__in=list(ids)).values_list("pk", flat=True))


def _grades(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(";") if part)
