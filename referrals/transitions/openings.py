"""The one act that a date triggers: on opening day the system post sends what waited, by the same verb as the window (DESIGN 4)."""

import logging
from datetime import date

from config.verbs import TransitionError
from organization.models import Post

from ..models import WaitingItem
from .dispatching import dispatch

log = logging.getLogger(__name__)


def send_opened(*, on: date) -> int:
    """Every application with something that has opened, each in its own transaction: one that cannot be sent holds up nobody.

    It stays with its duty, which turns red at the day's end, and the window may send it itself.

    Returns:
        how many items were sent.
    """
    system = Post.objects.the_system()
    due = WaitingItem.objects.due(on).order_by("item__application_id").values_list("item__application_id", flat=True).distinct()
    count = 0
    for application_id in list(due):
        try:
            count += len(dispatch(application_id=application_id, by=system))
        except TransitionError as refused:
            log.warning("application %s was not sent on its opening day: %s", application_id, refused)
    return count
