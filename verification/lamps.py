"""The lamp of a verification: the date to start by; once finished, whether it is still valid."""

from collections.abc import Sequence

from config import clock
from deadlines import counting
from deadlines.lamps import Lamp, lamp
from deadlines.models import Duty
from organization.models import Post

from .models import Verification


def lamps_of(verifications: Sequence[Verification], post: Post) -> dict[str, Lamp]:
    """By id of the verification; two queries for all of them. The date is explained to who sees the duty."""
    duties = {duty.subject_id: duty for duty in Duty.objects.open().filter(subject_label=Verification._meta.label_lower, subject_id__in=[
        str(row.pk) for row in verifications if row.status == Verification.Status.PENDING
    ])}  # fmt: skip
    calendar, now = (counting.calendar_for(*duties.values()) if duties else None), clock.now()
    found = {str(row.pk): _validity(row) for row in verifications if row.valid_until}
    for pk, duty in duties.items():
        if calendar:
            sees = duty.unit_id == post.unit_id or post.role in {"B", "BA"}
            lit = counting.lamp_of(duty, now, calendar)
            found[pk] = lit if sees else {**lit, "url": ""}
    return found


def _validity(verification: Verification) -> Lamp:
    is_valid = verification.valid_until is not None and verification.valid_until >= clock.today()
    return lamp("blue" if is_valid else "grey", f"有效至{verification.valid_until}" if is_valid else f"{verification.valid_until}已失效")
