"""催办: who waits for a unit asks it in a sentence, once a day for each referral; it changes nothing of the referral and of its clocks."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from audit.models import Event
from config import clock
from config.verbs import AlreadyHandled, TransitionError
from organization.figures import figure
from organization.models import Post

from .. import conditions
from ..models import Referral
from ..permissions import can_remind
from .edges import take_up
from .walking import note, tell

REMINDED = "referral.reminded"
WORDS = 200


@transaction.atomic
def remind(*, referral_id: Any, text: str, by: Post) -> Referral:
    """A notice to the unit whose turn it is, at most `reminders_per_day_max` a day over everybody who waits.

    Raises:
        AlreadyHandled: it was reminded today; by whom.
        TransitionError: one's own unit has it, no words, or a number in them.
    """
    referral = take_up(referral_id, "remind", can_remind, by)
    if referral.unit_id == by.unit_id:
        raise TransitionError("现在轮到本单位办理，不用催办。")
    words = conditions.words(text, "请写一句催办的话。", WORDS)
    _refuse_again(referral)
    note(REMINDED, referral, by, new=referral.unit.short_name, note=words)
    tell(REMINDED, referral, referral.unit, "催办", f"{by.unit.short_name}：{words}")
    return referral


def _refuse_again(referral: Referral) -> None:
    """Under the referral's lock: nobody else reminds meanwhile."""
    now = clock.local(clock.now())
    midnight = now - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
    lines = Event.objects.about(referral).filter(verb=REMINDED, at__gte=midnight).order_by("-pk")
    most = int(figure("reminders_per_day_max"))
    told = list(lines[:most])
    if len(told) >= most:
        raise AlreadyHandled(f"{told[0].post_label}今天已经催办过，每件每天催办{most}次，明天再催。")


@transaction.atomic
def print_slip(*, referral_id: Any, by: Post) -> Referral:
    """Take a referral out on paper: who did is in its record, as the paper leaves the house (SECURITY: exports)."""
    referral: Referral = Referral.objects.readable_by(by).get_or_404(referral_id)
    note("referral.printed", referral, by)
    return referral


@transaction.atomic
def print_notice(*, referral_id: Any, number: str, by: Post) -> Referral:
    """Take the notice of its decision out on paper, under its number: the same line for the paper that bears the names in full."""
    referral: Referral = Referral.objects.readable_by(by).get_or_404(referral_id)
    note("referral.notice_printed", referral, by, new=number)
    return referral
