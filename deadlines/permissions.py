"""What a post may do with clocks it can see."""

from organization.models import Post

from .models import Duty


def can_take(post: Post, duty: Duty) -> bool:
    """- somebody of the unit that holds the duty; seeing it from the county platform is not enough."""
    return post.unit_id == duty.unit_id


def can_change_calendar(post: Post) -> bool:
    """- the system administrator; everybody signed in reads the calendar."""
    return post.role == "AS"
