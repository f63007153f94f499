"""Doing a verification: start it, save as one goes, finish it. Each is a door called by the page."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.verbs import edge, lock, recheck
from deadlines.transitions import close_duty
from organization.models import Post

from ..models import Verification
from ..permissions import can_work_on
from ..rules import status_for
from .edges import EDGES
from .opening import START_DUTY, about


@transaction.atomic
def start(*, verification_id: Any, methods: Iterable[str] = (), by: Post) -> Verification:
    """Begin (C-03): over registers and papers, or out to the family, by the methods chosen; they can change while it is under way.

    Raises:
        AlreadyHandled: started or finished; the sentence says by whom and when.
    """
    chosen = list(methods)
    verification = fetched(verification_id, "start", status_for(chosen), by)
    verification.status, verification.methods = status_for(chosen), chosen
    verification.started_at, verification.started_by = clock.now(), by
    verification.full_clean()
    verification.save(update_fields=["status", "methods", "started_at", "started_by"])
    close_duty(subject=verification, kind=START_DUTY, by=by)
    record("verification.started", verification, by=by, new=verification.get_status_display(), **about(verification))
    return verification


def fetched(pk: Any, verb: str, target: str, by: Post) -> Verification:
    """The beats before a change: gate, lock, edge, gate and permission again."""
    verification: Verification = lock(Verification.objects.visible_to(by).get_or_404(pk))
    edge(verification.status, target, EDGES[verb], refusal=_refusal(verification))
    recheck(verification, can_work_on, by)
    return verification


def _refusal(verification: Verification) -> str:
    """Why a step cannot be done now: who was first and when, or what comes first."""
    if verification.finished_by and verification.finished_at:
        return f"这项核查已由{verification.finished_by}于{_minute(verification.finished_at)}完成，不能再改。"
    if verification.started_by and verification.started_at:
        return (
            f"这项核查已由{verification.started_by}于{_minute(verification.started_at)}启动，"
            f"现为“{verification.get_status_display()}”，不能这样办理。请刷新页面。"
        )
    return "这项核查还没有启动，请先启动。"


def _minute(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
