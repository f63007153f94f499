"""What the record says of supervision orders about sensitive matters, as it is read (SECURITY, Supervision).

Their lines were written in the words of their time, with the number and the step, and no line of the record is ever changed. Whoever may
not open the matter reads in their place what the order and its clock are called now, and finds no line by the words that are kept back.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from audit.models import Event
from deadlines.models import Duty
from organization.models import Post
from referrals.names import names

from . import permissions
from .matters import SUPERVISE
from .models import SupervisionOrder

ORDER, CLOCK = SupervisionOrder._meta.label_lower, Duty._meta.label_lower
DRAFTED = "supervision.drafted"
TEXT = Event._meta.get_field("subject_text").max_length


def as_read(events: Iterable[Event], post: Post | None) -> None:
    """Of a page of lines: two statements where clocks or drafts of orders are among them, else none."""
    drafts = [event for event in events if event.verb == DRAFTED]
    clocks = [event for event in events if event.subject_label == CLOCK and event.subject_text.startswith("督办单")]
    if not drafts and not clocks:
        return
    titles: dict[str, Any] = (
        {str(duty.pk): duty for duty in _clocks().filter(pk__in={event.subject_id for event in clocks})} if clocks else {}
    )
    keys = {event.subject_id for event in drafts} | {duty.subject_id for duty in titles.values()}
    orders = {str(order.pk): order for order in _kept(post).filter(pk__in=keys)}
    for event in drafts:
        if order := orders.get(event.subject_id):
            event.note = order.matter
    for event in clocks:
        if (duty := titles.get(event.subject_id)) and duty.subject_id in orders:
            event.subject_text = duty.title[:TEXT]


def unfound(post: Post | None) -> Q:
    """The lines that no word finds: those of the clocks, whose subject holds it."""
    orders = [str(order.pk) for order in _kept(post)]
    clocks = _clocks().filter(subject_id__in=orders).values_list("pk", flat=True)
    return Q(subject_label=CLOCK, subject_id__in=[str(pk) for pk in clocks])


def _clocks() -> Any:
    return Duty.objects.filter(kind=SUPERVISE, subject_label=ORDER)


def _kept(post: Post | None) -> Any:
    """The orders about sensitive matters that this post may not open."""
    rows = SupervisionOrder.objects.filter(duty__topic_code__in=names().sensitive).select_related("duty__unit")
    own = [order.pk for order in rows if post is not None and permissions.opens_matter(post, order.duty)]
    return rows.exclude(pk__in=own)
