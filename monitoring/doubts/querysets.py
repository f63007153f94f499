"""Doubts and who sees them: the township of the place and the county platform (ZX-26)."""

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

    def counted_for(self, post: "Post | None") -> Self:
        """For figures alone, by kind and place, which name nobody: behind the gate; to supervision and the convener the county's."""
        if post is not None and post.unit.kind in {"supervision", "convener"}:
            return self.all()
        return self.visible_to(post)

    def standing(self) -> Self:
        """Neither closed by somebody nor disproved."""
        return self.filter(status__in=["open", "pool"])

    def open(self) -> Self:
        return self.filter(status="open")

    def in_pool(self) -> Self:
        """Found and not yet anybody's work: a township pulls from it, the highest score first."""
        return self.filter(status="pool")

    def of_kind(self, kind: str) -> Self:
        return self.filter(kind=kind)

    def with_list_data(self) -> Self:
        return self.select_related("household__region__parent", "resident__region__parent", "program", "other_program", "unit__region")

    def with_page_data(self) -> Self:
        people = [f"{act}_by__{part}" for act in ("found", "opened", "closed") for part in ("unit", "staff")]
        return self.with_list_data().select_related(*people)


class DoubtRunQuerySet(GatedQuerySet):
    """Numbers alone: of which day the doubts are, and how many there were of each kind."""

    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE | TOWNSHIP else self.none()
