"""Many duties at once: for jobs. The caller writes one line for all of them, or one for each of its subjects."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models, transaction

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


@transaction.atomic
def close_duties(*, subjects: Sequence[models.Model], kind: str, outcome: str, by: Post) -> list[Any]:
    """The clocks of this kind that run for these subjects, of one model, stop for good. The caller holds the subjects. Keys of the duties.

    What stands still has no day to be closed with: that is for `close_duty`.
    """
    if not subjects:
        return []
    keys = [str(subject.pk) for subject in subjects]
    rows = Duty.objects.open().filter(subject_label=subjects[0]._meta.label_lower, kind=kind, subject_id__in=keys, due_at__isnull=False)
    found = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    Duty.objects.filter(pk__in=found).update(closed_at=clock.now(), closed_by=by, outcome=outcome)
    return found


def follow_subject(*, label: str, source: str, params: Sequence[Any] = ()) -> int:
    """The open duties of subjects that go on under another key go with them, on the same days. Inner, in the transaction of that change.

    `source` gives the old and the new key as text, `params` its values; it is never made of what people typed. How many followed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE deadlines_duty d SET subject_id = s.new, url = replace(d.url, s.old, s.new)
            FROM ({source}) AS s (old, new)
            WHERE d.subject_label = %s AND d.subject_id = s.old AND d.closed_at IS NULL
            """,  # noqa: S608 - from the house
            [*params, label],
        )
        return int(cursor.rowcount)
