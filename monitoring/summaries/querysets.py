"""Who reads the figures of the county: by the place or the programs of the post, never by its rows."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Q

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import departments

if TYPE_CHECKING:
    from organization.models import Post

# Numbers alone reach these beside the platform: the joint meeting and supervision.
READS_THE_COUNTY = COUNTY_WIDE | {"convener", "supervision"}


class SummaryCellQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The county's to whoever reads the county, a township's own, a department's own programs. A village has no cells.

        What is sensitive stands to its department alone, and each such program over the county: where it is small, `summaries.read`
        keeps it back.
        """
        if post is None:
            return self.none()
        if post.unit.kind in READS_THE_COUNTY:
            return self.filter(Q(with_sensitive=False) | Q(township_code="", program__isnull=False))
        if post.unit.kind in TOWNSHIP:
            return self.filter(township_code=post.unit.region_id, with_sensitive=False)
        return self.filter(department_id__in=departments(post)) if post.unit.kind == "department" else self.none()

    def of_months(self, first: date, last: date) -> Self:
        return self.filter(month__gte=first, month__lte=last)


class SummaryMonthQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """That a month was counted, and when, is no secret to whoever works here."""
        return self.all() if post is not None else self.none()


class SummaryMarkQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        return self.all() if post is not None and post.unit.kind in COUNTY_WIDE else self.none()


class WorkCellQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The county's to whoever reads the county, a township's own. Others' work is counted by their units, not by place."""
        if post is None:
            return self.none()
        if post.unit.kind in READS_THE_COUNTY:
            return self.all()
        return self.filter(township_code=post.unit.region_id) if post.unit.kind in TOWNSHIP else self.none()


class WorkMonthQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        return self.all() if post is not None else self.none()
