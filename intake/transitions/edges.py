"""The legal steps of an application, and the first four beats every verb on it shares.

`EDGES` moves it; `WITHIN` says in which states a verb changes something of it and leaves it where it is. A test walks every (status, verb).
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from config import clock
from config.verbs import AlreadyHandled, edge, lock, recheck
from organization.models import Post

from ..models import Application
from ..permissions import can_work_on

S = Application.Status
EDGES: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    S.SUBMITTED: frozenset({S.SUPPLEMENT, S.ACCEPTED, S.NOT_ACCEPTED, S.WITHDRAWN}),
    S.SUPPLEMENT: frozenset({S.SUBMITTED, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.IN_PROGRESS, S.WITHDRAWN, S.TERMINATED}),
    S.IN_PROGRESS: frozenset({S.CLOSED, S.WITHDRAWN, S.TERMINATED}),
}
# Before acceptance the window fills in and corrects: nobody decides on it yet, and acceptance looks at everything again.
EDITABLE = frozenset({S.DRAFT, S.SUBMITTED, S.SUPPLEMENT})
# Withdrawn by the window alone; afterwards the referrals are withdrawn, and the application follows them.
WITHDRAWABLE = EDITABLE
# Returned referrals are gathered into a notice after acceptance as well (TZ-14); the application then stays where it is.
ANSWERED_IN_PLACE = frozenset({S.ACCEPTED, S.IN_PROGRESS})

# Every verb on an application: from where it may be called, and where it leads (None: it stays).
VERBS: dict[str, dict[str, str | None]] = {
    **{
        verb: dict.fromkeys(EDITABLE, None)
        for verb in ("revise", "add_item", "remove_item", "assess", "keep_assessment", "promise", "demand_paper")
    },
    **{verb: dict.fromkeys(Application.OPEN, None) for verb in ("settle_paper", "upload_paper", "relist_papers")},
    # What is wrong goes at any time: another family's diagnosis does not stay because the case has ended.
    **{verb: dict.fromkeys(S.values, None) for verb in ("void_file", "void_issued")},
    "submit": {S.DRAFT: S.SUBMITTED},
    "accept": {S.SUBMITTED: S.ACCEPTED},
    "refuse_acceptance": {S.SUBMITTED: S.NOT_ACCEPTED},
    "withdraw": dict.fromkeys(WITHDRAWABLE, S.WITHDRAWN),
    "ask_supplement": {S.SUBMITTED: S.SUPPLEMENT, **dict.fromkeys(ANSWERED_IN_PLACE, None)},
    "answer_supplement": {S.SUPPLEMENT: S.SUBMITTED, **dict.fromkeys(ANSWERED_IN_PLACE, None)},
    "start_progress": {S.ACCEPTED: S.IN_PROGRESS},
    "close": {S.IN_PROGRESS: S.CLOSED},
    "stop": dict.fromkeys(ANSWERED_IN_PLACE, S.TERMINATED),
}


def take_up(application_id: Any, verb: str, by: Post, *, allowed: Callable[[Any, Any], bool] = can_work_on) -> Application:
    """Fetch through the gate, lock, legal step for the locked row, gate and permission again."""
    application = lock(Application.objects.visible_to(by).get_or_404(application_id))
    step(application, verb)
    recheck(application, allowed, by)
    return application


def step(application: Application, verb: str) -> str | None:
    """Where the verb leads from here; None when it leaves the application where it is.

    Raises:
        AlreadyHandled: not from here; who brought it here, and when.
    """
    current = application.status
    if current not in VERBS[verb]:
        raise AlreadyHandled(standing(application))
    target = VERBS[verb][current]
    if target is not None:
        edge(current, target, EDGES, refusal=lambda: standing(application))
    return target


def seize(application: Application) -> Application:
    """The row again under its lock: for inner verbs, whose caller came through the gate. Locking twice in a transaction costs a query."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an application is locked in the transaction of its change")
    return lock(application)


def standing(application: Application) -> str:
    """Where the application stands and who brought it there: what the loser of a race is told."""
    name, status = f"申请{application.number}", application.status
    if status == S.DRAFT:
        return f"{name}还是草稿，请先提交。"
    if status == S.SUBMITTED:
        return f"{name}已由{_who(application.submitted_by)}于{_when(application.submitted_at)}提交，正在等待受理。"
    if status == S.SUPPLEMENT:
        notice = application.notices.filter(answered_at=None).select_related("issued_by__unit", "issued_by__staff").first()
        told = f"{_who(notice.issued_by)}于{_when(notice.issued_at)}出具了一次性告知书，" if notice else ""
        return f"{name}：{told}正在等待申请人补正。"
    if status in ANSWERED_IN_PLACE:
        return f"{name}已由{_who(application.accepted_by)}于{_when(application.accepted_at)}受理，现在{application.get_status_display()}。"
    return f"{name}已由{_who(application.ended_by)}于{_when(application.ended_at)}登记为“{application.get_status_display()}”，不能再办理。"


def _who(post: Post | None) -> str:
    return post.label if post else "同事"


def _when(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""
