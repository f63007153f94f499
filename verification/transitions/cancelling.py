"""撤销: the end of a verification that no case needs any more. Inner: the verification is locked, the case came through its gate."""

from typing import Any

from audit.transitions import record
from config import clock
from config.verbs import edge, save
from deadlines.transitions import announce, close_all
from organization.models import Post

from ..models import Verification
from .asking import drop_visits
from .edges import EDGES, S
from .telling import about


def cancel(verification: Verification, *, reason: str, application_id: Any, by: Post) -> Verification:
    """End it with its clocks; a township that was asked to visit need not go. What was written so far stays to be read, and proves nothing.

    The event is found under the case whose end this is. A township whose verification another one ends is told.
    """
    old = verification.get_status_display()
    edge(verification.status, S.CANCELLED, EDGES["cancel"], refusal=f"核查{verification.number}现为“{old}”，不能撤销。")
    verification.status = S.CANCELLED
    verification.ended_at, verification.ended_by, verification.end_reason = clock.now(), by, reason
    save(verification, "status", "ended_at", "ended_by", "end_reason")
    close_all(subject=verification, by=by)
    drop_visits(verification, by)
    under = about(verification)
    record(
        "verification.cancelled", verification, by=by, old=old, note=reason,
        household_id=under["household_id"], application_id=application_id or under["application_id"],
    )  # fmt: skip
    if by.unit.region_id != verification.unit.region_id:
        announce(
            "verification.cancelled", verification, to=verification.unit, title=f"核查{verification.number}已撤销", body=reason,
            url=verification.get_absolute_url(),
        )  # fmt: skip
    return verification
