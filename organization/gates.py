"""The gate of a page: a post, and a permission of that post."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render

from .models import Post
from .requests import StaffRequest

P = ParamSpec("P")
View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]  # a page, or a file that streams


def requires(allowed: Callable[[Post], bool] = lambda post: True) -> Callable[[View[P]], View[P]]:
    """A page for posts that `allowed` accepts (else 403). Somebody without any effective post is told whom to ask."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.post is None:
                return render(request, "organization/no_post.html", status=403)
            if not allowed(request.post):
                raise PermissionDenied("您的岗位不能打开这个页面。")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def through_any(request: StaffRequest, rows: Callable[[Post], QuerySet[Any]], pk: object) -> tuple[Any, Post]:
    """The row that a person's posts see, the acting one asked first, and the post that sees it.

    Raises:
        Http404: none of them does.
    """
    for post in sorted(request.posts, key=lambda post: post != request.post):
        row = rows(post).filter(pk=pk).first()
        if row is not None:
            return row, post
    raise Http404("没有找到，或不在您的权限范围内。")
