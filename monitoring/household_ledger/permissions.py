"""Who has the 按户 ledger, and who closes its months."""

from organization.models import Post

from ..permissions import sees_doubts


def has_household_ledger(post: Post) -> bool:
    """- villages and townships, of their place; - departments, of their programs; - the county platform and the jobs, of the county."""
    return post.role in {"V", "T", "TA", "D", "DA", "B", "BA", "SYS"}


def can_close_ledger(post: Post) -> bool:
    """- the county platform; - the jobs."""
    return post.role in {"B", "BA", "SYS"}


def reads_doubts(post: Post) -> bool:
    """Whether the lines say what doubts stand about the household: - townships, the county platform; - the jobs."""
    return sees_doubts(post) or post.role == "SYS"
