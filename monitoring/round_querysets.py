"""Data rounds and who sees them: a unit its own deliveries, the county platform all; supervision reads the board, in numbers."""

from typing import TYPE_CHECKING, Self

from django.db import models

from config.verbs import GatedQuerySet
from organization.kinds import COUNTY_WIDE, TOWNSHIP

from .querysets import SUPERVISION, OfUnitsQuerySet

if TYPE_CHECKING:
    from organization.models import Post


class RoundQuerySet(GatedQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        """What was opened is no secret of any unit that owes data, nor of those who watch."""
        if post is None:
            return self.none()
        kinds = COUNTY_WIDE | TOWNSHIP | {"department", SUPERVISION}
        return self.all() if post.unit.kind in kinds else self.none()


class DeliveryQuerySet(OfUnitsQuerySet):
    def visible_to(self, post: "Post | None") -> Self:
        if post is None:
            return self.none()
        return self.all() if post.unit.kind in COUNTY_WIDE else self.reaching(post)

    def counted_for(self, post: "Post | None") -> Self:
        """For figures alone: behind the gate; to supervision and the convener the county's."""
        if post is not None and post.unit.kind in {SUPERVISION, "convener"}:
            return self.all()
        return self.visible_to(post)

    def unsent(self) -> Self:
        """Owed by their unit: never handed in, or sent back."""
        return self.filter(status__in=["open", "returned"])

    def with_list_data(self) -> Self:
        return self.select_related("round", "unit").prefetch_related(
            models.Prefetch("items", queryset=_items().order_by("place").select_related("batch"))
        )

    def with_page_data(self) -> Self:
        people = [f"{act}_by__{part}" for act in ("handed_in", "submitted", "returned", "accepted", "paper") for part in ("unit", "staff")]
        return self.select_related("round", "unit__region", "unit__department", *people)


def _items() -> "models.QuerySet[models.Model]":
    from .models import DeliveryItem

    return DeliveryItem._base_manager.all()


class OfDeliveryQuerySet(GatedQuerySet):
    """Items of a delivery: seen with it."""

    def visible_to(self, post: "Post | None") -> Self:
        from .models import Delivery

        return self.filter(delivery__in=Delivery.objects.visible_to(post)) if post else self.none()

    def empty(self) -> Self:
        return self.filter(state="empty")
