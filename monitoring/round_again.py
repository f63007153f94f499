"""A delivery that was sent back and is to be handed in again: is anything in it other than what was returned?"""

from collections.abc import Sequence
from datetime import datetime

from spreadsheets.models import Batch

from .models import Delivery, DeliveryItem
from .round_policy import versions_of

LABEL = DeliveryItem._meta.label_lower
DIFFERENCES = ("new", "changed", "gone")


def is_as_returned(delivery: Delivery, items: Sequence[DeliveryItem]) -> bool:
    """Every part stands as it was sent back: not marked since, or by the same file over again, or by one that brought nothing new."""
    back, sent = delivery.returned_at, delivery.submitted_at
    if delivery.status != Delivery.Status.RETURNED or back is None or sent is None:
        return False
    anew = [item for item in items if item.marked_at is None or item.marked_at > back]
    return not any(_is_other(item, back) for item in anew) and not _published_since(sent, delivery, items)


def is_returned_file(delivery: Delivery, item: DeliveryItem, batch: Batch) -> bool:
    """Whether the file is the one that counted for the item when the delivery was sent back, and still does."""
    back, marked = delivery.returned_at, item.marked_at
    if delivery.status != Delivery.Status.RETURNED or back is None or marked is None:
        return False
    return item.batch_id == batch.pk and marked <= back


def _is_other(item: DeliveryItem, back: datetime) -> bool:
    """Of an item that was marked since, or whose file was taken back."""
    before = Batch._base_manager.filter(subject_label=LABEL, subject_id=str(item.pk), applied_at__lt=back)
    counted = before.exclude(undone_at__lt=back).order_by("-applied_at").first()  # when it was sent back
    if item.batch is None:
        return counted is not None or item.marked_at is None
    brings = any(int(item.batch.counts.get(outcome, 0)) for outcome in DIFFERENCES)
    return counted is None or (brings and item.batch.file_digest != counted.file_digest)


def _published_since(sent: datetime, delivery: Delivery, items: Sequence[DeliveryItem]) -> bool:
    if all(item.part != DeliveryItem.Part.POLICY for item in items):
        return False
    return any(version.published_at is not None and version.published_at >= sent for version in versions_of(delivery))
