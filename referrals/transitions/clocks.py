"""Two dates on every referral (DESIGN 6): the promise to the resident, from acceptance, and the stage's, from arrival at its unit.

A late stage is charged to the unit that held it, since each unit has a duty of its own. What may stop the promise is data of the version
(`pause_causes`); nothing else does.
"""

from datetime import datetime

from config import clock
from config.verbs import TransitionError, save
from deadlines.counting import limit_of
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import close_duty, extend, open_duty, pause, resume
from deadlines.transitions import put_in_hand as hand
from organization.models import Parameter, Post, Unit
from programs.models import ProgramVersion

from .. import rules
from ..models import ExtensionRequest, Referral, ReferralStage

PROMISE, RECEIVE, STAGE, RESUBMIT, FEEDBACK, TELL = "promise", "receive", "stage", "resubmit", "feedback", "tell"
SETTLE, RULE, COUNTERSIGN = "settle", "rule", "countersign"
REVIEW, REPORT, DEATH = "review", "change_report", "death"  # of a record and of what was reported, not of a referral
FOLLOW, STOP = "report_follow", "death_stop"  # what a confirmed report asks for besides; aid of somebody who died
NAMES = {
    PROMISE: "承诺办结", RECEIVE: "签收", RESUBMIT: "补正后送回", FEEDBACK: "反馈结果", TELL: "告知申请人",
    SETTLE: "处理争议", RULE: "裁定", COUNTERSIGN: "会签裁定",
}  # fmt: skip
# How long a step may take that belongs to no stage: the county's figures.
FIGURES = {
    RECEIVE: (Rule.WORKING_DAYS, "referral_receive_within"),
    RESUBMIT: (Rule.CALENDAR_DAYS, "supplement_return_within"),
    FEEDBACK: (Rule.WORKING_DAYS, "refusal_notice_within"),
    TELL: (Rule.WORKING_DAYS, "refusal_notice_within"),
    SETTLE: (Rule.WORKING_DAYS, "referral_receive_within"),
    RULE: (Rule.WORKING_DAYS, "adjudication_limit"),
    COUNTERSIGN: (Rule.WORKING_DAYS, "adjudication_limit"),
}
Cause = ProgramVersion.PauseCause
BASIS = 100
STAGE_NAME = 20


def promise(referral: Referral, starts_at: datetime, by: Post) -> Duty:
    """What the window told the resident (ZX-51): the whole limit of the track. The office's own limit does not move off a rest day."""
    track = referral.track
    limit = Limit(Rule(track.limit_unit), track.whole_limit)
    basis = str(track.origins.get("whole_limit", {}).get("source", ""))
    return _open(referral, PROMISE, NAMES[PROMISE], referral.window, limit, by, starts_at=starts_at, basis=basis, is_promise=True)


def begin(referral: Referral, kind: str, unit: Unit, by: Post, *, url: str = "", is_return: bool = False) -> Duty:
    """A step with a figure of the county: sign for, send on after the supplement, settle a dispute, feed back, tell."""
    rule, key = FIGURES[kind]
    figure = Parameter.objects.in_force(key, on=clock.today(), region_code=referral.township_code)
    if figure is None:
        raise LookupError(f"parameter {key} has no value; run manage.py load_reference")
    limit = Limit(rule, int(figure.value), shifts=kind == RESUBMIT)  # the applicant's own time, which a rest day lengthens (民法典 203)
    return _open(referral, kind, NAMES[kind], unit, limit, by, basis=figure.source, url=url, is_return=is_return)


def begin_stage(referral: Referral, row: ReferralStage, by: Post, *, is_return: bool = False) -> Duty:
    """The clock of a unit on its stage, opened by signing for and running since arrival: who signs late has less time left."""
    stage = row.stage
    basis = str(stage.origins.get("limit", {}).get("source", ""))
    limit = Limit(Rule(stage.limit_unit), stage.limit)
    duty = _open(referral, STAGE, stage.name[:STAGE_NAME], row.unit, limit, by, starts_at=row.arrived_at, basis=basis, is_return=is_return)
    for request in (
        ExtensionRequest.objects.filter(referral=referral)
        .to_carry()
        .select_related("requested_by__unit", "requested_by__staff", "answered_by")
    ):
        carry_extension(referral, row, request)
    return duty


def carry_extension(referral: Referral, row: ReferralStage | None, request: ExtensionRequest) -> bool:
    """Lengthen the stage that is worked on by as much as the promise was; whether it could. Inner, under the referral's lock.

    Where nobody works on a stage, where its date has passed (late stays late), or where it counts otherwise than the whole (a publicity's
    calendar days), the days wait for the next stage that can carry them: so the stages go on adding up to the extended whole.
    """
    duty = Duty.objects.open().about(referral, STAGE).first()
    promised = Duty.objects.open().about(referral, PROMISE).first()
    if row is None or duty is None or promised is None or (duty.due_at is not None and duty.due_at <= clock.now()):
        return False
    now = limit_of(duty)
    more = request.limit - (promised.limit or 0)
    longer = rules.stage_limit(now.amount or 0, of=now.rule, more=more, whole=promised.rule)
    if longer is None or more <= 0:
        return False
    limit = Limit(now.rule, longer, shifts=now.shifts)
    extend(subject=referral, kind=STAGE, limit=limit, reason=request.reason, by=request.requested_by, approved_by=request.answered_by)
    request.stay = row
    save(request, "stay")
    return True


def put_in_hand(referral: Referral) -> None:
    """What its 承办人 has to do now is in his hand: the unit's workbench shows it under 在办 and not among what waits for somebody."""
    handler = referral.handler
    if handler is not None and handler.unit_id == referral.unit_id:
        for kind in (STAGE, FEEDBACK):
            hand(subject=referral, kind=kind, taker=handler)


def end(referral: Referral, kind: str, by: Post, outcome: str = Duty.Outcome.DONE) -> Duty:
    return close_duty(subject=referral, kind=kind, by=by, outcome=outcome)


def pause_promise(*, referral: Referral, cause: str, by: Post, note: str = "") -> bool:
    """Stop the promise for a cause that the version names; whether it did. Inner: called under the referral's lock.

    A publicity counts in the whole unless the track says otherwise. Two causes at once stop it once: the first one's end starts it again.
    """
    if cause not in referral.version.pause_causes or (cause == Cause.PUBLICITY and referral.track.publicity_in_whole):
        return False
    if _standing(referral) is not None:
        return False
    pause(subject=referral, kind=PROMISE, reason=_reason(cause, note), by=by)
    return True


def resume_promise(*, referral: Referral, cause: str, by: Post) -> bool:
    """Start the promise again if it stands for that cause; whether it did. Inner."""
    standing = _standing(referral)
    if standing is None or not standing.startswith(_reason(cause)):
        return False
    resume(subject=referral, kind=PROMISE, by=by)
    return True


def stands_for(referral: Referral, cause: str) -> bool:
    """Whether the promise stands for that cause at the moment."""
    standing = _standing(referral)
    return standing is not None and standing.startswith(_reason(cause))


def pause_stage(referral: Referral, cause: str, by: Post, note: str = "") -> None:
    """The unit waits for somebody outside: its own clock stands with the promise."""
    pause(subject=referral, kind=STAGE, reason=_reason(cause, note), by=by)


def resume_stage(referral: Referral, by: Post) -> None:
    """Start the stage's clock again if it stands: a unit that took over one that has ended may have begun with a clock of its own."""
    duty = Duty.objects.open().about(referral, STAGE).first()
    if duty is not None and duty.pauses.filter(ended_at=None).exists():
        resume(subject=referral, kind=STAGE, by=by)


def refuse_late(referral: Referral, now: datetime) -> Duty:
    """The promise that is to be lengthened.

    Raises:
        TransitionError: it has run out, or is kept already.
    """
    duty = Duty.objects.open().about(referral, PROMISE).first()
    if duty is None:
        raise TransitionError("这个转办单没有在计时的承诺时限，不需要延期。")
    if duty.due_at is not None and duty.due_at <= now:
        raise TransitionError("承诺时限已过，不能再延期。请尽快办理，并由窗口向申请人说明。")
    return duty


def _standing(referral: Referral) -> str | None:
    """Why the promise stands, or None while it runs."""
    duty = Duty.objects.open().about(referral, PROMISE).first()
    reason: str | None = duty.pauses.filter(ended_at=None).values_list("reason", flat=True).first() if duty else None
    return reason


def _reason(cause: str, note: str = "") -> str:
    """The cause in the version's words comes first: by it a pause is known again."""
    text = str(Cause(cause).label)
    return f"{text}：{note}"[:60] if note else text


def _open(
    referral: Referral, kind: str, name: str, unit: Unit, limit: Limit, by: Post, *, starts_at: datetime | None = None, basis: str = "",
    is_promise: bool = False, is_return: bool = False, url: str = "",
) -> Duty:  # fmt: skip
    return open_duty(
        subject=referral, kind=kind, kind_name=name, unit=unit, title=referral.title, limit=limit, by=by, starts_at=starts_at,
        url=url or referral.get_absolute_url(), region_code=referral.township_code, topic_code=referral.program_id, basis=basis[:BASIS],
        is_promise=is_promise, is_return=is_return,
    )  # fmt: skip
