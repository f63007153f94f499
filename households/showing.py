"""How a person's name is shown to a post (SECURITY D12)."""

from config.protection.masks import mask_name
from organization.models import Post


def shown_name(name: str, post: Post) -> str:
    """In full to those whose work it is; the platform watches the county's work, and names are masked to it until it opens a person."""
    return mask_name(name) if post.unit.kind == "platform" else name
