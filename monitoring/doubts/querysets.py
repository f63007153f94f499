"""Doubts and who sees them: the township of the place and the county platform (ZX-26)."""

from datetime import date
from typing import TYPE_CHECKING, Self

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP

if TYPE_CHECKING:
    from organization.models import Post


class DoubtQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """A township those of its place, the platform and the jobs the county's; villages and departments none."""
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(township_code=post.unit.region_id) if post.unit.kind in TOWNSHIP else self.none()

    def standing(self) -> Self:
        """Neither closed by somebody nor disproved."""
        return self.filter(status__in=["open", "pool"])

    def open(self) -> Self:
        return self.filter(status="open")

    def in_pool(self) -> Self:
        """Found and not yet anybody's work: a township pulls from it, the highest score first."""
        return self.filter(status="pool")

    def closed(self) -> Self:
        return self.filter(status="closed")

    def dismissed(self) -> Self:
        return self.filter(status="closed", outcome__in=["kept", "wrong_data"])

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def about(self, *, household_id: object = None, resident_id: object = None) -> Self:
        return self.filter(household_id=household_id, resident_id=resident_id)

    def opened_in_month(self, on: date) -> Self:
        """Handed to a township by the clock in the month of that day; what it pulled itself is not counted against it."""
        return self.filter(opened_by__unit__kind="system", opened_at__date__gte=on.replace(day=1), opened_at__date__lte=on)

    def with_list_data(self) -> Self:
        return self.select_related("household__region__parent", "resident__region__parent", "program", "other_program", "unit")

    def with_page_data(self) -> Self:
        people = [f"{act}_by__{part}" for act in ("found", "opened", "closed") for part in ("unit", "staff")]
        return self.with_list_data().select_related(*people)


class DoubtRunQuerySet(GatedQuerySet):
    """Numbers alone: of which day the doubts are, and how many there were of each kind."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE | TOWNSHIP else self.none()
