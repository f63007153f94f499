"""A delivery that was sent back and is to be handed in again: is anything in it other than what was returned?"""

from collections.abc import Sequence

from spreadsheets.models import Batch

from .models import Delivery, DeliveryItem
from .round_policy import versions_of

LABEL = DeliveryItem._meta.label_lower
DIFFERENCES = ("new", "changed", "gone")


def is_as_returned(delivery: Delivery, items: Sequence[DeliveryItem]) -> bool:
    """Every part stands as it was sent back: not marked since, or by the same file over again, or by one that brought nothing new."""
    if delivery.status != Delivery.Status.RETURNED:
        return False
    anew = [item for item in items if item.marked_at is None or item.marked_at > delivery.returned_at]
    return not any(_is_other(item, delivery) for item in anew) and not _published_since(delivery, items)


def is_returned_file(delivery: Delivery, item: DeliveryItem, batch: Batch) -> bool:
    """Whether the file is the one that counted for the item when the delivery was sent back, and still does."""
    return delivery.status == Delivery.Status.RETURNED and item.batch_id == batch.pk and item.marked_at <= delivery.returned_at


def _is_other(item: DeliveryItem, delivery: Delivery) -> bool:
    """Of an item that was marked since, or whose file was taken back."""
    before = Batch._base_manager.filter(subject_label=LABEL, subject_id=str(item.pk), applied_at__lt=delivery.returned_at)
    digests = set(before.values_list("file_digest", flat=True))
    if item.batch is None:
        return bool(digests) or item.marked_at is None
    brings = any(int(item.batch.counts.get(outcome, 0)) for outcome in DIFFERENCES)
    return not digests or (brings and item.batch.file_digest not in digests)


def _published_since(delivery: Delivery, items: Sequence[DeliveryItem]) -> bool:
    if all(item.part != DeliveryItem.Part.POLICY for item in items):
        return False
    return any(version.published_at >= delivery.submitted_at for version in versions_of(delivery))
