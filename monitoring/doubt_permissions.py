"""Who closes a doubt (ZX-26): its township, one by one. Who sees and pulls stands in `permissions`."""

from intake.permissions import can_receive
from organization.models import Post
from referrals.permissions import is_social_affairs

from .models import Doubt


def can_close_doubt(post: Post, doubt: Doubt) -> bool:
    """- a handler or approver of the window or 社会事务办 of its township."""
    return post.role in {"T", "TA"} and is_social_affairs(post) and post.unit.region_id == doubt.township_code


def can_draft_from_doubt(post: Post, doubt: Doubt) -> bool:
    """- of its township the window's handler, who begins applications."""
    return can_close_doubt(post, doubt) and can_receive(post)
