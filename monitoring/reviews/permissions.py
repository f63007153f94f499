"""Who may do what to lists of reviews (XX-25): the township ticks off its own, a department what townships are not told of."""

from organization.kinds import TOWNSHIP
from organization.lineage import desks
from organization.models import Post

from ..models import ReviewList

READERS = frozenset({"T", "TA", "D", "DA", "B", "BA"})


def reads_reviews(post: Post) -> bool:
    """Townships, departments, the platform; which lists, the gate says."""
    return post.role in READERS


def can_check(post: Post, found: ReviewList) -> bool:
    """- handlers and approvers of the township
    - of what the townships are not told, those of the department's desk that owes it."""
    if found.program.is_sensitive:
        return post.role in {"D", "DA"} and found.unit_id in desks(post)
    return post.unit.kind in TOWNSHIP and post.unit.region_id == found.region_id
