"""The county platform looks into what is sensitive in a screening or a dry run: with a reason, recorded (DESIGN 2, SECURITY D12)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config.verbs import TransitionError
from config.words import without_numbers
from organization.models import Post

from ..looking import LOOKED_INTO
from ..models import Household, ScreeningRun
from ..permissions import can_look_into

REASON = 200


@transaction.atomic
def look_into_screening(*, household_id: Any, reason: str, by: Post) -> Household:
    """Say why. Nothing of the household changes, so nothing is locked: the line itself lets the page be read (`has_said_why`).

    Raises:
        Http404, PermissionDenied: the household does not exist for `by`, or the post is not the platform's.
        TransitionError: no reason, or an ID number in it.
    """
    household: Household = Household.objects.visible_to(by).get_or_404(household_id)
    record(LOOKED_INTO[Household], household, by=by, note=_reason(reason, by), subject_text=str(household), household_id=household.pk)
    return household


@transaction.atomic
def look_into_trial(*, run_id: Any, reason: str, by: Post) -> ScreeningRun:
    """The same of a dry run: who enters and leaves by it. Raises as `look_into_screening`."""
    run: ScreeningRun = ScreeningRun.objects.visible_to(by).comparisons().get_or_404(run_id)
    record(LOOKED_INTO[ScreeningRun], run, by=by, note=_reason(reason, by))
    return run


def _reason(reason: str, by: Post) -> str:
    if not can_look_into(by):
        raise PermissionDenied("只有县级平台查看敏感内容须写明原因。")
    reason = reason.strip()
    if not reason:
        raise TransitionError("请写明查看原因：为哪件工作、核对什么。")
    if len(reason) > REASON:
        raise TransitionError(f"最多填写{REASON}个字，现有{len(reason)}个字，请精简。")
    return without_numbers(reason)
