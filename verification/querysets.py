"""Verifications are seen with their household; departments see the recognised conclusion of those they were given (ZX-40)."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Exists, OuterRef, Q

from config.verbs import GatedQuerySet
from households.querysets import OfHouseholdQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP

if TYPE_CHECKING:
    from organization.models import Post


class VerificationQuerySet(OfHouseholdQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """With the household; for a department only what is finished, since it is given conclusions and not the work (ZX-40)."""
        rows = super().visible_to(post)
        return rows.filter(status="done") if post is not None and post.unit.kind == "department" else rows

    def of_work(self, post: "Post") -> Self:
        """What the post's township does, at its window; for the platform, the county's."""
        if post.unit.kind not in TOWNSHIP:
            return self
        windows = type(post.unit)._default_manager.filter(kind="township_window", region_id=post.unit.region_id)
        return self.filter(unit_id__in=list(windows.values_list("pk", flat=True)))

    def of_tab(self, tab: str) -> Self:
        """待启动, 核查中, 已完成, 已撤销."""
        if tab == "under_way":
            return self.filter(status__in=["checking", "field", "review_meeting", "recheck"])
        return self.filter(status=tab)

    def of_number(self, number: str) -> Self:
        """Of this number, or of the household with it."""
        return self.filter(Q(number=number) | Q(household__number=number))

    def unfinished(self) -> Self:
        """Under way or to begin: neither done nor cancelled."""
        return self.exclude(status__in=self.model.OVER)

    def of_the_present_family(self) -> Self:
        """Finished since members last left it for another family, or came from one: what was found before speaks of another family."""
        from households.family import remade

        return self.filter(~Exists(remade(OuterRef("household_id")).filter(answered_at__gte=OuterRef("finished_at"))))

    def valid(self, on: date) -> Self:
        """Finished, not run out, and of the family as it is: recognised by every unit of the county."""
        return self.filter(status="done", valid_until__gte=on).of_the_present_family()

    def usable_for(self, household_id: Any, on: date) -> Self:
        """The one under way, or the newest that is valid."""
        rows = self.filter(household_id=household_id)
        return rows.unfinished() | rows.valid(on)

    def with_page_data(self) -> Self:
        return self.select_related(
            "household__region__parent", "unit", "person_met", "finished_by__staff", "started_by__staff"
        ).prefetch_related("investigators__staff", "investigators__unit")


class InvestigatorQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        from .models import Verification

        return self.filter(verification__in=Verification.objects.visible_to(post)) if post else self.none()


class VisitRequestQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """The two townships and the platform."""
        if post is None:
            return self.none()
        if post.unit.kind in COUNTY_WIDE:
            return self.all()
        if post.unit.kind not in TOWNSHIP:
            return self.none()
        rows = self.model._base_manager.order_by()
        asked, asking = rows.filter(township_code=post.unit.region_id), rows.filter(asking_code=post.unit.region_id)
        return self.filter(pk__in=asked.values("pk").union(asking.values("pk"), all=True))

    def open(self) -> Self:
        return self.filter(status="asked")

    def with_page_data(self) -> Self:
        people = ("asked_by__staff", "asked_by__unit", "answered_by__staff", "answered_by__unit", "person_met")
        rows = self.select_related("unit", "verification__household__region__parent", "verification__unit", *people)
        return rows.prefetch_related("investigators__staff")
