"""The request as our middleware leaves it."""

from django.http import HttpRequest

from .models import Post, Staff


class StaffRequest(HttpRequest):
    """A signed-in request: `post` is the acting post, `posts` all effective ones of the person.

    A page that needs a post is behind `post_required`; elsewhere `post` may be None.
    """

    user: Staff
    post: Post
    posts: list[Post]
