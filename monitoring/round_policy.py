"""The policy part of a round is filled from the catalogue: what the unit's department published since it last handed in (ZX-28)."""

from datetime import datetime, timedelta

from programs.models import ProgramVersion

from .models import Delivery

BEFORE_THE_FIRST = timedelta(days=31)


def since(delivery: Delivery) -> datetime:
    """When the unit last handed in for a month before, so that each version is of one delivery; else a month before its first opened."""
    earlier = Delivery._base_manager.filter(unit=delivery.unit_id, round__kind=delivery.round.kind, round__month__lt=delivery.round.month)
    last: datetime | None = earlier.exclude(submitted_at=None).order_by("-round__month").values_list("submitted_at", flat=True).first()
    if last is not None:
        return last
    first: datetime | None = earlier.order_by("round__month").values_list("opened_at", flat=True).first()
    return (first or delivery.opened_at) - BEFORE_THE_FIRST


def versions_of(delivery: Delivery) -> list[ProgramVersion]:
    """Up to the handing in, once it is handed in."""
    rows = (
        ProgramVersion.objects.published()
        .exclude(published_by__unit__kind="system")
        .filter(program__department_id=delivery.unit.department_id, published_at__gte=since(delivery))
    )
    if delivery.submitted_at and delivery.status != Delivery.Status.RETURNED:
        rows = rows.filter(published_at__lt=delivery.submitted_at)
    return list(rows.select_related("program", "published_by__unit", "published_by__staff").order_by("published_at", "pk"))
