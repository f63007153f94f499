"""Waiting for somebody outside: an appraisal (鉴定、评残、评估) holds both clocks where the version says so (DESIGN 6)."""

from typing import Any

from django.db import transaction

from config.verbs import AlreadyHandled, TransitionError
from organization.models import Post

from .. import conditions
from ..models import Referral
from ..permissions import can_wait_for_appraisal
from . import clocks
from .edges import take_up
from .walking import note

REASON = 40


@transaction.atomic
def begin_appraisal(*, referral_id: Any, reason: str, by: Post) -> Referral:
    """The unit has ordered an appraisal and waits for it: by whom, of what.

    Raises:
        AlreadyHandled: the clock stands already.
        TransitionError: the version does not stop for it, or no reason.
    """
    referral = take_up(referral_id, "begin_appraisal", can_wait_for_appraisal, by)
    if clocks.Cause.APPRAISAL not in referral.version.pause_causes:
        raise TransitionError(f"“{referral.program}”的时限不因鉴定、评估暂停，请在时限内办理；确有困难的可以申请延期。")
    reason = conditions.words(reason, "请写明等待什么鉴定或评估、由谁作出。", REASON)
    if not clocks.pause_promise(referral=referral, cause=clocks.Cause.APPRAISAL, by=by, note=reason):
        raise AlreadyHandled("承诺时限已经暂停计时，不用再次暂停。")
    clocks.pause_stage(referral, clocks.Cause.APPRAISAL, by, reason)
    note("referral.appraisal_begun", referral, by, note=reason)
    return referral


@transaction.atomic
def end_appraisal(*, referral_id: Any, by: Post) -> Referral:
    """The appraisal is here: both clocks run again.

    Raises:
        AlreadyHandled: they run.
    """
    referral = take_up(referral_id, "end_appraisal", can_wait_for_appraisal, by)
    if not clocks.resume_promise(referral=referral, cause=clocks.Cause.APPRAISAL, by=by):
        raise AlreadyHandled("没有因鉴定、评估暂停计时，或已恢复计时。")
    clocks.resume_stage(referral, by)
    note("referral.appraisal_ended", referral, by)
    return referral
