"""What an application is for, as it is shown to a post: sensitive programs are named at the window that took it in (DESIGN 2)."""

from django.http import HttpResponse
from django.shortcuts import redirect

from organization.models import Post

from .models import Application, ApplicationItem

HIDDEN = "敏感项目"


def programs_shown(application: Application, post: Post) -> str:
    """Of a row that came with its list data."""
    items = application.listed_items  # type: ignore[attr-defined]
    is_told = post.unit_id == application.unit_id
    return "、".join(dict.fromkeys(HIDDEN if item.program.is_sensitive and not is_told else item.program.seed_name for item in items))


def case_instead(application: Application, post: Post) -> HttpResponse | None:
    """The case page, which leaves out what is not this post's, in place of the window's own pages, which name everything."""
    if post.unit_id == application.unit_id:
        return None
    is_guarded = ApplicationItem.objects.filter(application=application, program__is_sensitive=True).exists()
    return redirect("referrals:case_detail", pk=application.pk) if is_guarded else None
