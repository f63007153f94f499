"""Stored screenings, runs over the county and requests for facts, and who sees them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, OuterRef, Q

from config import clock
from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP
from organization.lineage import desks

if TYPE_CHECKING:
    from organization.models import Post


class ScreeningQuerySet(GatedQuerySet):
    """With the household, for those who work on it; a village reads no values (SECURITY, 权限表)."""

    def visible_to(self, post: "Post | None") -> Self:
        from ..models import Household

        if post is None or post.unit.kind not in COUNTY_WIDE | TOWNSHIP | {"department"}:
            return self.none()
        return self.filter(household__in=Household.objects.beyond_the_card(post))

    def for_household(self, household_id: Any) -> Self:
        return self.filter(household_id=household_id)

    def newest(self) -> Self:
        """The end of each household's chain, whatever the clocks of two machines say."""
        return self.filter(~Exists(self.model._base_manager.filter(previous=OuterRef("pk"))))


class FactRequestQuerySet(GatedQuerySet):
    """The unit asked, or who works on for it, as long as it may see the household; the township that works on it, not one that only visits;
    the platform."""

    def visible_to(self, post: "Post | None") -> Self:
        from ..models import Access, Household

        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        seen = Household.objects.visible_to(post)
        if post.unit.kind == "department":
            return self.filter(unit_id__in=desks(post), household__in=seen)
        if post.unit.kind not in TOWNSHIP:
            return self.none()
        own = seen.model._base_manager.filter(region__code__startswith=post.region_code).order_by().values("pk")
        taken_on = Access.objects.open(clock.today()).of_place(post).exclude(reason="visit").order_by().values("household_id")
        return self.filter(household__in=own.union(taken_on, all=True))

    def open(self) -> Self:
        return self.filter(status="open")

    def standing(self, since: datetime) -> Self:
        """Not answered yet, or answered since then that nothing can be given: the newest last."""
        return self.filter(Q(status="open") | Q(status="unable", answered_at__gte=since)).order_by("asked_at", "id")

    def with_page_data(self) -> Self:
        homes = ("household__region__parent", "resident", "kind__holder", "unit", "fact")
        return self.select_related(*homes, "asked_by__unit", "asked_by__staff", "answered_by__unit", "answered_by__staff")


class ScreeningRunQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """Counts of the county: the unit that asked, and the platform."""
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE else self.filter(begun_by__unit_id=post.unit_id)

    def comparisons(self) -> Self:
        return self.filter(is_comparison=True)

    def whole(self) -> Self:
        """All programs at once."""
        return self.filter(is_comparison=False)


class ScreeningDifferenceQuerySet(GatedQuerySet):
    """Rows of a run that the post sees, of households of which it reads more than the card: counts are the county's, names are not."""

    ADVISED = ("eligible", "likely")

    def visible_to(self, post: "Post | None") -> Self:
        from ..models import Household, ScreeningRun

        if post is None:
            return self.none()
        return self.filter(run__in=ScreeningRun.objects.visible_to(post), household__in=Household.objects.beyond_the_card(post))

    def entering(self) -> Self:
        """符合 or 疑似 with the changed rule, and neither with the one in force."""
        return self.filter(after__in=self.ADVISED).exclude(before__in=self.ADVISED)

    def leaving(self) -> Self:
        return self.filter(before__in=self.ADVISED).exclude(after__in=self.ADVISED)

    def with_list_data(self) -> Self:
        return self.select_related("household__region__parent", "resident")
