"""What a post may do with clocks it can see."""

from organization.models import Post
from organization.permissions import stands_in

from .models import Duty


def can_take(post: Post, duty: Duty) -> bool:
    """- somebody of the unit that holds the duty; seeing it from the county platform is not enough."""
    return post.unit_id == duty.unit_id


def can_take_over(post: Post, duty: Duty) -> bool:
    """- a deputy or approver of the unit that holds the duty."""
    return can_take(post, duty) and stands_in(post)


def can_change_calendar(post: Post) -> bool:
    """- the system administrator; everybody signed in reads the calendar."""
    return post.role == "AS"
