"""The door by which a round's files come in: what is applied marks its item, what is undone takes the mark away (spreadsheets)."""

from django.urls import reverse

from organization.models import Post
from spreadsheets import declaration
from spreadsheets.models import Batch

from .models import DeliveryItem

KEY = "monitoring.rounds"


class RoundDoor:
    def applied(self, batch: Batch, by: Post) -> None:
        from .transitions.deliveries import mark_applied

        mark_applied(batch=batch, by=by)

    def undone(self, batch: Batch, by: Post) -> None:
        from .transitions.deliveries import mark_undone

        mark_undone(batch=batch, by=by)

    def way_back(self, batch: Batch) -> tuple[str, str] | None:
        item = DeliveryItem._base_manager.filter(pk=batch.subject_id).first()
        return ("数据报送", reverse("monitoring:delivery_detail", args=[item.delivery_id])) if item else None


def register() -> None:
    declaration.register_door(KEY, RoundDoor())
