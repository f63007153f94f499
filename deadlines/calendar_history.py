"""What a change of the working calendar moved, found again from the record: the change's own line, and the lines of the dates it moved.

All changes of the calendar stand in one queue (`seize_calendar`), so the dates that one of them moved are the lines `duty.moved` between
the line of the change before it and its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import CharField, Count, UUIDField
from django.db.models.functions import Cast
from django.http import HttpRequest

from audit.models import Event
from audit.presenters import phrase
from config import keyset
from organization.kinds import COUNTY_WIDE
from organization.models import Post

from .discretion import UNTOLD, may_tell
from .models import CalendarDay, CalendarYear, Duty

if TYPE_CHECKING:
    from audit.querysets import EventQuerySet

CHANGED = ("calendar.day_changed", "calendar.year_loaded")
LABELS = (CalendarDay._meta.label_lower, CalendarYear._meta.label_lower)
SHOWN = 10
SORT = "id"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: who, when, what, on which basis, how many open dates it counted anew."""

    pk: int
    at: datetime
    who: str
    text: str
    source: str
    moved: int


@dataclass(frozen=True, slots=True)
class Moved:
    """One date that moved. `title` and `url` are empty for whoever sees no case."""

    unit: str
    kind: str
    topic: str
    title: str
    url: str
    old: str
    new: str


def changes() -> "EventQuerySet":
    """Reference data, as the calendar itself: everybody signed in reads who changed it. By people, or by loading a year."""
    return Event.objects.filter(verb__in=CHANGED, subject_label__in=LABELS, data__has_key="moved")


def change_of(event: Event) -> Change:
    return Change(event.pk, event.at, event.post_label, phrase(event), event.note, int(event.data["moved"]))


def latest() -> list[Change]:
    return [change_of(event) for event in changes().order_by("-id")[:SHOWN]]


def moves_of(event: Event) -> "EventQuerySet":
    """The dates it moved, in the order in which they were written."""
    before = Event.objects.filter(verb__in=CHANGED, pk__lt=event.pk).order_by("-id").values_list("pk", flat=True).first()
    return Event.objects.filter(verb="duty.moved", pk__gt=before or 0, pk__lt=event.pk)


def page_of(event: Event, posts: Sequence[Post], request: HttpRequest, *, in_full: bool) -> tuple[keyset.KeysetPage, list[Moved]]:
    """A page of what it moved: everything to the platform and the administrator, others what their own units hold.

    `in_full` without a title: an administrator sees no case (SECURITY).
    """
    lines = moves_of(event)
    gate = Duty.objects.visible_to(posts[0]) if is_county(posts) else Duty.objects.inbox(posts)
    if not in_full and not is_county(posts):
        lines = lines.filter(subject_id__in=gate.order_by().annotate(key=Cast("pk", CharField())).values("key"))
    page = keyset.page(keyset.ordered(lines, SORT, is_filled=True), request, sort=SORT)
    duties = Duty.objects.select_related("unit").in_bulk([UUID(line.subject_id) for line in page.rows])
    named = not in_full or is_county(posts)
    return page, [_moved(line, duties.get(UUID(line.subject_id)), posts, named=named) for line in page.rows]


def units_of(event: Event) -> list[tuple[str, int]]:
    """How many dates it moved in each unit, the most first: numbers, for everybody."""
    keys = moves_of(event).order_by().annotate(key=Cast("subject_id", UUIDField())).values("key")
    rows = Duty.objects.filter(pk__in=keys).order_by().values_list("unit__short_name").annotate(count=Count("pk"))
    return list(rows.order_by("-count", "unit__short_name"))


def is_county(posts: Sequence[Post]) -> bool:
    return {post.unit.kind for post in posts} <= COUNTY_WIDE


def _moved(line: Event, duty: Duty | None, posts: Sequence[Post], *, named: bool) -> Moved:
    if duty is None:
        return Moved("", "", "", line.subject_text if named else "", "", line.old, line.new)
    if named and not may_tell(duty, posts):
        return Moved(duty.unit.short_name, "", UNTOLD, "", "", line.old, line.new)
    url = duty.get_absolute_url() if named else ""
    return Moved(duty.unit.short_name, duty.kind_name, duty.topic_code, duty.title if named else "", url, line.old, line.new)
