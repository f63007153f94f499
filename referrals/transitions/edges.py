"""The legal steps of a referral (DESIGN 5), and the first beats every verb on it shares.

`EDGES` is what the status may do; `move` is the only place that changes it. `VERBS` says for each verb from where it starts and where it
leads; one that leads nowhere (propose, ask for an extension) works where the referral stands. A test walks every (status, verb).
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from config import clock
from config.verbs import AlreadyHandled, edge, lock, recheck
from intake.models import Application
from organization.models import Post

from ..models import Referral, ReferralStage

S = Referral.Status
EDGES: dict[str, frozenset[str]] = {
    S.DISPATCHED: frozenset({S.RECEIVED, S.WITHDRAWN, S.TERMINATED}),
    S.RECEIVED: frozenset({S.DISPATCHED, S.HANDLING, S.DISPUTED, S.WITHDRAWN, S.TERMINATED}),
    S.HANDLING: frozenset({S.DISPATCHED, S.RETURNED, S.DISPUTED, S.DECIDED, S.WITHDRAWN, S.TERMINATED}),
    S.RETURNED: frozenset({S.DISPATCHED, S.WITHDRAWN, S.TERMINATED}),
    S.DISPUTED: frozenset({S.DISPATCHED, S.RULING, S.WITHDRAWN, S.TERMINATED}),
    S.RULING: frozenset({S.DISPATCHED, S.WITHDRAWN, S.TERMINATED}),
    S.DECIDED: frozenset({S.FED_BACK}),
    S.FED_BACK: frozenset({S.DECIDED, S.CONFIRMED}),
    S.CONFIRMED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.TERMINATED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Step:
    """From where a verb starts, and where it leads (None: nowhere); its word for the sentence that refuses."""

    word: str
    begins: frozenset[str]
    target: str | None = None


ENDING = frozenset({"withdraw", "terminate", "confirm"})  # what may end the application with its last referral
_AT_WORK = frozenset({S.RECEIVED, S.HANDLING})
VERBS: dict[str, Step] = {
    "receive": Step("签收", frozenset({S.DISPATCHED}), S.RECEIVED),
    "take": Step("承办", frozenset({S.DISPATCHED, S.RECEIVED}), S.HANDLING),  # what has not been signed for is signed for first
    "assign": Step("交办", frozenset({S.DISPATCHED, S.RECEIVED, S.HANDLING}), S.HANDLING),  # in hand: to another colleague
    "succeed": Step("由承接单位接办", frozenset({S.DISPATCHED, S.RECEIVED, S.HANDLING}), S.DISPATCHED),  # the department has ended
    "propose": Step("拟办", frozenset({S.HANDLING})),
    "forward": Step("送下一环节", frozenset({S.HANDLING}), S.DISPATCHED),
    "send_back": Step("退回上一环节", frozenset({S.HANDLING}), S.DISPATCHED),
    "return_for_supplement": Step("退回补正", frozenset({S.HANDLING}), S.RETURNED),
    "resubmit": Step("补正后送回", frozenset({S.RETURNED}), S.DISPATCHED),
    "dispute": Step("提出“非本单位职责”", _AT_WORK, S.DISPUTED),
    "resend": Step("改送", frozenset({S.DISPUTED}), S.DISPATCHED),
    "push_for_ruling": Step("推送裁定", frozenset({S.DISPUTED}), S.RULING),
    "rule": Step("裁定", frozenset({S.RULING}), S.DISPATCHED),  # 县民政局 a party: when the convener has countersigned
    "decide": Step("作出决定", frozenset({S.HANDLING}), S.DECIDED),
    "feed_back": Step("反馈", frozenset({S.DECIDED}), S.FED_BACK),
    "return_feedback": Step("退回反馈", frozenset({S.FED_BACK}), S.DECIDED),
    "confirm": Step("确认", frozenset({S.FED_BACK}), S.CONFIRMED),
    "withdraw": Step("撤回", Referral.UNDECIDED, S.WITHDRAWN),
    "terminate": Step("终止", Referral.UNDECIDED, S.TERMINATED),
    "begin_appraisal": Step("暂停计时", frozenset({S.HANDLING})),
    "end_appraisal": Step("恢复计时", frozenset({S.HANDLING})),
    "request_extension": Step("申请延期", _AT_WORK),
    "answer_extension": Step("答复延期", Referral.UNDECIDED),
    "take_over": Step("接办", frozenset({S.RECEIVED, S.HANDLING, S.DECIDED})),
    "remind": Step("催办", Referral.OPEN),
    "post_publicity": Step("公示", frozenset({S.HANDLING})),
    "object": Step("登记异议", frozenset({S.HANDLING})),
    "end_publicity": Step("结束公示", frozenset({S.HANDLING})),
}


def step(referral: Referral, verb: str) -> None:
    """Refuse a verb that does not start from where the referral stands.

    Raises:
        AlreadyHandled: who brought it there, and when.
    """
    if referral.status not in VERBS[verb].begins:
        raise AlreadyHandled(f"{standing(referral)}，不能再{VERBS[verb].word}。请按现在的情况办理。")


def move(referral: Referral, target: str) -> None:
    """One legal step of the status; the caller saves it with what belongs to it."""

    def refusal() -> str:
        return f"{standing(referral)}，不能改为“{S(target).label}”。请按现在的情况办理。"

    edge(referral.status, target, EDGES, refusal=refusal)
    referral.status = target


def take_up(referral_id: Any, verb: str, can: Callable[[Any, Referral], bool], by: Post) -> Referral:
    """The first four beats: through the gate, locked, legal step, gate and permission again."""
    referral = hold(Referral.objects.visible_to(by).get_or_404(referral_id), verb)
    step(referral, verb)
    refuse_gone(referral, verb, can, by)
    recheck(referral, can, by)
    return referral


def hold(referral: Referral, verb: str) -> Referral:
    """Read again under the locks that the verb takes: the application's first where it may end that, since its siblings are counted then.

    Who compares what a page showed with what stands does it under these: nobody writes between the look and the verb.
    """
    if verb in ENDING and referral.application_id:
        lock(Application(pk=referral.application_id))
    return lock(referral)


def refuse_gone(referral: Referral, verb: str, can: Callable[[Any, Referral], bool], by: Post) -> None:
    """Refuse in words whoever might have done it while it stood at his unit: the page he looks at is older than the next unit's turn.

    Raises:
        AlreadyHandled: who sent it on, when, and who has it now.
    """
    if referral.status not in Referral.UNDECIDED or referral.unit_id == by.unit_id or can(by, referral):
        return
    rows = referral.walked.select_related("stage", "left_by__unit", "left_by__staff")
    last = rows.filter(unit_id=by.unit_id, left_at__isnull=False).last()
    if last is None or last.left_by is None:
        return
    then = copy(referral)
    then.unit_id, then.stage = by.unit_id, last.stage
    if can(by, then):
        what = last.get_result_display().removeprefix("已")
        raise AlreadyHandled(
            f"转办单{referral.number}已由{last.left_by.label}于{clock.local(last.left_at):%Y-%m-%d %H:%M}{what}，"
            f"现由{referral.unit.name}办理，本单位不能再{VERBS[verb].word}。请按现在的情况办理。"
        )


def stay(referral: Referral) -> ReferralStage:
    """The open row of where a referral stands: one by constraint, and under the referral's lock nobody else writes it."""
    return ReferralStage.objects.current().select_related("stage", "unit").get(referral=referral)


def standing(referral: Referral) -> str:
    """Where it stands and who brought it there: “转办单…已由…于…决定（批准）”."""
    who, at, what = _last_hand(referral)
    return f"转办单{referral.number}已由{who.label if who else '同事'}于{clock.local(at):%Y-%m-%d %H:%M}{what}"


def _last_hand(referral: Referral) -> tuple[Post | None, Any, str]:
    match referral.status:
        case S.DECIDED if referral.feedback_returned_at:
            return referral.feedback_returned_by, referral.feedback_returned_at, "退回反馈，等待重新反馈"
        case S.DECIDED:
            return referral.decided_by, referral.decided_at, f"决定（{referral.get_outcome_display()}）"
        case S.FED_BACK:
            return referral.fed_back_by, referral.fed_back_at, "反馈"
        case S.CONFIRMED:
            return referral.confirmed_by, referral.confirmed_at, "确认并告知申请人"
        case S.WITHDRAWN:
            return referral.ended_by, referral.ended_at, "撤回"
        case S.TERMINATED:
            return referral.ended_by, referral.ended_at, "终止"
    return _last_stay(referral)


def _last_stay(referral: Referral) -> tuple[Post | None, Any, str]:
    row = referral.walked.select_related("received_by__unit", "received_by__staff", "left_by__unit", "left_by__staff").last()
    if row is not None and row.left_at:
        return row.left_by, row.left_at, str(row.get_result_display())
    if row is not None and row.received_at:
        taken = f"签收，由{referral.handler.staff.name}承办" if referral.handler else "签收"
        return row.received_by, row.received_at, taken
    return referral.arrived_by, referral.arrived_at, f"送到{referral.unit.short_name}，等待签收"
