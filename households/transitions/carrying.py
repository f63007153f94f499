"""What is known of one household or person goes over to another row: each row once, each with its event. Inner, under the locks of both."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, InternalError, models, transaction
from django.db.models import Q

from audit.transitions import record
from config import clock
from config.verbs import TransitionError
from deadlines.rules import ONE_DAY
from organization.models import Post

from ..models import (
    Access,
    AssistanceRecord,
    Authorisation,
    Coverage,
    Fact,
    FactRequest,
    Household,
    IdentityTag,
    KinDeclaration,
    Relative,
    Resident,
)
from .settling import finish


def carry(rows: Iterable[models.Model], column: str, to: models.Model, verb: str, by: Post, *, household_id: Any = None) -> list[Any]:
    """Point each row at `to`, with its event. What a constraint of the house refuses beside the other's rows stays where it was, and is
    returned: it is no longer in force, or says what the other row says too."""
    left = []
    for row in rows:
        old = getattr(row, f"{column}_id")
        try:
            with transaction.atomic():
                setattr(row, column, to)
                row.save(update_fields=[column])
        except (IntegrityError, InternalError):  # a constraint, or a row that a trigger keeps as it was written
            setattr(row, f"{column}_id", old)
            left.append(row)
            continue
        record(
            verb, row, by=by, old=str(old), new=str(to.pk), subject_text=str(row._meta.verbose_name), household_id=household_id,
            application_id=row.pk if row._meta.label_lower == "intake.application" else getattr(row, "application_id", None),
            data={"column": column},
        )  # fmt: skip
    return left


def carry_knowledge(gone: Household | Resident, stays: Household | Resident, by: Post) -> None:
    """Tags, facts, records of a household or a person. Of two that say the same, the newer fact stands and the other is superseded; a tag
    that both bear is ended on the row that goes.

    Raises:
        TransitionError: aid that is not over clashes with the other's.
    """
    column = "household" if isinstance(gone, Household) else "resident"
    home = stays.pk if isinstance(stays, Household) else None
    _one_fact_each(gone, stays, column, by)
    carry(Fact._base_manager.filter(**{column: gone}).order_by("pk"), column, stays, "fact.carried", by, household_id=home)
    records = AssistanceRecord._base_manager.filter(**{column: gone}).select_related("program").order_by("pk")
    _refuse_left(carry(records, column, stays, "assistance_record.carried", by, household_id=home))
    requests = FactRequest.objects.filter(**{column: gone}).order_by("pk")
    for twice in carry(requests, column, stays, "fact_request.carried", by, household_id=home):
        finish(twice, FactRequest.Status.WITHDRAWN, by, note="档案已合并，保留的档案中同一事项正在核实")
    left = carry(IdentityTag.objects.filter(**{column: gone}).order_by("pk"), column, stays, "tag.carried", by, household_id=home)
    for tag in left:
        if tag.until is None:
            tag.until, tag.ended_at, tag.ended_by = max(clock.today(), tag.since), clock.now(), by
            tag.save(update_fields=["until", "ended_at", "ended_by"])
            record("tag.ended", tag, by=by, new=tag.until.isoformat(), note="合并到保留的档案", household_id=home, data={"kind": "身份"})


def _refuse_left(left: list[AssistanceRecord]) -> None:
    """What is over may stay behind (ADR 0020); what is not would be paid there beside the other's. The proposal asks this already."""
    for row in left:
        if row.until is None or row.until >= clock.today():
            name = "一项敏感救助" if row.program.is_sensitive else f"“{row.program}”"
            raise TransitionError(f"合并的一方的{name}（自{row.since}起）与保留的一方的日期重叠，不能并入。请先停止其中一方的这项救助。")


def _one_fact_each(gone: Any, stays: Any, column: str, by: Post) -> None:
    """Before the facts go over: one stands of each kind and way of finding."""
    theirs = {(row.kind_id, row.how): row for row in Fact.objects.standing().filter(**{column: stays}).order_by("pk")}
    for row in Fact.objects.standing().filter(**{column: gone}).order_by("pk"):
        other = theirs.get((row.kind_id, row.how))
        if other is None:
            continue
        older, newer = (row, other) if (row.said_on, row.found_at) <= (other.said_on, other.found_at) else (other, row)
        older.superseded_at, older.superseded_by, older.successor_id = clock.now(), by, newer.pk
        older.save(update_fields=["superseded_at", "superseded_by", "successor"])


def carry_of_household(gone: Household, stays: Household, by: Post) -> None:
    """What stands with the household itself: knowledge, authorisations, the declaration of kin, who was let in."""
    carry_knowledge(gone, stays, by)
    rows = Authorisation.objects.filter(household=gone).order_by("pk")
    carry(rows, "household", stays, "authorisation.carried", by, household_id=stays.pk)
    _carry_declarations(gone, stays, by)
    carry(Access.objects.filter(household=gone).order_by("pk"), "household", stays, "access.carried", by, household_id=stays.pk)


def _carry_declarations(gone: Household, stays: Household, by: Post) -> None:
    """One stands: where both have declared, the one that names somebody, else the later."""
    mine, theirs = (KinDeclaration.objects.standing().filter(household=home).first() for home in (gone, stays))
    if mine and theirs:
        older = min((mine, theirs), key=lambda row: (row.has_kin, row.declared_at))
        older.replaced_at, older.replaced_by = clock.now(), by
        older.save(update_fields=["replaced_at", "replaced_by"])
    rows = KinDeclaration.objects.filter(household=gone).order_by("pk")
    carry(rows, "household", stays, "kin.carried", by, household_id=stays.pk)


def carry_of_resident(gone: Resident, stays: Resident, by: Post) -> None:
    """What stands with the person: knowledge, coverage by others' records, authorisations, kin, relatives.

    Whose coverage goes over, its record is locked for (`config.overlaps`): all of them beforehand, in the order in which a roll locks them.
    """
    reached = Q(resident=gone) | Q(pk__in=Coverage.objects.filter(resident=gone).order_by().values("record"))
    list(AssistanceRecord.objects.filter(reached).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    carry_knowledge(gone, stays, by)
    _end_double(carry(Coverage.objects.filter(resident=gone).order_by("pk"), "resident", stays, "coverage.carried", by), stays, by)
    carry(Authorisation.objects.filter(resident=gone).order_by("pk"), "resident", stays, "authorisation.carried", by)
    carry(KinDeclaration.objects.filter(resident=gone).order_by("pk"), "resident", stays, "kin.carried", by)
    for column in ("resident", "relative"):
        carry(Relative.objects.filter(**{column: gone}).order_by("pk"), column, stays, "relative.carried", by)


def _end_double(left: list[Coverage], stays: Resident, by: Post) -> None:
    """A record that reaches both rows reaches one person, as long as either: the double must not outlive the person in it (C-19)."""
    today = clock.today()
    for row in left:
        if row.until is not None and row.until < today:
            continue
        own = Coverage.objects.filter(record=row.record_id, resident=stays).order_by("-since").first()
        if own is not None and own.until is not None and (row.until is None or row.until > own.until):
            own.until = row.until
            own.save(update_fields=["until"])
        row.until = max(row.since, today - ONE_DAY)
        row.save(update_fields=["until"])
        record("coverage.ended", row, by=by, new=row.until.isoformat(), subject_text=str(row._meta.verbose_name))
