"""Sending accepted items out, and on their way from unit to unit (ZX-31 to ZX-33)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from config import clock
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from config.words import without_numbers
from deadlines.models import Duty
from documents.transitions import next_number
from intake.models import Application, ApplicationItem
from intake.transitions import start_progress
from intake.transitions.edges import standing as application_standing
from organization.desks import still
from organization.models import Post
from programs.models import Stage

from .. import conditions, routing
from ..models import Referral, ReferralStage, WaitingItem
from ..permissions import can_dispatch, can_forward, can_resubmit, can_return_for_supplement, can_send_back, is_registering
from . import clocks, waiting
from .edges import S, stay, take_up
from .gathering import SEPARATOR
from .walking import arrive, leave, note, place, send_to, tell, wait_at

Result = ReferralStage.Result
OPINION = 500


@transaction.atomic
def dispatch(*, application_id: Any, by: Post) -> list[Referral]:
    """Send every item of an accepted application to where its track begins; one referral each (DESIGN 5).

    An item outside its open months, or beyond its quota, waits (待开放); on the opening day, or once a place is given back to who waits
    longest, the system post sends it through this same verb, and its promise starts that day (DESIGN 4).

    Returns:
        what was sent: nothing where every item waits.

    Raises:
        AlreadyHandled: sent out already, nothing that waits has opened, or the application has ended.
        TransitionError: a unit of the track is missing.
    """
    application: Application = lock(Application.objects.visible_to(by).get_or_404(application_id))
    today = clock.today()
    waits = {row.item_id: row for row in waiting.of(application)}
    is_first = application.status == Application.Status.ACCEPTED
    is_next = application.status == Application.Status.IN_PROGRESS and any(waiting.is_looked_at(row, today) for row in waits.values())
    if not is_first and not is_next:
        raise AlreadyHandled(application_standing(application))
    recheck(application, can_dispatch, by)
    if is_first:
        start_progress(application=application, by=by)
    accepted_on = clock.local(application.accepted_at or clock.now()).date()
    sent = []
    items = _unsent(application, waits)
    waiting.hold_places(items)
    ready = waiting.ready(waits.values(), today)
    if not is_first and not ready:
        raise AlreadyHandled("本年度名额仍是满的，这件事项继续等待；有名额空出时按等候先后自动派单，不用再点。")
    for item in items:
        row = waits.get(item.pk)
        if row is not None and row not in ready:
            continue
        if opening := waiting.opening_of(item, row, accepted_on, today):
            waiting.put_aside(item, row, opening, _title(item, application), by)
        else:
            sent.append(_send_out(item, row, application, by))
    return sent


def _unsent(application: Application, waits: Mapping[Any, WaitingItem]) -> list[ApplicationItem]:
    """Without a referral; those that were given up while they waited stay where they are."""
    items = ApplicationItem.objects.filter(Q(waiting=None) | Q(waiting__in=waits.values()), application=application, referral=None)
    return list(items.select_related("program__department", "version", "track", "application").order_by("added_at", "program", "pk"))


def _send_out(item: ApplicationItem, waited: WaitingItem | None, application: Application, by: Post) -> Referral:
    today = clock.today()
    stage = routing.first_stage(item.track)
    unit = routing.unit_of(stage, program=item.program, window=application.unit, on=today)
    taken: Any = application.accepted_at, application.accepted_by, application.accepted_by_staff  # accepted, by edge and constraint
    referral = Referral(
        item=item, application=application, household=item.household, resident=item.resident, case_household=application.household,
        program=item.program, version=item.version, track=item.track, title=_title(item, application),
        township_code=application.township_code, window=application.unit, dispatched_at=clock.now(), dispatched_by=by,
        accepted_at=taken[0], accepted_by=taken[1], accepted_by_staff=taken[2],
        number=next_number("referral", application.township_code[-3:], today),
    )  # fmt: skip
    place(referral, stage, unit, by)
    try:
        save(referral)
    except ConstraintBroken as clash:  # another window was first with the same program for the same beneficiary
        raise TransitionError(f"“{item.program}”：{clash.message}") from clash
    arrive(referral, stage, unit, by)
    clocks.promise(referral, clock.now() if waited else referral.accepted_at, by)
    note("referral.dispatched", referral, by, new=unit.short_name, data={"program": item.program_id, "stage": stage.name})
    tell("referral.dispatched", referral, unit, "新转办单待签收", f"{stage.name}，来自{application.unit.short_name}。")
    if waited is not None:
        waiting.sent(waited, by)
        why = "已到开放日" if waited.opens_on <= today else "等到了空出的名额"
        tell("referral.opened", referral, referral.window, f"待开放事项{why}，已派单", f"由{unit.short_name}承办。")
    return referral


def _title(item: ApplicationItem, application: Application) -> str:
    """What duties and notices say of it: program and masked name. They are read beyond its way: a sensitive program is not named."""
    program = "敏感项目" if item.program.is_sensitive else str(item.program)
    return f"{program} {mask_name(application.applicant.name)}"[:80]


@transaction.atomic
def forward(*, referral_id: Any, opinion: str = "", by: Post) -> Referral:
    """Agreed here, on to the next stage (审核后上报): by an approver who neither proposed nor accepted, or by the window after a publicity.

    Raises:
        TransitionError: no proposal, own proposal, the track's demands are not met, or this stage decides.
    """
    referral = take_up(referral_id, "forward", can_forward, by)
    row = stay(referral)
    if referral.stage.act == Stage.Act.DECIDE:
        raise TransitionError("这是决定环节，请作出决定（批准或不予批准），不能再送下一环节。")
    conditions.refuse_forward(referral, row, by)
    following = routing.stage_after(referral.stage, referral.purpose)
    if following is None:
        raise TransitionError("这个环节之后没有设置决定环节，请联系县级平台核对项目规则。")
    unit = routing.unit_of(following, program=referral.program, window=referral.window, on=clock.today())
    opinion = without_numbers(opinion)[:OPINION]
    depart(referral, row, Result.FORWARDED, by, opinion=opinion, is_ruling=not is_registering(referral.stage))
    send_to(referral, following, unit, by)
    note("referral.forwarded", referral, by, old=row.stage.name, new=unit.short_name, note=opinion, data={"stage": following.name})
    tell("referral.forwarded", referral, unit, "转办单待签收", f"{following.name}，来自{by.unit.short_name}。")
    return referral


@transaction.atomic
def send_back(*, referral_id: Any, reason: str, by: Post) -> Referral:
    """One stage back, to be looked at again. Without a stage before this one there is only the window: `return_for_supplement`.

    Raises:
        TransitionError: no reason, or the first stage.
    """
    referral = take_up(referral_id, "send_back", can_send_back, by)
    row, reason = stay(referral), conditions.words(reason, "请写明退回上一环节的理由。", OPINION)
    conditions.refuse_running_publicity(referral)
    before = routing.stage_before(referral.stage, referral.purpose)
    if before is None:
        raise TransitionError("这是第一个环节，前面没有可退回的环节。需要申请人补充材料的，请用“退回补正”。")
    unit = routing.unit_of(before, program=referral.program, window=referral.window, on=clock.today())
    depart(referral, row, Result.SENT_BACK, by, opinion=reason)
    send_to(referral, before, unit, by, is_return=True)
    note("referral.sent_back", referral, by, old=row.stage.name, new=unit.short_name, note=reason, data={"stage": before.name})
    tell("referral.sent_back", referral, unit, "转办单被退回本环节", reason)
    return referral


@transaction.atomic
def return_for_supplement(*, referral_id: Any, lines: Sequence[str], by: Post) -> Referral:
    """Back to the window for what the applicant must still bring, everything at once and once per unit (TZ-14, correction 14).

    The window gathers the lines of all units into one notice to the resident; the promise stands meanwhile where the version says so.

    Raises:
        TransitionError: nothing named, or the unit has had its turn.
    """
    referral = take_up(referral_id, "return_for_supplement", can_return_for_supplement, by)
    row = stay(referral)
    text = conditions.words(SEPARATOR.join(line.strip() for line in lines if line.strip()), "请逐条写明需要补正什么。", OPINION)
    if row.unit_id == referral.window_id:
        raise TransitionError("本环节就在窗口，需要申请人补充的请直接告知申请人，不用退回。")
    conditions.refuse_second_return(referral, row.unit)
    conditions.refuse_running_publicity(referral)
    depart(referral, row, Result.RETURNED, by, opinion=text, outcome=Duty.Outcome.RETURNED)
    wait_at(referral, S.RETURNED, referral.window)
    clocks.pause_promise(referral=referral, cause=clocks.Cause.SUPPLEMENT, by=by, note=row.unit.short_name)
    clocks.begin(referral, clocks.RESUBMIT, referral.window, by, is_return=True)
    note("referral.returned", referral, by, old=row.unit.short_name, note=text, data={"stage": row.stage.name})
    tell("referral.returned", referral, referral.window, "转办单退回补正", f"{row.unit.short_name}：{text}")
    return referral


@transaction.atomic
def resubmit(*, referral_id: Any, note_text: str = "", by: Post) -> Referral:
    """What was missing is here: back to the unit that returned it, at the same stage.

    Args:
        note_text: what was brought or found out; the unit reads it in the notice and in the story.

    Raises:
        TransitionError: the applicant has not answered the notice yet, or an ID number in the text.
    """
    referral = take_up(referral_id, "resubmit", can_resubmit, by)
    conditions.refuse_unanswered_notice(referral)
    text = without_numbers(note_text.strip())
    last: ReferralStage = referral.walked.select_related("unit", "stage").order_by("arrived_at", "pk").last()  # type: ignore[assignment]
    clocks.end(referral, clocks.RESUBMIT, by)
    clocks.resume_promise(referral=referral, cause=clocks.Cause.SUPPLEMENT, by=by)
    unit = still(last.unit, clock.today())
    send_to(referral, last.stage, unit, by)
    note("referral.resubmitted", referral, by, new=unit.short_name, note=text)
    tell("referral.resubmitted", referral, unit, "补正后的转办单待签收", f"{last.stage.name}，来自{by.unit.short_name}。{text}")
    return referral


def depart(
    referral: Referral, row: ReferralStage, result: str, by: Post, *, opinion: str = "", is_ruling: bool = False,
    outcome: str = Duty.Outcome.DONE,
) -> None:  # fmt: skip
    """Leave the stage: its row ends, the unit's clock stops, an appraisal it waited for no longer holds the promise."""
    clocks.resume_promise(referral=referral, cause=clocks.Cause.APPRAISAL, by=by)
    leave(row, result, by, opinion=opinion, is_ruling=is_ruling)
    clocks.end(referral, clocks.STAGE, by, outcome)
