"""Aid that a decision gives, written where everybody reads it (DESIGN 3, ZX-25)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import ConstraintBroken, TransitionError, save
from organization.models import Post, Unit
from programs.models import Program, ProgramVersion

from ..models import AssistanceRecord, Coverage, Household, Resident
from .lookup import household_of

Source = AssistanceRecord.Source


@transaction.atomic
def grant_record(
    *,
    program: Program,
    version: ProgramVersion | None,
    household: Household | None = None,
    resident: Resident | None = None,
    covered: Iterable[Resident],
    region_code: str,
    amount: Decimal | None = None,
    in_kind: str = "",
    cadence: str,
    since: date,
    until: date | None = None,
    unit: Unit,
    decision_id: Any,
    by: Post,
) -> AssistanceRecord:
    """Write a benefit with the people it reaches. Inner: called under the decision's gates and locks; without one it stands on a roll.

    Raises:
        TransitionError: regular aid of the program in this period is recorded already.
        ValidationError: neither amount nor what was given, or days the wrong way round.
    """
    row = AssistanceRecord(
        program=program, version=version, household=household, resident=resident, region_code=region_code, amount=amount, in_kind=in_kind,
        cadence=cadence, since=since, until=until, source=Source.DECISION if decision_id else Source.ROLL, decision_id=decision_id,
        unit=unit, granted_at=clock.now(), granted_by=by,
    )  # fmt: skip
    try:
        save(row)
    except ConstraintBroken as clash:
        if clash.name.endswith("_never_overlap"):
            raise TransitionError(f"“{program}”：{clash.message}请核对家庭档案中正在享受的救助后再办理。") from clash
        raise
    people = list(covered) or ([resident] if resident else [])
    Coverage.objects.bulk_create([Coverage(record=row, resident=person, since=since, until=until) for person in people])
    home = household or household_of(resident)
    name = "敏感项目" if program.is_sensitive else str(program)  # who may not see the record may read the line
    record(
        "assistance_record.granted", row, by=by, new=_given(row), household_id=home.pk if home else None,
        subject_text=f"{name}：{mask_name(resident.name) if resident else home}",
        data={"name": name, "covered": len(people), "decision": str(decision_id or "")},
    )  # fmt: skip
    return row


def _given(row: AssistanceRecord) -> str:
    much = f"{row.amount}元" if row.amount else row.in_kind
    return f"{much}，{row.get_cadence_display()}，自{row.since}"
