"""How a person's name, and what somebody was asked about, are shown to a post (SECURITY D12)."""

from config.protection.masks import mask_name
from organization.models import Post

from .models import FactRequest, Resident
from .permissions import can_name_fact
from .querysets import ResidentQuerySet

PRIVATE = "一项涉及隐私的事项"
BEYOND_THE_CARD = frozenset({"bank_account"})


def shown_name(name: str, post: Post) -> str:
    """In full to those whose work it is; the platform watches the county's work, and names are masked to it until it opens a person."""
    return mask_name(name) if post.unit.kind == "platform" else name


def whose_number(field: str, post: Post) -> ResidentQuerySet:
    """The people of whom the post may be shown this number: an account is no part of the card, the paper and the telephone are."""
    rows: ResidentQuerySet = Resident.objects.all()
    return rows.beyond_the_card(post) if field in BEYOND_THE_CARD else rows.visible_to(post)


def shown_fact(request: FactRequest, post: Post) -> str:
    """Who is asked whether somebody was in prison says that somebody thinks so: named to those who may know the answer."""
    return request.kind.label if can_name_fact(post, request) else PRIVATE
