"""延期申请 as the county platform lists them: what is asked, by whom, and how long the promise still runs. Words and units, no person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deadlines import counting, lamps
from deadlines.models import Duty
from deadlines.rules import Limit, Rule, date_of

from .models import ExtensionRequest, Referral
from .names import UNNAMED

RELATED = ("referral__program", "referral__track", "referral__unit", "requested_by__unit", "requested_by__staff", "answered_by__unit",
           "answered_by__staff", "stay__stage")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One request. `promise`: the date that it would move, with its lamp; None once nothing runs any more. `reason`: as it was asked; of
    a sensitive program it is read where it is answered."""

    request: ExtensionRequest
    program: str
    reason: str
    now: str
    asked: str
    promise: lamps.Lamp | None
    due: str


def lines(requests: Sequence[ExtensionRequest], now: datetime) -> list[Line]:
    """The promises in one statement for all of them."""
    if not requests:
        return []
    label, ids = Referral._meta.label_lower, [str(row.referral_id) for row in requests]
    rows = (
        Duty.objects.filter(subject_label=label, subject_id__in=ids, is_promise=True).prefetch_related("extensions").order_by("opened_at")
    )
    promises = {duty.subject_id: duty for duty in rows}
    calendar = counting.calendar_since(date_of(now))
    found = []
    for request in requests:
        referral, duty = request.referral, promises.get(str(request.referral_id))
        lamp = counting.lamp_of(duty, now, calendar) if duty else None
        named = (UNNAMED, f"{UNNAMED}，理由在答复页上") if referral.program.is_sensitive else (str(referral.program), request.reason)
        found.append(
            Line(
                request, *named, str(counting.limit_of(duty)) if duty else "",
                str(Limit(Rule(referral.track.limit_unit), request.limit)), lamp, counting.due_text(duty) if duty else "",
            )
        )  # fmt: skip
    return found
