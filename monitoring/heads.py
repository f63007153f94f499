"""Who is told beside the unit: its approvers, a township's for all of its desks."""

from config import clock
from organization.kinds import TOWNSHIP
from organization.models import Post, Staff, Unit


def heads_of(unit: Unit) -> list[Staff]:
    """Each person once, whatever number of posts; none where a unit has no approver."""
    posts = Post.objects.effective(clock.today()).filter(rank=Post.Rank.APPROVER).select_related("staff")
    is_township = unit.kind in TOWNSHIP
    its = posts.filter(unit__kind__in=TOWNSHIP, unit__region_id=unit.region_id) if is_township else posts.filter(unit=unit)
    return list({post.staff_id: post.staff for post in its.order_by("pk")}.values())
