"""What units have returned, gathered into one notice to the applicant (TZ-14, correction 14)."""

from typing import Any

from django.db import transaction

from config.verbs import TransitionError, lock
from intake.models import Application, SupplementNotice
from intake.transitions import Lack, ask_supplement
from organization.models import Post

from ..models import Referral, ReferralStage

SEPARATOR = "；"


def _returns(application: Application) -> Any:
    """The stays that ended with what stands returned now."""
    referrals = Referral.objects.filter(application=application).returned()
    return ReferralStage.objects.filter(referral__in=referrals, result=ReferralStage.Result.RETURNED)


def awaits_notice(application: Application) -> bool:
    """Whether something was sent back for since the applicant was last told in writing."""
    told_at = application.notices.order_by("-issued_at").values_list("issued_at", flat=True).first()
    rows = _returns(application)
    return bool((rows.filter(left_at__gt=told_at) if told_at else rows).exists())


def lacks_of(application: Application) -> list[Lack]:
    """Every line of every referral that stands returned, with the unit that asks."""
    rows = _returns(application).select_related("unit").order_by("left_at", "pk")
    last: dict[Any, ReferralStage] = {row.referral_id: row for row in rows}
    return [Lack(text=line, unit=row.unit) for row in last.values() for line in row.opinion.split(SEPARATOR)]


@transaction.atomic
def gather_supplement(*, application_id: Any, repeat_reason: str = "", approver: Post | None = None, by: Post) -> SupplementNotice:
    """One notice for all that is missing: the window's verb, with the lines of the units. A second one needs its reason and consent.

    Raises:
        TransitionError: nothing stands returned.
        AlreadyHandled, ValidationError: as `intake.transitions.ask_supplement` says.
    """
    application: Application = lock(Application.objects.visible_to(by).get_or_404(application_id))
    # Sending one of them back waits for this lock, and then finds the notice open.
    list(Referral.objects.filter(application=application).returned().order_by("pk").select_for_update(of=("self",), no_key=True))
    lacks = lacks_of(application)
    if not lacks:
        raise TransitionError("这件申请没有被退回补正的转办单，不用出具告知书。")
    return ask_supplement(application_id=application.pk, lines=lacks, repeat_reason=repeat_reason, approver=approver, by=by)
