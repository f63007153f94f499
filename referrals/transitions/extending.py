"""A longer limit (C-01: 30 to 45 working days): asked by the unit that works on it, answered by the county platform's approver.

Granted, it moves both dates: the promise, and that of the stage that is worked on, by as many days.
"""

from typing import Any

from django.db import transaction

from config import clock
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from config.words import without_numbers
from deadlines.counting import limit_of
from deadlines.rules import Limit, Rule
from deadlines.transitions import extend
from organization.models import Post, Unit

from .. import conditions, rules
from ..models import ExtensionRequest, Referral
from ..permissions import can_answer_extension, can_request_extension
from . import clocks
from .edges import step, take_up
from .walking import note as write_note
from .walking import tell

REASON, ANSWER = 200, 200


@transaction.atomic
def request_extension(*, referral_id: Any, reason: str, by: Post) -> ExtensionRequest:
    """Ask for the extended whole limit of the track, for one of the causes that the version names.

    Raises:
        TransitionError: no such limit or cause, too late, or a request is waiting already.
    """
    referral = take_up(referral_id, "request_extension", can_request_extension, by)
    track = referral.track
    if track.extended_limit <= track.whole_limit:
        raise TransitionError(f"“{referral.program}”的办理时限不能延长。")
    reason = conditions.words(reason, "请写明延期的理由。", REASON)
    causes = rules.causes(track.extension_causes)
    if len(causes) > 1 and not any(cause in reason for cause in causes):
        raise TransitionError(f"这个项目只在下列情形可以延期，请在理由中写明是哪一种：{'、'.join(causes)}。")
    promised = clocks.refuse_late(referral, clock.now())
    if not Limit(Rule(track.limit_unit), track.extended_limit).is_longer_than(limit_of(promised)):
        raise TransitionError(f"承诺时限已经延到{limit_of(promised)}，不能再延长。请在时限内办理。")
    request = ExtensionRequest(
        referral=referral, reason=reason, limit=track.extended_limit, requested_at=clock.now(), requested_by=by,
        requested_by_staff=by.staff,
    )  # fmt: skip
    try:
        save(request)
    except ConstraintBroken as clash:  # one request at a time
        raise AlreadyHandled(clash.message) from clash
    _note("referral.extension_requested", request, by, new=str(_limit(request)), text=reason)
    platform = Unit.objects.current(clock.today()).get(kind=Unit.Kind.PLATFORM)
    tell("referral.extension_requested", referral, platform, "申请延期", f"{by.unit.short_name}：{reason}")
    return request


@transaction.atomic
def answer_extension(*, request_id: Any, granted: bool, note: str = "", by: Post) -> ExtensionRequest:
    """Grant it, and promise and stage are counted anew; or not, with the reason. Never after the promise has run out.

    Raises:
        AlreadyHandled: answered, or the referral is decided.
        TransitionError: too late, or a no without its reason.
    """
    fetched: ExtensionRequest = ExtensionRequest.objects.visible_to(by).get_or_404(request_id)
    referral = lock(fetched.referral)
    request = lock(fetched)
    if request.answered_at and request.answered_by:
        when = f"{clock.local(request.answered_at):%Y-%m-%d %H:%M}"
        raise AlreadyHandled(f"这项延期申请已由{request.answered_by.label}于{when}答复（{'同意' if request.is_granted else '不同意'}）。")
    step(referral, "answer_extension")
    recheck(request, can_answer_extension, by)
    if not granted:
        note = conditions.words(note, "不同意延期的，请写明理由。", ANSWER)
    request.answered_at, request.answered_by, request.answered_by_staff = clock.now(), by, by.staff
    request.is_granted, request.answer_note = granted, without_numbers(note)[:ANSWER]
    save(request, "answered_at", "answered_by", "answered_by_staff", "is_granted", "answer_note")
    if granted:
        limit = _limit(request)
        extend(subject=referral, kind=clocks.PROMISE, limit=limit, reason=request.reason, by=request.requested_by, approved_by=by)
        clocks.carry_extension(referral, referral.walked.current().first(), request)
    verb = "referral.extension_granted" if granted else "referral.extension_refused"
    _note(verb, request, by, new=str(_limit(request)), text=request.answer_note)
    for unit in {request.requested_by.unit, referral.unit, referral.window}:
        tell(verb, referral, unit, "同意延期" if granted else "不同意延期", request.answer_note or f"延至{_limit(request)}")
    return request


def _limit(request: ExtensionRequest) -> Limit:
    return Limit(Rule(request.referral.track.limit_unit), request.limit)


def _note(verb: str, request: ExtensionRequest, by: Post, *, new: str, text: str) -> None:
    referral: Referral = request.referral
    write_note(verb, referral, by, new=new, note=text, data={"request": request.pk})
