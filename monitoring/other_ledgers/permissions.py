"""Who has which of these ledgers; what stands in them for whom is the rows' gate."""

from organization.models import Post


def works_on_people(post: Post) -> bool:
    """Rows about people and families: - townships, of their place; - the county platform. Others' aid is no department's business."""
    return post.role in {"T", "TA", "B", "BA"}


def works_on_aid(post: Post) -> bool:
    """Rows about programs: - townships; - departments, their own programs; - the county platform."""
    return works_on_people(post) or post.role in {"D", "DA"}
