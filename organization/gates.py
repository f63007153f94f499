"""The gate of a page: a post, and a permission of that post."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render

from .models import Post
from .requests import StaffRequest

P = ParamSpec("P")
View = Callable[Concatenate[StaffRequest, P], HttpResponse]


def requires(allowed: Callable[[Post], bool] = lambda post: True) -> Callable[[View[P]], View[P]]:
    """A page for posts that `allowed` accepts (else 403). Somebody without any effective post is told whom to ask."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.post is None:
                return render(request, "organization/no_post.html", status=403)
            if not allowed(request.post):
                raise PermissionDenied("您的岗位不能打开这个页面。")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
