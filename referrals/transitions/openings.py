"""The one act that a date triggers: on opening day the system post sends what waited, by the same verb as the window (DESIGN 4). A place
that was given back meanwhile goes the same way, to who has waited longest."""

import logging
from datetime import date

from config.verbs import TransitionError
from organization.models import Post

from ..models import WaitingItem
from . import waiting
from .dispatching import dispatch

log = logging.getLogger(__name__)


def send_opened(*, on: date) -> int:
    """Every application with something that has opened, or has a place now, each in its own transaction: one that cannot be sent holds up
    nobody. In the order in which they began to wait, since places may be short.

    It stays with its duty, which turns red at the day's end, and the window may send it itself.

    Returns:
        how many items were sent.
    """
    system = Post.objects.the_system()
    rows = WaitingItem.objects.looked_at(on).select_related("item__version").in_turn()
    count = 0
    for application_id in dict.fromkeys(row.item.application_id for row in waiting.ready(rows, on)):
        try:
            count += len(dispatch(application_id=application_id, by=system))
        except TransitionError as refused:
            log.warning("application %s was not sent on its opening day: %s", application_id, refused)
    return count
