"""Budgets are numbers of departments, nobody's: each department its own, the finance bureau and the county all (LY-31)."""

from typing import TYPE_CHECKING, Self

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE
from organization.lineage import codes, departments

if TYPE_CHECKING:
    from organization.models import Post

FINANCE = "CZ"


def is_finance(post: "Post") -> bool:
    """A post of the finance bureau, or of who works on for it."""
    return FINANCE in codes(post)


class BudgetQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE or is_finance(post):
            return self.all()
        return self.filter(department_id__in=departments(post)) if post.unit.kind == "department" else self.none()

    def confirmed(self) -> Self:
        return self.filter(status="confirmed")

    def of_year(self, year: int) -> Self:
        return self.filter(year=year)

    def with_list_data(self) -> Self:
        return self.select_related(
            "department", "program", "entered_by__unit", "entered_by__staff", "answered_by__unit", "answered_by__staff"
        )
