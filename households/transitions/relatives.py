"""Guardians and obligors outside the household (特困: 义务人, 儿童: 监护人)."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import AlreadyHandled, TransitionError, lock, recheck, save
from organization.models import Post

from ..models import Relative, Resident
from ..permissions import can_revise_resident
from .lookup import household_of
from .members import known_person
from .residents import Person, enter


@sensitive_variables()
@transaction.atomic
def note_relative(
    *, resident_id: Any, role: str, relation: str, since: date, relative_id: Any = None, person: Person | None = None, by: Post
) -> Relative:
    """Write down who answers for somebody: a person known by id, by number, or entered now as living at the resident's place.

    Raises:
        TransitionError: of the same household, dead, noted already, or the number is another name's.
        ValidationError: what is wrong, by field.
    """
    resident: Resident = Resident.objects.visible_to(by).get_or_404(resident_id)
    household = household_of(resident)
    resident = lock(resident)
    recheck(resident, can_revise_resident, by)
    if since > clock.today():
        raise ValidationError({"since": "起始日期不能晚于今天。"})
    other = _other(relative_id, person, resident, by)
    if other.pk != resident.pk and household is not None and household.memberships.open().filter(resident=other).exists():
        raise TransitionError(f"{other.name}是本户成员，不用登记为户外关系人。")
    if other.is_dead:
        raise TransitionError(f"{other.name}已登记死亡（{other.died_on}），不能登记为关系人。请核对证件号码。")
    row = Relative(resident=resident, relative=other, role=role, relation=relation, since=since, noted_at=clock.now(), noted_by=by)
    save(row)
    record(
        "relative.noted", row, by=by, new=row.get_role_display(), subject_text=mask_name(other.name),
        household_id=household.pk if household else None,
    )  # fmt: skip
    return row


@sensitive_variables()
def _other(relative_id: Any, person: Person | None, resident: Resident, by: Post) -> Resident:
    if relative_id:
        return Resident.objects.visible_to(by).get_or_404(relative_id)
    if person is None:
        raise TransitionError("请填写关系人的姓名和证件号码。")
    return known_person(person, by) or enter(person, region=resident.region, by=by)


@transaction.atomic
def end_relative(*, relative_id: int, on: date, by: Post) -> Relative:
    """The relation has ended: of age, another guardian, dead.

    Raises:
        AlreadyHandled: ended already.
    """
    fetched: Relative = Relative.objects.visible_to(by).get_or_404(relative_id)
    resident, row = lock(fetched.resident), lock(fetched)
    if row.until is not None:
        raise AlreadyHandled(f"这位关系人已登记到{row.until}为止。")
    recheck(resident, can_revise_resident, by)
    if not row.since <= on <= clock.today():
        raise ValidationError({"on": f"终止日期应在{row.since}至今天之间。"})
    row.until = on
    row.save(update_fields=["until"])
    household = household_of(resident)
    record(
        "relative.ended", row, by=by, new=on.isoformat(), subject_text=mask_name(row.relative.name),
        household_id=household.pk if household else None,
    )  # fmt: skip
    return row
