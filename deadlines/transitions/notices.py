"""Notices read."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import lock
from organization.models import Post, Unit

from ..models import Notice


@transaction.atomic
def read_notice(*, notice_id: UUID | str, by: Post) -> Notice:
    """Mark a notice read, for the whole unit where it went to a unit. Reading again changes nothing and leaves no second line."""
    notice: Notice = Notice.objects.visible_to(by).get_or_404(notice_id)
    notice = lock(notice)
    if notice.read_at is None:
        notice.read_at, notice.read_by = clock.now(), by
        notice.save(update_fields=["read_at", "read_by"])
        record("notice.read", notice, by=by)
    return notice


@transaction.atomic
def read_all_notices(*, posts: Iterable[Post], by: Post) -> int:
    """Mark everything read that waits for any of a person's posts; how many. One line in the record for all of them."""
    unread = Notice.objects.inbox(posts).unread().order_by("pk").select_for_update(of=("self",), no_key=True)
    notices = list(unread)
    if notices:
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(read_at=clock.now(), read_by=by)
        record("notice.all_read", notices[0], by=by, new=f"{len(notices)}条", data={"count": len(notices)})
    return len(notices)


@transaction.atomic
def succeed_to_notices(*, unit: Unit, heir: Unit) -> int:
    """What nobody has read of an ended unit's news, its successor reads; how many. Inner, of the job: news is no act and has no line."""
    return Notice.objects.filter(unit=unit).unread().update(unit=heir)
