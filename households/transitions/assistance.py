"""Aid that a decision gives, written where everybody reads it (DESIGN 3, ZX-25)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from audit.transitions import record
from config import clock
from config.protection.masks import mask_name
from config.verbs import TransitionError
from organization.models import Post, Unit
from programs.models import Program, ProgramVersion

from ..models import AssistanceRecord, Coverage, Household, Resident
from .lookup import household_of


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
    """Write an approved benefit with the people it reaches. Inner: called under the decision's gates and locks.

    Raises:
        TransitionError: regular aid of the program in this period is recorded already.
        ValidationError: neither amount nor what was given, or days the wrong way round.
    """
    row = AssistanceRecord(
        program=program, version=version, household=household, resident=resident, region_code=region_code, amount=amount, in_kind=in_kind,
        cadence=cadence, since=since, until=until, source=AssistanceRecord.Source.DECISION, decision_id=decision_id, unit=unit,
        granted_at=clock.now(), granted_by=by,
    )  # fmt: skip
    _clean(row)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as clash:
        if "_never_overlap" in str(clash):
            raise TransitionError(f"“{program}”在这段时间已有定期救助记录，刚刚由他人登记。") from clash
        raise
    people = list(covered) or ([resident] if resident else [])
    Coverage.objects.bulk_create([Coverage(record=row, resident=person, since=since, until=until) for person in people])
    home = household or household_of(resident)
    record(
        "assistance_record.granted", row, by=by, new=_given(row), household_id=home.pk if home else None,
        subject_text=f"{program}：{mask_name(resident.name) if resident else home}",
        data={"program": program.pk, "name": str(program), "covered": len(people), "decision": str(decision_id)},
    )  # fmt: skip
    return row


def _clean(row: AssistanceRecord) -> None:
    """All constraints; the one that two decisions can meet at is told as such."""
    try:
        row.full_clean(exclude=["version", "unit", "granted_by"])
    except ValidationError as wrong:
        overlap = [sentence for sentence in wrong.messages if "这段时间已有记录" in sentence]
        if overlap:
            raise TransitionError(f"“{row.program}”：{overlap[0]}") from wrong
        raise


def _given(row: AssistanceRecord) -> str:
    much = f"{row.amount}元" if row.amount else row.in_kind
    return f"{much}，{row.get_cadence_display()}，自{row.since}"
