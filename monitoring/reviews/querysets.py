"""Who sees a list of reviews: the township or department that owes it, and the county; its lines with the aid (DESIGN 2)."""

from typing import TYPE_CHECKING, Self

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import departments

if TYPE_CHECKING:
    from organization.models import Post


class ReviewListQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """- the county: all but what is sensitive
        - a township: its own, but of no sensitive program
        - a department: those of its programs."""
        if post is None:
            return self.none()
        if post.role == "SYS":
            return self.all()
        if post.unit.kind in COUNTY_WIDE:
            return self.filter(program__is_sensitive=False)
        if post.unit.kind in TOWNSHIP:
            return self.filter(region_id=post.unit.region_id, program__is_sensitive=False)
        return self.filter(program__department_id__in=departments(post)) if post.unit.kind == "department" else self.none()

    def open(self) -> Self:
        return self.filter(closed_at=None)

    def with_list_data(self) -> Self:
        return self.select_related("program", "region", "unit")


class ReviewLineQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Of lists that the post sees; of a department the families that it was let in to see."""
        from households.models import AssistanceRecord

        from ..models import ReviewList

        if post is None:
            return self.none()
        rows = self.filter(list__in=ReviewList.objects.visible_to(post))
        return rows if post.unit.kind != "department" else rows.filter(record__in=AssistanceRecord.objects.visible_to(post))

    def waiting(self) -> Self:
        return self.filter(result="")
