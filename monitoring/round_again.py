"""A delivery that was sent back and is to be handed in again: is anything in it other than what was returned?"""

from collections.abc import Sequence
from datetime import datetime

from spreadsheets.models import Batch

from .models import Delivery, DeliveryItem
from .round_policy import versions_of

DIFFERENCES = ("new", "changed", "gone")


def is_as_returned(delivery: Delivery, items: Sequence[DeliveryItem]) -> bool:
    """Every part stands as it was sent back: not marked since, or by the same file over again, or by one that brought nothing new. `items`
    come with the files that they name."""
    sent = delivery.submitted_at
    if delivery.status != Delivery.Status.RETURNED or sent is None:
        return False
    return not any(map(_is_other, items)) and not _published_since(sent, delivery, items)


def is_returned_file(delivery: Delivery, item: DeliveryItem, batch: Batch) -> bool:
    """Whether the file is the one that counted for the item when the delivery was sent back, and still does."""
    return delivery.status == Delivery.Status.RETURNED and batch.pk == item.batch_id == item.returned_batch_id


def _is_other(item: DeliveryItem) -> bool:
    """Than when the delivery was sent back. A file that was entered before may count only since. Where the returned one was taken back,
    what the new one brings says nothing: it was compared with what stood before either, and the right list may be just that."""
    counted = item.returned_batch
    if item.batch is None:
        return counted is not None or item.state == DeliveryItem.State.EMPTY
    if counted is None or item.batch.file_digest == counted.file_digest:
        return counted is None
    return counted.status == Batch.Status.UNDONE or any(int(item.batch.counts.get(outcome, 0)) for outcome in DIFFERENCES)


def _published_since(sent: datetime, delivery: Delivery, items: Sequence[DeliveryItem]) -> bool:
    if all(item.part != DeliveryItem.Part.POLICY for item in items):
        return False
    return any(version.published_at is not None and version.published_at >= sent for version in versions_of(delivery))
