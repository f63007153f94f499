"""Who hands in the monthly data, who accepts it, who reads how all stand (ZX-22, ZX-27, ZX-28)."""

from collections.abc import Iterable

from organization.models import Post

from .models import Delivery, DeliveryItem
from .permissions import is_of_unit

PLATFORM = frozenset({"B", "BA"})


def has_deliveries(post: Post) -> bool:
    """- departments and townships, their own; - the county platform, all."""
    return post.role in {"T", "TA", "D", "DA"} | PLATFORM


def reads_board(post: Post) -> bool:
    """- the county platform; - supervision, numbers of units."""
    return post.role in PLATFORM | {"L"}


def can_fill(post: Post, delivery: Delivery) -> bool:
    """Mark the parts and hand them in: - anybody of the unit; - the county platform for it (代录, ZX-22)."""
    return is_on_behalf(post, delivery) or is_of_unit(post, delivery.unit)


def is_on_behalf(post: Post, delivery: Delivery) -> bool:
    """- of the county platform: it hands in for others, never its own."""
    return post.role in PLATFORM and post.unit_id != delivery.unit_id


def can_answer(post: Post, delivery: Delivery) -> bool:  # noqa: ARG001
    """Accept or send back: - the county platform. That nobody accepts what he handed in or filled in himself the verb asks."""
    return post.role in PLATFORM


def fillers(items: Iterable[DeliveryItem]) -> set[int]:
    """Members of staff who brought a file of it, or said that a part is unchanged (of items with `batch` and `marked_by`)."""
    return {item.batch.handed_in_by_staff_id if item.batch else item.marked_by.staff_id for item in items if item.marked_by is not None}


def can_register_paper(post: Post, delivery: Delivery) -> bool:
    """- the county platform, of townships' rounds (XX-26)."""
    return post.role in PLATFORM and delivery.round.paper_due_on is not None
