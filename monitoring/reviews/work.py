"""The night's work: what has ended leaves the lists, new periods get theirs (XX-25)."""

from deadlines.periods import Period
from organization.models import Post

from ..transitions import reviews


def run(period: Period) -> str:  # noqa: ARG001
    system = Post.objects.the_system()
    over = reviews.follow_records(by=system)
    return f"生成{reviews.open_lists(by=system)}份清单，{over}项已结束"
