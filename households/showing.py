"""How a person's name, and what somebody was asked about, are shown to a post (SECURITY D12)."""

from config.protection.masks import mask_name
from organization.models import Post

from .models import FactRequest
from .permissions import can_name_fact

PRIVATE = "一项涉及隐私的事项"


def shown_name(name: str, post: Post) -> str:
    """In full to those whose work it is; the platform watches the county's work, and names are masked to it until it opens a person."""
    return mask_name(name) if post.unit.kind == "platform" else name


def shown_fact(request: FactRequest, post: Post) -> str:
    """Who is asked whether somebody was in prison says that somebody thinks so: named to those who may know the answer."""
    return request.kind.label if can_name_fact(post, request) else PRIVATE
