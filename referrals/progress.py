"""What the public progress page says of an application: steps and dates, nothing of programs or persons (TZ-25, SECURITY #20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from deadlines.models import Duty
from deadlines.rules import date_of, due_on
from intake.models import Application
from programs.models import Stage

from . import rules

if TYPE_CHECKING:
    from .models import Referral

ENDED_EARLY = frozenset({Application.Status.NOT_ACCEPTED, Application.Status.WITHDRAWN, Application.Status.TERMINATED})
ASK_THE_WINDOW = "详细情况请向受理窗口了解"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the whole way, as the stepper shows it."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """One item, told apart by its number alone."""

    label: str
    where: str
    since: date | None
    promised_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class Progress:
    steps: list[Step]
    matters: list[Matter]
    remark: str


def progress_of(application: Application) -> Progress:
    """The answer, from rows of one application that somebody knows by number and last four digits, or by its query code."""
    from .models import Referral, WaitingItem

    referrals = list(Referral.objects.filter(application=application).select_related("stage").order_by("dispatched_at", "number"))
    promises, longer = _promises(referrals), _extended(referrals)
    walked = lengths(referrals)
    matters = [
        _matter(f"第{number}项", referral, walked[referral.pk], promises.get(str(referral.pk)), longer.get(referral.pk, ""))
        for number, referral in enumerate(referrals, 1)
    ]
    for number, row in enumerate(WaitingItem.objects.open().filter(item__application=application), len(matters) + 1):
        before = "，之前有名额空出的，按等候先后办理" if row.cause == WaitingItem.Cause.QUOTA else ""
        matters.append(Matter(f"第{number}项", f"等待开放，{row.opens_on:%Y-%m-%d}起办理{before}", date_of(row.began_at), None, ""))
    return Progress(_steps(application), matters, _remark(application))


def _matter(label: str, referral: "Referral", place: tuple[int, int], promise: Duty | None, extended: str) -> Matter:
    guessed = "所涉年份放假安排尚未公布，日期为暂定" if promise and promise.falls_back else ""
    note = "；".join(part for part in (extended, guessed) if part) if promise else ""
    promised_on = due_on(promise.due_at) if promise and promise.due_at else None
    return Matter(label, where(referral, *place), date_of(since_when(referral)), promised_on, note)


def _extended(referrals: "Sequence[Referral]") -> dict[object, str]:
    """Why a promise was lengthened: the cause that the rule names, never the words of the request, which may speak of persons."""
    from .models import ExtensionRequest

    found = {}
    rows = ExtensionRequest.objects.filter(referral__in=referrals, is_granted=True).select_related("referral__track")
    for row in rows.order_by("answered_at"):
        causes = rules.causes(row.referral.track.extension_causes)
        named = next((cause for cause in causes if cause in row.reason), causes[0] if len(causes) == 1 else "")
        found[row.referral_id] = f"经批准延长办理时限{f'（{named}）' if named else ''}"
    return found


def where(referral: "Referral", place: int, length: int) -> str:
    """Where an item stands, without saying what was decided."""
    match referral.status:
        case referral.Status.RETURNED:
            return "等待补正材料，请联系受理窗口"
        case referral.Status.DECIDED:
            return "已作出决定，正在反馈受理窗口"
        case referral.Status.FED_BACK:
            return "已有结果，受理窗口将告知申请人"
        case referral.Status.CONFIRMED:
            return "已办结"
        case referral.Status.WITHDRAWN | referral.Status.TERMINATED:
            return f"已终结，{ASK_THE_WINDOW}"
    return f"办理中，第{place}步（共{length}步）"


def _steps(application: Application) -> list[Step]:
    """提交, 受理, 办理, 办结, each with its day once it is done."""
    status = application.Status
    if application.status in ENDED_EARLY:
        begun = [Step("提交申请", "done", _day(application.submitted_at))] if application.submitted_at else []
        accepted = [Step("受理", "done", _day(application.accepted_at))] if application.accepted_at else []
        return [*begun, *accepted, Step("终结", "current", _day(application.ended_at))]
    order = [status.DRAFT, status.SUBMITTED, status.ACCEPTED, status.IN_PROGRESS, status.CLOSED]
    reached = order.index(status.SUBMITTED if application.status == status.SUPPLEMENT else status(application.status))
    days = [application.submitted_at, application.accepted_at, None, application.ended_at]
    done = [reached >= 1, reached >= 2, reached >= 4, reached >= 4]
    labels = ["提交申请", "受理", "办理", "办结"]
    first_open = done.index(False) if False in done else len(done)
    return [
        Step(label, "done" if is_done else "current" if place == first_open else "waiting", _day(day) if is_done else "")
        for place, (label, is_done, day) in enumerate(zip(labels, done, days, strict=True))
    ]


def _remark(application: Application) -> str:
    if application.status == Application.Status.SUPPLEMENT:
        notice = application.notices.filter(answered_at=None).first()
        return f"材料需要补正，请在{notice.due_on}前按告知书补齐，交到受理窗口。" if notice else ""
    return f"申请已终结，{ASK_THE_WINDOW}。" if application.status in ENDED_EARLY else ""


def since_when(referral: "Referral") -> datetime:
    moments = (referral.ended_at, referral.confirmed_at, referral.fed_back_at, referral.decided_at, referral.arrived_at)
    return next(moment for moment in moments if moment)


def _day(moment: datetime | None) -> str:
    return date_of(moment).isoformat() if moment else ""


def _promises(referrals: "Sequence[Referral]") -> dict[str, Duty]:
    """The promises that still run, by referral."""
    if not referrals:
        return {}
    ids = [str(referral.pk) for referral in referrals]
    rows = Duty.objects.open().filter(subject_label=referrals[0]._meta.label_lower, subject_id__in=ids, is_promise=True)
    return {duty.subject_id: duty for duty in rows}


def lengths(referrals: "Sequence[Referral]") -> dict[object, tuple[int, int]]:
    """(place, length): which of the steps that are walked a referral stands at. 登记核件 is done in the act of acceptance."""
    stages: dict[int, list[int]] = {}
    rows = Stage.objects.filter(track_id__in={referral.track_id for referral in referrals}).exclude(act=Stage.Act.REGISTER)
    for track, stage in rows.order_by("order").values_list("track_id", "pk"):
        stages.setdefault(track, []).append(stage)
    found: dict[object, tuple[int, int]] = {}
    for referral in referrals:
        walked = stages.get(referral.track_id, [])
        found[referral.pk] = (walked.index(referral.stage_id) + 1 if referral.stage_id in walked else 1, max(len(walked), 1))
    return found
