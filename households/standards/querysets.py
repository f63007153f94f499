"""Changes of standards are seen by those whose programs they reach; their lines with the records (DESIGN 2)."""

from typing import TYPE_CHECKING, Self

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE

if TYPE_CHECKING:
    from organization.models import Post


class StandardChangeQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from .rules import rules_for

        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(key__in={rule.key for rule in rules_for(post)})

    def with_list_data(self) -> Self:
        return self.select_related("proposed_by__unit", "proposed_by__staff", "answered_by__unit", "answered_by__staff")


class StandardLineQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Of changes that the post sees; the aid among them that it may see and is told the name of."""
        from ..models import AssistanceRecord, StandardChange

        if post is None:
            return self.none()
        rows = self.filter(change__in=StandardChange.objects.visible_to(post))
        if post.unit.kind not in COUNTY_WIDE:
            return rows.filter(record__in=AssistanceRecord.objects.visible_to(post).shown_to(post))
        return rows if post.role == "SYS" else rows.filter(record__program__is_sensitive=False)

    def computed(self) -> Self:
        return self.filter(problem="")
