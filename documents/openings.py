"""For how long somebody may go on looking at a file they opened: kept in their session, for the post that opened it (SECURITY D12).

Opening is a POST and leaves a line; what follows (the viewer's own requests, a reload) are reads, and need none.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from config import clock
from organization.figures import figure
from organization.models import Post

_KEY = "opened_attachments"
_KEPT = 40


def remember(session: Any, attachment_id: UUID, post: Post) -> None:
    until = clock.now() + timedelta(minutes=figure("attachment_shown_for"))
    session[_KEY] = dict([*_standing(session).items(), (str(attachment_id), [post.pk, until.timestamp()])][-_KEPT:])


def stands(session: Any, attachment_id: UUID, post: Post) -> bool:
    """Opened by this post, and not too long ago."""
    return _standing(session).get(str(attachment_id), [None])[0] == post.pk


def _standing(session: Any) -> dict[str, list[Any]]:
    now = clock.now().timestamp()
    return {pk: opening for pk, opening in session.get(_KEY, {}).items() if opening[1] > now}
