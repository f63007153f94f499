"""Many duties of one kind and limit opened at once: for jobs. The caller writes one line for all of them."""

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction

from config import clock
from organization.models import Post

from .. import counting
from ..calendar_lock import hold_calendar
from ..models import Duty
from ..rules import Limit


@transaction.atomic
def open_duties(
    *, subjects: Sequence[tuple[models.Model, dict[str, Any]]], kind: str, kind_name: str, limit: Limit, basis: str = "", by: Post
) -> int:
    """Start the same clock for each subject, with the columns of its own (unit, title, url, region_code, topic_code); titles masked.

    The dates are counted once. A subject that has an open duty of this kind is passed over. How many were opened.
    """
    if not subjects:
        return 0
    hold_calendar()
    now = clock.now()
    rows = [
        Duty(
            kind=kind, kind_name=kind_name, basis=basis, subject_label=subject._meta.label_lower, subject_id=str(subject.pk),
            rule=limit.rule, limit=limit.amount, until=limit.until, shifts=limit.shifts, opened_at=now, opened_by=by, starts_at=now, **own,
        )
        for subject, own in subjects
    ]  # fmt: skip
    first = rows[0]
    counting.apply(first, counting.calendar_for(first))
    for row in rows:
        for name in counting.DATES:
            setattr(row, name, getattr(first, name))
    known = Duty.objects.open().filter(subject_label=first.subject_label, kind=kind, subject_id__in=[row.subject_id for row in rows])
    before = known.count()
    Duty.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    return len(rows) - before
