"""From the decision to the applicant's ear: fed back, returned once at most, confirmed (ZX-32, XX-21, C-07)."""

from typing import Any

from django.db import transaction

from config import clock
from config.verbs import TransitionError, save
from config.words import without_numbers
from deadlines.models import Duty
from households.transitions import close_access
from organization.figures import figure
from organization.models import Post

from .. import conditions
from ..models import Referral, ReferralStage
from ..permissions import can_confirm, can_feed_back, can_return_feedback
from . import clocks
from .edges import S, move, take_up
from .ending import close_with_the_last
from .walking import note, tell

TEXT, REASON, TOLD = 500, 200, 200


@transaction.atomic
def feed_back(*, referral_id: Any, text: str, by: Post) -> Referral:
    """The unit tells the window what was decided and what the applicant should know; it stands in the window's bell with this commit."""
    referral = take_up(referral_id, "feed_back", can_feed_back, by)
    text = conditions.words(text, "请填写反馈内容：决定、起始时间、怎样领取或下一步怎么办。", TEXT, may_name_mobile=True)
    move(referral, S.FED_BACK)
    referral.feedback, referral.fed_back_at, referral.fed_back_by = text, clock.now(), by
    deciding, referral.unit = referral.unit, referral.window
    save(referral, "status", "feedback", "fed_back_at", "fed_back_by", "unit")
    clocks.end(referral, clocks.FEEDBACK, by)
    clocks.begin(referral, clocks.TELL, referral.window, by)
    note("referral.fed_back", referral, by, new=referral.get_outcome_display(), note=text)
    tell("referral.fed_back", referral, referral.window, f"结果反馈（{referral.get_outcome_display()}）", f"{deciding.short_name}：{text}")
    return referral


@transaction.atomic
def return_feedback(*, referral_id: Any, reason: str, by: Post) -> Referral:
    """A feedback without substance goes back to the unit that decided; the decision stands (RULES B2).

    Raises:
        TransitionError: no reason, or it was returned before.
    """
    referral = take_up(referral_id, "return_feedback", can_return_feedback, by)
    reason = conditions.words(reason, "请写明退回反馈的理由：还缺什么，无法告知申请人什么。", REASON)
    most = int(figure("feedback_returns_max"))
    if Duty.objects.about(referral, clocks.TELL).filter(outcome=Duty.Outcome.RETURNED).count() >= most:
        raise TransitionError(f"反馈最多退回{most}次，这件已经退回过。请直接与决定单位联系后告知申请人。")
    last: ReferralStage = referral.walked.select_related("unit").filter(result=ReferralStage.Result.DECIDED).last()  # type: ignore[assignment]
    move(referral, S.DECIDED)
    referral.feedback_returned_at, referral.feedback_returned_by, referral.feedback_return_reason = clock.now(), by, reason
    referral.feedback, referral.fed_back_at, referral.fed_back_by = "", None, None
    referral.unit = last.unit
    save(
        referral, "status", "feedback", "fed_back_at", "fed_back_by", "feedback_returned_at", "feedback_returned_by",
        "feedback_return_reason", "unit",
    )  # fmt: skip
    clocks.end(referral, clocks.TELL, by, Duty.Outcome.RETURNED)
    clocks.begin(referral, clocks.FEEDBACK, referral.unit, by, is_return=True)
    clocks.put_in_hand(referral)
    note("referral.feedback_returned", referral, by, new=referral.unit.short_name, note=reason)
    tell("referral.feedback_returned", referral, referral.unit, "反馈被窗口退回", reason)
    return referral


@transaction.atomic
def confirm(*, referral_id: Any, told_how: str, told_note: str = "", by: Post) -> Referral:
    """The applicant has been told, how and by whom (XX-21 件件有回音). With its last referral the application closes.

    Raises:
        TransitionError: how is not said.
    """
    referral = take_up(referral_id, "confirm", can_confirm, by)
    if told_how not in Referral.ToldHow.values:
        raise TransitionError("请选择以什么方式告知了申请人。")
    move(referral, S.CONFIRMED)
    referral.told_how, referral.told_note = told_how, without_numbers(told_note)[:TOLD]
    referral.confirmed_at, referral.confirmed_by = clock.now(), by
    save(referral, "status", "told_how", "told_note", "confirmed_at", "confirmed_by")
    close_access(subject=referral, by=by)
    clocks.end(referral, clocks.TELL, by)
    note("referral.confirmed", referral, by, new=referral.get_told_how_display(), note=referral.told_note)
    close_with_the_last(referral, by)
    return referral
