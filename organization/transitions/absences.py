"""外出 and 回岗: noted by the person, an approver of the unit, or the system administrator."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.transitions import record
from config import clock
from config.dates import add_months
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save

from ..figures import figure
from ..models import Absence, Post, Staff
from ..permissions import can_note_absence


@transaction.atomic
def note_absence(*, staff_id: int, first_on: date, last_on: date, by: Post) -> Absence:
    """Away on these days, both counted; at most `absence_days_max` at a time: whoever is longer away hands the post over.

    Raises:
        TransitionError: over already, or too long.
        ValidationError: the wrong way round, further off than `planned_ahead_max`, or somebody has noted these days.
    """
    staff = lock(Staff.objects.visible_to(by).get_or_404(staff_id))
    recheck(staff, can_note_absence, by)
    if last_on < first_on:
        raise ValidationError({"last_on": "外出的末日不能早于首日。"})
    if last_on < clock.today():
        raise TransitionError("外出的末日已过，不用登记。")
    latest = add_months(clock.today(), int(figure("planned_ahead_max")))
    if first_on > latest:
        raise ValidationError({"first_on": f"首日不能晚于{latest:%Y-%m-%d}，请看年份写对没有。"})
    most = int(figure("absence_days_max"))
    if (last_on - first_on).days >= most:
        raise TransitionError(f"一次外出最多登记{most}天。更久的请办理岗位交接。")
    absence = Absence(staff=staff, first_on=first_on, last_on=last_on, noted_at=clock.now(), noted_by=by)
    save(absence)
    record("absence.noted", absence, by=by, new=f"{staff.name} {absence}")
    return absence


@transaction.atomic
def end_absence(*, absence_id: int, by: Post) -> Absence:
    """Back before the last day, or not going after all."""
    absence: Absence = lock(Absence.objects.visible_to(by).get_or_404(absence_id))
    recheck(absence, lambda post, row: can_note_absence(post, row.staff), by)
    if absence.ended_at or absence.last_on < clock.today():
        raise AlreadyHandled("这次外出已经结束，不用再登记回岗。")
    absence.ended_at, absence.ended_by = clock.now(), by
    save(absence, "ended_at", "ended_by")
    record("absence.ended", absence, by=by, old=str(absence), new=absence.staff.name)
    return absence
