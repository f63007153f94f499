"""核身用途 and its runs: seen by the department whose lists they are, and by the county platform, which approves."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Max, Q, Sum

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE
from organization.lineage import desks

if TYPE_CHECKING:
    from organization.models import Post


class CheckPurposeQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        return self.filter(unit_id__in=desks(post)) if post.unit.kind == "department" else self.none()

    def usable(self, on: date) -> Self:
        return self.filter(status="approved", until__gte=on)

    def expired(self, on: date) -> Self:
        return self.filter(status="approved", until__lt=on)

    def waiting(self) -> Self:
        return self.filter(status="proposed")

    def over(self, on: date) -> Self:
        return self.filter(Q(status__in=["refused", "ended"]) | Q(status="approved", until__lt=on))

    def with_list_data(self) -> Self:
        return self.select_related("unit", "program").annotate(people=Sum("runs__rows"), last_at=Max("runs__ran_at"))


class ListCheckQuerySet(GatedQuerySet):
    """Seen with its purpose."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import CheckPurpose

        return self.filter(purpose__in=CheckPurpose.objects.visible_to(post)) if post else self.none()
