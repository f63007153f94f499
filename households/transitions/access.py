"""Letting units in, and out again (DESIGN 2, SECURITY #10). Inner: called under the gates of the verb that needs it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import models, transaction

from audit.transitions import record, record_many
from config import clock
from config.verbs import lock, save
from organization.figures import figure
from organization.kinds import TOWNSHIP
from organization.models import Post, Unit
from programs.models import Program

from ..models import Access, Household


@transaction.atomic
def let_in(*, household: Household, unit: Unit, reason: str, subject: models.Model, program: Program | None = None, by: Post) -> Access:
    """Open a household to a unit on account of a subject. Standing already: nothing; closed before: opened again."""
    access = _access_of(lock(household), unit, subject)
    if access is None:
        access = _new(household, unit, reason, subject, program, by)
        save(access)
    elif access.closed_at is None:
        return access
    else:
        access.closed_at, access.closed_by, access.until = None, None, None
        access.save(update_fields=["closed_at", "closed_by", "until"])
    _note("access.opened", access, by)
    return access


@transaction.atomic
def let_in_many(*, rows: Sequence[tuple[Any, Unit, models.Model, Program]], reason: str, by: Post) -> int:
    """The same for many subjects of one kind, each with the id of its household: for jobs. How many were opened or opened again."""
    if not rows:
        return 0
    label = rows[0][2]._meta.label_lower
    about = Access.objects.filter(subject_label=label, subject_id__in=[str(row[2].pk) for row in rows])
    known = {
        (each.household_id, each.unit_id, each.subject_id): each
        for each in about.select_related("program").select_for_update(of=("self",), no_key=True)
    }
    fresh, again = [], []
    for home, unit, subject, program in rows:
        access = known.get((home, unit.pk, str(subject.pk)))
        if access is None:
            fresh.append(_new(Household(pk=home), unit, reason, subject, program, by))
        elif access.closed_at is not None:
            again.append(access)
    Access.objects.bulk_create(fresh, batch_size=1_000)
    Access.objects.filter(pk__in=[access.pk for access in again]).update(closed_at=None, closed_by=None, until=None)
    units = {unit.pk: unit.short_name for _, unit, _, _ in rows}
    return record_many(
        "access.opened", ((each, "", units[each.unit_id]) for each in [*fresh, *again]), by=by, note=Access.Reason(reason).label
    )


@transaction.atomic
def open_for_a_while(*, household: Household, unit: Unit, reason: str, subject: models.Model, by: Post) -> Access:
    """Open it and set its end at once; once more: the end moves on. Inner."""
    access = _access_of(household, unit, subject) or _new(household, unit, reason, subject, None, by)
    access.closed_at, access.closed_by, access.until = clock.now(), by, _end()
    save(access)
    _note("access.opened", access, by)
    return access


@transaction.atomic
def close_access(*, subject: models.Model, by: Post, unit: Unit | None = None) -> int:
    """A subject has ended: whoever was let in for its sake (or one unit) may look for some days more. How many were closed."""
    rows = Access.objects.about(subject).filter(closed_at=None).order_by("pk").select_for_update(of=("self",), no_key=True)
    accesses = list((rows.filter(unit=unit) if unit else rows).select_related("program", "unit", "household"))
    for access in accesses:
        access.closed_at, access.closed_by, access.until = clock.now(), by, _end()
        access.save(update_fields=["closed_at", "closed_by", "until"])
        _note("access.closed", access, by)
    return len(accesses)


def _end() -> date:
    return clock.today() + timedelta(days=figure("access_after_close"))


def _access_of(household: Household, unit: Unit, subject: models.Model) -> Access | None:
    return Access.objects.about(subject).filter(household=household, unit=unit).first()


def _new(household: Household, unit: Unit, reason: str, subject: models.Model, program: Program | None, by: Post) -> Access:
    township_code = unit.region_id if unit.kind in TOWNSHIP else ""
    return Access(
        household=household, unit=unit, township_code=township_code, reason=reason, program=program,
        subject_label=subject._meta.label_lower, subject_id=str(subject.pk), opened_at=clock.now(), opened_by=by,
    )  # fmt: skip


def _note(verb: str, access: Access, by: Post) -> None:
    record(
        verb, access, by=by, new=access.unit.short_name, note=access.get_reason_display(), subject_text=str(access.household),
        household_id=access.household_id, data={"until": access.until.isoformat() if access.until else ""},
    )  # fmt: skip
