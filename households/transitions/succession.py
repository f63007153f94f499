"""A unit has ended and another works on for it (RULES F7): what it sees, gives and vouches for, and the families of a village.

Inner: the job of the upper room calls these, pile by pile, each in a transaction of its own. Done again each finds nothing.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction

from audit.transitions import record, record_many, together
from config import clock
from config.verbs import lock, save
from organization.kinds import TOWNSHIP
from organization.models import Post, Region, Unit

from ..models import Access, AssistanceRecord, FactRequest, Household, IdentityTag, Resident

PILE = 500


@transaction.atomic
def succeed_to_access(*, unit: Unit, heir: Unit, by: Post) -> int:
    """What the unit may still see its successor sees on the same account, as long; where it sees it already, the old look ends today."""
    today = clock.today()
    rows = Access.objects.filter(unit=unit).open(today).order_by("pk").select_for_update(of=("self",), no_key=True)
    pile = list(rows.select_related("household")[:PILE])
    for access in pile:
        known = Access.objects.filter(
            household=access.household_id, unit=heir, subject_label=access.subject_label, subject_id=access.subject_id
        ).first()
        if known is None:
            access.unit, access.township_code = heir, heir.region_id if heir.kind in TOWNSHIP else ""
            save(access, "unit", "township_code")
        else:
            _stop_looking(access, lock(known), by)
        record(
            "access.succeeded", access, by=by, old=unit.short_name, new=heir.short_name, note=access.get_reason_display(),
            subject_text=str(access.household), household_id=access.household_id,
        )  # fmt: skip
    return len(pile)


def _stop_looking(access: Access, known: Access, by: Post) -> None:
    """The heir looks as long as either of the two would have."""
    if known.closed_at is not None and (access.until is None or (known.until and access.until > known.until)):
        known.closed_at, known.closed_by, known.until = access.closed_at, access.closed_by, access.until
        save(known, "closed_at", "closed_by", "until")
    access.closed_at, access.closed_by, access.until = clock.now(), by, clock.today() - timedelta(days=1)
    save(access, "closed_at", "closed_by", "until")


@transaction.atomic
def succeed_to_records(*, unit: Unit, heir: Unit, by: Post) -> int:
    """Aid that goes on and identities that stand: from now on the successor gives and vouches. What is over stays as it was."""
    today = clock.today()
    moved = 0
    for rows, verb in (
        (AssistanceRecord.objects.in_force(today), "assistance_record.succeeded"),
        (IdentityTag.objects.standing(today), "identity.succeeded"),
    ):
        moved += _rename(rows.filter(unit=unit), heir, verb, unit.short_name, by)
    return moved


def _rename(rows: Any, heir: Unit, verb: str, old: str, by: Post) -> int:
    pile = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True)[:PILE])
    if pile:
        type(pile[0])._base_manager.filter(pk__in=[row.pk for row in pile]).update(unit=heir)
    return record_many(verb, ((row, old, heir.short_name) for row in pile), by=by)


@transaction.atomic
def succeed_to_fact_requests(*, unit: Unit, heir: Unit, by: Post) -> int:
    """What the unit was asked for and has not answered its successor answers."""
    return _rename(FactRequest.objects.open().filter(unit=unit), heir, "fact_request.succeeded", unit.short_name, by)


@transaction.atomic
def resettle(*, village: Region, into: Region, by: Post) -> int:
    """Two villages have become one: the families of the one that ended live in the other, with everybody registered there."""
    now = clock.now()
    rows = Household.objects.filter(region=village).order_by("pk").select_for_update(of=("self",), no_key=True)
    pile = list(rows[:PILE])
    with together():
        for household in pile:
            household.region, household.revised_at, household.revised_by = into, now, by
            save(household, "region", "revised_at", "revised_by")
            said: dict[str, Any] = {"old": village.full_name, "new": into.full_name, "note": "村（社区）合并"}
            record("household.moved", household, by=by, household_id=household.pk, **said)
    if len(pile) < PILE:
        Resident.objects.filter(region=village).update(region=into)
    return len(pile)
