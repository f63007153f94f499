"""The legal steps, verb by verb: status -> the statuses it may lead to.

信息核对 and 入户调查 run side by side: saving may move between them. 待评议 and 再核查 have no verb yet.
"""

from ..models import Verification, VisitRequest

S = Verification.Status
_UNDER_WAY = frozenset({S.CHECKING, S.FIELD})

EDGES: dict[str, dict[str, frozenset[str]]] = {
    "start": {S.PENDING: _UNDER_WAY},
    "note": dict.fromkeys(_UNDER_WAY, _UNDER_WAY),
    "finish": dict.fromkeys(_UNDER_WAY, frozenset({S.DONE})),
    # Inner: with the last case that needs it. What is done is recognised by others and is never touched.
    "cancel": dict.fromkeys([status for status in S if status not in Verification.OVER], frozenset({S.CANCELLED})),
}

V = VisitRequest.Status
VISIT_EDGES: dict[str, dict[str, frozenset[str]]] = {
    "answer": {V.ASKED: frozenset({V.ANSWERED})},
    "decline": {V.ASKED: frozenset({V.DECLINED})},
    "withdraw": {V.ASKED: frozenset({V.WITHDRAWN})},
}
