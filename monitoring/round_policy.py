"""The policy part of a round is filled from the catalogue: versions that the unit's department published since the last round (ZX-28)."""

from datetime import datetime, timedelta

from programs.models import ProgramVersion

from .models import Delivery, Round

BEFORE_THE_FIRST = timedelta(days=31)


def since(row: Round) -> datetime:
    """The opening of the round before; of the first one, a month before its own."""
    before = Round.objects.filter(kind=row.kind, month__lt=row.month).order_by("-month").first()
    return before.opened_at if before else row.opened_at - BEFORE_THE_FIRST


def versions_of(delivery: Delivery) -> list[ProgramVersion]:
    """Up to the handing in, once it is handed in."""
    rows = (
        ProgramVersion.objects.published()
        .exclude(published_by__unit__kind="system")
        .filter(program__department_id=delivery.unit.department_id, published_at__gte=since(delivery.round))
    )
    if delivery.submitted_at and delivery.status != Delivery.Status.RETURNED:
        rows = rows.filter(published_at__lt=delivery.submitted_at)
    return list(rows.select_related("program", "published_by__unit", "published_by__staff").order_by("published_at", "pk"))
