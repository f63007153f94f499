"""What a household's page says of its verifications: the newest, with what became of them."""

from django.urls import reverse

from households.links import Link
from households.models import Household
from organization.models import Post

from .models import Verification
from .permissions import can_look

SHOWN = 3


def links(post: Post, household: Household) -> list[Link]:
    if not can_look(post):
        return []
    rows = Verification.objects.visible_to(post).for_household(household.pk).order_by("-opened_at")[:SHOWN]
    return [Link(f"核查{row.number}", reverse("verification:verification_detail", args=[row.pk]), row.get_status_display()) for row in rows]
