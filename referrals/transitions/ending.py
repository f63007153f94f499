"""Ending otherwise than by a decision: withdrawn by the applicant, terminated by the office (RULES B2, C-17); and the application's end."""

from typing import Any

from django.db import transaction

from config import clock
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from deadlines.transitions import close_all
from households.transitions import close_access
from intake.models import Application, ApplicationItem
from intake.querysets import GIVEN_UP
from intake.transitions import close, stop
from intake.transitions.edges import standing as application_standing
from organization.models import Post
from programs.models import Track
from verification.transitions import let_go

from .. import conditions
from ..models import Referral, ReferralStage
from ..permissions import can_terminate, can_terminate_application, can_withdraw, can_withdraw_application
from . import waiting
from .deaths import after_change
from .disputing import drop_claim
from .edges import S, move, take_up
from .walking import leave, note, tell

A = Application.Status
REASON = 300
ASKS = {S.WITHDRAWN: "请写明撤回的原因。", S.TERMINATED: "请写明终止的原因：不配合核查、死亡等，并注明依据。"}
EVENTS = {S.WITHDRAWN: "referral.withdrawn", S.TERMINATED: "referral.terminated"}


@transaction.atomic
def withdraw(*, referral_id: Any, reason: str, by: Post) -> Referral:
    """The applicant no longer asks for this one. What has been decided stands and cannot be withdrawn."""
    referral = take_up(referral_id, "withdraw", can_withdraw, by)
    _end(referral, S.WITHDRAWN, reason, by)
    close_with_the_last(referral, by)
    return referral


@transaction.atomic
def terminate(*, referral_id: Any, reason: str, by: Post) -> Referral:
    """The procedure ends without a decision: the applicant does not cooperate, or has died (C-17)."""
    referral = take_up(referral_id, "terminate", can_terminate, by)
    _end(referral, S.TERMINATED, reason, by)
    close_with_the_last(referral, by)
    return referral


@transaction.atomic
def withdraw_application(*, application_id: Any, reason: str, by: Post) -> Application:
    """The applicant withdraws everything that is not decided. What is decided goes on to the applicant, and closes the application then.

    Raises:
        AlreadyHandled: not accepted, or over.
        TransitionError: everything is decided.
    """
    return _stop(application_id, S.WITHDRAWN, A.WITHDRAWN, reason, can_withdraw_application, by)


@transaction.atomic
def terminate_application(*, application_id: Any, reason: str, by: Post) -> Application:
    """The same, by an approver of the township: no cooperation, or the applicant has died (RULES B2, C-17)."""
    return _stop(application_id, S.TERMINATED, A.TERMINATED, reason, can_terminate_application, by)


def _stop(application_id: Any, status: str, target: str, reason: str, can: Any, by: Post) -> Application:
    application: Application = lock(Application.objects.visible_to(by).get_or_404(application_id))
    if application.status not in {A.ACCEPTED, A.IN_PROGRESS}:
        raise AlreadyHandled(application_standing(application))
    recheck(application, can, by)
    reason = conditions.words(reason, ASKS[S(status)], REASON)
    rows = Referral.objects.filter(application=application).order_by("pk").select_for_update(of=("self",), no_key=True)
    referrals = list(rows)
    undecided = [referral for referral in referrals if referral.status in Referral.UNDECIDED]
    waits = waiting.of(application)
    if referrals and not undecided and not waits:
        raise TransitionError("这件申请的事项都已决定或结束，决定之后不能撤回；请按决定反馈并告知申请人。")
    for referral in undecided:
        _end(referral, status, reason, by)
    for row in waits:
        waiting.give_up(row, status, reason, by)
    if all(referral.status in {S.WITHDRAWN, S.TERMINATED} for referral in referrals):
        return stop(application=application, status=target, reason=reason, by=by)
    close_if_over(application, by)
    return application


@transaction.atomic
def withdraw_item(*, item_id: Any, reason: str, by: Post) -> Application:
    """The applicant no longer asks for something that waits for its program to open (待开放).

    Raises:
        AlreadyHandled: it was sent out, or given up before.
    """
    item: ApplicationItem = ApplicationItem.objects.visible_to(by).get_or_404(item_id)
    application: Application = lock(Application(pk=item.application_id))
    row = next((row for row in waiting.of(application) if row.item_id == item.pk), None)
    if row is None:
        raise AlreadyHandled("这个事项不在等待开放：可能已经派单，或者已经撤回。请按现在的情况办理。")
    recheck(application, can_withdraw_application, by)
    reason = conditions.words(reason, ASKS[S.WITHDRAWN], REASON)
    waiting.give_up(row, S.WITHDRAWN, reason, by)
    if Referral.objects.filter(application=application).exists():
        close_if_over(application, by)
    elif not has_waiting_items(application):
        return stop(application=application, status=A.WITHDRAWN, reason=reason, by=by)
    return application


def _end(referral: Referral, status: str, reason: str, by: Post) -> None:
    reason = conditions.words(reason, ASKS[S(status)], REASON)
    holder = referral.unit
    move(referral, status)
    referral.ended_at, referral.ended_by, referral.end_reason = clock.now(), by, reason
    save(referral, "status", "ended_at", "ended_by", "end_reason")
    row = referral.walked.current().first()
    if row is not None:
        leave(row, ReferralStage.Result.ENDED, by)
    drop_claim(referral, by)
    close_access(subject=referral, by=by)
    close_all(subject=referral, by=by)
    note(EVENTS[S(status)], referral, by, note=reason)
    if referral.track.verification == Track.Verification.BEFORE:
        ended = f"转办单{referral.number}{referral.get_status_display()}"
        let_go(household=referral.case_household, ended=ended, application_id=referral.application_id, by=by)
    after_change(referral, by)
    for unit in {holder, referral.window} - {by.unit}:
        tell(EVENTS[S(status)], referral, unit, f"转办单{referral.get_status_display()}", reason)


def close_with_the_last(referral: Referral, by: Post) -> None:
    """Under the application's lock: with its last referral the application closes (DESIGN 5). Siblings wait for that lock."""
    if referral.application is not None:
        close_if_over(referral.application, by)


def close_if_over(application: Application, by: Post) -> None:
    if not has_waiting_items(application) and not Referral.objects.filter(application=application).open().exists():
        close(application=application, by=by)


def has_waiting_items(application: Application) -> bool:
    """An item outside its open months has no referral yet and keeps the application open (DESIGN 1)."""
    return application.items.filter(referral=None).exclude(waiting__outcome__in=GIVEN_UP).exists()
