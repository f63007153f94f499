"""Whether the county platform has said why it looks into what is sensitive: a line of the record, for some minutes (SECURITY D12)."""

from datetime import datetime, timedelta

from audit.models import Event
from config import clock
from organization.figures import figure
from organization.models import Post

from .models import Household, ScreeningRun
from .permissions import can_look_into

LOOKED_INTO = {Household: "household.screening_looked_into", ScreeningRun: "screening_run.looked_into"}


def looks_until(post: Post, subject: Household | ScreeningRun) -> datetime | None:
    """Until when the person that holds the post, having said why, reads on in this household or run."""
    if not can_look_into(post):
        return None
    shown = timedelta(minutes=int(figure("reveal_shown_for")))
    rows = Event.objects.about(subject).filter(verb=LOOKED_INTO[type(subject)], by_id=post.staff_id, at__gt=clock.now() - shown)
    said: datetime | None = rows.order_by("-at").values_list("at", flat=True).first()
    return said + shown if said else None


def has_said_why(post: Post, subject: Household | ScreeningRun) -> bool:
    return looks_until(post, subject) is not None
