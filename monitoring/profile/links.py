"""The way from a household's page to its profile."""

from django.urls import reverse

from households.links import Link
from households.models import Household
from organization.models import Post


def links(post: Post, household: Household) -> list[Link]:  # noqa: ARG001
    """For whoever reads more than the card, to whom alone the page shows links."""
    return [Link("精准画像", reverse("profile:profile", args=[household.pk]), is_action=True)]
