"""What the sender of a request hears of the items that came of it (TZ-25): where each is, since when; no decision, no amount."""

from collections.abc import Mapping, Sequence
from typing import Any

from deadlines.rules import date_of
from intake.models import Application
from intake.onward import Matter
from organization.models import Post

from .models import Referral
from .progress import lengths, since_when, where


def matters(post: Post, applications: Sequence[Application]) -> Mapping[Any, list[Matter]]:
    """The sender's right is to its own request, whose gate the caller has passed; the referrals themselves stay closed to it.

    A sensitive program is left out, as if it were not there. A department hears its own programs by name, the others as a number alone
    (DESIGN 2: other programs are not named to it).
    """
    rows = Referral.objects.filter(application__in=applications, program__is_sensitive=False).select_related("program", "stage")
    referrals = list(rows.order_by("dispatched_at", "number"))
    walked = lengths(referrals)
    found: dict[Any, list[Matter]] = {}
    for referral in referrals:
        told = found.setdefault(referral.application_id, [])
        told.append(Matter(_label(post, referral, len(told) + 1), where(referral, *walked[referral.pk]), date_of(since_when(referral))))
    return found


def _label(post: Post, referral: Referral, place: int) -> str:
    if post.unit.kind == "department" and referral.program.department_id != post.unit.department_id:
        return f"第{place}项"
    return referral.program.seed_name
