"""Whether the county platform has said why it looks into what is sensitive: a line of the record, for some minutes (SECURITY D12)."""

from datetime import timedelta

from audit.models import Event
from config import clock
from organization.figures import figure
from organization.models import Post

from .models import Household, ScreeningRun
from .permissions import can_look_into

LOOKED_INTO = {Household: "household.screening_looked_into", ScreeningRun: "screening_run.looked_into"}


def has_said_why(post: Post, subject: Household | ScreeningRun) -> bool:
    """The person that holds the post, of this household or run."""
    if not can_look_into(post):
        return False
    since = clock.now() - timedelta(minutes=int(figure("reveal_shown_for")))
    rows = Event.objects.about(subject).filter(verb=LOOKED_INTO[type(subject)], by_id=post.staff_id, at__gt=since)
    return bool(rows.exists())
