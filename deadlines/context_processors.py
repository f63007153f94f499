"""The bell in the header, and how many of one's jobs are under way."""

from functools import partial

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.remembered import RememberedCounts
from organization.models import Post

from .models import Job, Notice

CAP = 99
_waiting = RememberedCounts(
    lambda units, staff: {**Notice.objects.waiting_for(units, staff), "jobs": Job.objects.of_staff(staff).open()},
    CAP,
)


def bell(request: HttpRequest) -> dict[str, object]:
    """`unread_notices`, `open_jobs`: "", "3" or "99+", counted only where a header asks."""
    found: dict[str, str] = {}

    def told(name: str) -> str:
        if not found:
            found.update(counted(getattr(request, "posts", [])))
        return found[name]

    return {name: SimpleLazyObject(partial(told, name)) for name in ("unread_notices", "open_jobs")}


def counted(posts: list[Post]) -> dict[str, str]:
    """What the header says to a person of these posts, in one statement."""
    if not posts:
        return {"unread_notices": "", "open_jobs": ""}
    found = _waiting.counts(sorted({post.unit_id for post in posts}), posts[0].staff_id)
    return {"unread_notices": _word(found["units"] + found["person"]), "open_jobs": _word(found["jobs"])}


def _word(count: int) -> str:
    return f"{CAP}+" if count > CAP else str(count or "")
