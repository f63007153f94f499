"""What a decision does to aid that had been granted (DESIGN 5, C-19, C-20). Inner: called under the decision's gates and locks.

Months are whole: `since` is the first of one. The last paid day is the eve of the month from which it stops or pays otherwise.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from audit.transitions import record as note
from config import clock
from config.dates import add_months
from config.protection.masks import mask_name
from config.verbs import TransitionError, lock, save
from deadlines.rules import ONE_DAY
from organization.models import Post

from ..models import Access, AssistanceRecord, Coverage, IdentityTag, RecordChange, Resident, StandardLine
from ..rules import TAGS_OF_RECORD
from .access import close_access, let_in
from .assistance import grant_record
from .knowledge import end_tag
from .lookup import household_of

Kind = RecordChange.Kind


def standing_record(record: AssistanceRecord) -> AssistanceRecord:
    """The one that pays today where a decision, a new standard or a roll has put another in its place since: locked, for a change to be
    written."""
    row = lock(record)
    while (successor := _successor(row)) is not None:
        row = lock(successor)
    return row


def _successor(record: AssistanceRecord) -> AssistanceRecord | None:
    """What goes on in its place. A standard that reaches back cuts once more what a roll had ended: what goes on later is meant."""
    keys = [
        *RecordChange.objects.filter(record=record, successor__isnull=False).values_list("successor", flat=True),
        *StandardLine.objects.filter(record=record, successor__isnull=False).values_list("successor", flat=True),
        *AssistanceRecord.objects.filter(former=record).values_list("pk", flat=True),
    ]
    return AssistanceRecord.objects.filter(pk__in=keys).order_by("-since").first()


def refuse_change(record: AssistanceRecord, kind: str, since: date, *, asked_on: date) -> None:
    """What keeps a record from being changed that way from that month on, asked for on that day.

    Raises:
        TransitionError: it is over, was given once, has only begun, or is (not) held.
    """
    if kind == Kind.RECOVER:
        return
    word = Kind(kind).label
    if record.cadence == AssistanceRecord.Cadence.ONCE:
        raise TransitionError(f"一次性救助已经给予，不能{word}；多发的用“追回”。")
    if record.until is not None and record.until < since:
        raise TransitionError(f"这项救助到{record.until:%Y-%m-%d}为止，不能从{since:%Y年%m月}起{word}。")
    if since <= record.since:
        raise TransitionError(f"这项救助自{record.since:%Y-%m-%d}起，{word}最早从下个月起算；以前多发的用“追回”。")
    hold = RecordChange.objects.filter(record=record).holding().first()
    if kind == Kind.RESUME and hold is None:
        raise TransitionError("这项救助没有暂缓，不用恢复。")
    if kind == Kind.RESUME and not _reaches_the_living(record, since):
        raise TransitionError("享受这项救助的人已登记死亡，不能恢复，请办理停止。")
    if kind == Kind.RESUME and hold is not None:
        _refuse_resumption(hold, since, asked_on)
    if kind in {Kind.HOLD, Kind.ADJUST, Kind.FADE} and hold is not None:
        raise TransitionError(f"这项救助自{hold.since:%Y年%m月}起暂缓，请先恢复，再{word}。")


def _refuse_resumption(hold: RecordChange, since: date, asked_on: date) -> None:
    """Asked for before the hold begins, it may lift it from its first month on: nothing is held then, however late it is decided."""
    lies_ahead = asked_on < hold.since
    if since > hold.since or (since == hold.since and lies_ahead):
        return
    if lies_ahead:
        raise TransitionError(f"这项救助自{hold.since:%Y年%m月}起才暂缓，以前照常发放。请填从{hold.since:%Y年%m月}起恢复，暂缓即不再开始。")
    raise TransitionError(f"这项救助自{hold.since:%Y年%m月}起暂缓，恢复最早从下个月起算。")


def _reaches_the_living(record: AssistanceRecord, since: date) -> bool:
    if record.resident is not None:
        return not record.resident.is_dead
    rows = Coverage.objects.filter(record=record).filter(Q(until=None) | Q(until__gte=since))
    return not rows.exists() or rows.filter(resident__died_on=None).exists()


@transaction.atomic
def stop_record(*, record: AssistanceRecord, since: date, reason: str, decision_id: Any, by: Post) -> RecordChange:
    """No more from that month on, for anybody; the identities that go with it end the same day."""
    _end(record, since - ONE_DAY, by)
    _lift(record, since - ONE_DAY)
    return _write(record, Kind.STOP, since, reason, decision_id, by)


@transaction.atomic
def fade_record(
    *, record: AssistanceRecord, since: date, months: int, amount: Decimal | None, reason: str, decision_id: Any, by: Post
) -> RecordChange:
    """For some months still, with the amount as it is or a smaller one, then no more (渐退, C-20)."""
    last = add_months(since, months) - ONE_DAY
    successor = None
    if amount is not None and amount != record.amount:
        successor = _succeed(record, since, amount, record.in_kind, None, decision_id, by)
    _end(successor or record, last, by)
    return _write(record, Kind.FADE, since, reason, decision_id, by, until=last, amount=amount, successor=successor)


@transaction.atomic
def adjust_record(
    *,
    record: AssistanceRecord,
    since: date,
    amount: Decimal | None,
    in_kind: str = "",
    leaver: Resident | None = None,
    reason: str,
    decision_id: Any,
    by: Post,
) -> RecordChange:
    """Another amount from that month on, or one person fewer: the record ends on the eve and a new one follows it."""
    successor = _succeed(record, since, amount, in_kind or record.in_kind, leaver, decision_id, by)
    if leaver is not None:
        end_tags_of(record, [leaver.pk], since - ONE_DAY, by)
    return _write(record, Kind.ADJUST, since, reason, decision_id, by, amount=amount, successor=successor)


@transaction.atomic
def hold_record(*, record: AssistanceRecord, since: date, reason: str, decision_id: Any, by: Post) -> RecordChange:
    """Nothing is paid from that month on until it is resumed; the record stands."""
    return _write(record, Kind.HOLD, since, reason, decision_id, by)


@transaction.atomic
def resume_record(*, record: AssistanceRecord, since: date, reason: str, decision_id: Any, by: Post) -> RecordChange:
    """Paid again from that month on."""
    _lift(record, since - ONE_DAY)
    return _write(record, Kind.RESUME, since, reason, decision_id, by)


@transaction.atomic
def recover_record(
    *, record: AssistanceRecord, since: date, amount: Decimal, reason: str, decision_id: Any, by: Post, until: date | None = None
) -> RecordChange:
    """So much was paid too much and is to be paid back (C-60); the record itself stays as it is.

    `until`: where it is of known months and of no others, `since` is the first of them and this the last day of the last one.
    """
    return _write(record, Kind.RECOVER, since, reason, decision_id, by, amount=amount, until=until)


def end_tags_of(record: AssistanceRecord, residents: list[Any], on: date, by: Post) -> None:
    """The identities held on account of the record, of the household and these people."""
    kinds = TAGS_OF_RECORD.get(record.program_id, ())
    whose = Q(resident__in=residents) | (Q(household=record.household) if record.household_id and not residents else Q(pk=None))
    for tag in IdentityTag.objects.filter(whose, kind__in=kinds, ended_at=None).order_by("pk"):
        end_tag(tag_id=tag.pk, on=max(on, tag.since), reason="救助变动", by=by)


def _end(record: AssistanceRecord, last: date, by: Post) -> None:
    reached = list(Coverage.objects.filter(record=record).values_list("resident_id", flat=True))
    _close(record, last)
    if record.household_id:
        end_tags_of(record, [], last, by)
    end_tags_of(record, [pk for pk in [*reached, record.resident_id] if pk], last, by)
    close_access(subject=record, by=by)


def _lift(record: AssistanceRecord, last: date) -> None:
    """The last day of its hold. One that has not begun ends on the day on which it was to begin: it covers no month (`holds`)."""
    RecordChange.objects.filter(record=record).holding().update(until=Greatest(F("since"), Value(last)))


def _close(record: AssistanceRecord, last: date) -> None:
    """The record's last day, and that of everybody whom it reaches until then."""
    record.until = last
    save(record, "until")
    later = Coverage.objects.filter(record=record).filter(Q(until=None) | Q(until__gt=last))
    later.filter(since__gt=last).update(until=F("since"))
    later.filter(since__lte=last).update(until=last)


def _succeed(
    record: AssistanceRecord, since: date, amount: Decimal | None, in_kind: str, leaver: Resident | None, decision_id: Any, by: Post
) -> AssistanceRecord:
    """The same aid as another record from `since` on."""
    until, eve = record.until, since - ONE_DAY
    reached = Coverage.objects.filter(record=record).filter(Q(until=None) | Q(until__gte=since)).select_related("resident")
    people = [row.resident for row in reached.order_by("pk") if leaver is None or row.resident_id != leaver.pk]
    _close(record, eve)
    home = record.household or household_of(record.resident)
    successor = grant_record(
        program=record.program, version=record.version, household=record.household, resident=record.resident, covered=people,
        region_code=home.region_id if home else record.region_code, amount=amount, in_kind=in_kind, cadence=record.cadence, since=since,
        until=until, unit=record.unit, decision_id=decision_id, by=by,
    )  # fmt: skip
    for access in Access.objects.about(record).standing().select_related("household", "unit", "program").order_by("pk"):
        let_in(
            household=access.household, unit=access.unit, reason=access.reason, subject=successor, program=access.program, by=by
        )  # who sees the family for the aid's sake goes on doing so
    close_access(subject=record, by=by)
    return successor


def _write(
    record: AssistanceRecord, kind: str, since: date, reason: str, decision_id: Any, by: Post, *, until: date | None = None,
    amount: Decimal | None = None, successor: AssistanceRecord | None = None,
) -> RecordChange:  # fmt: skip
    row = RecordChange(
        record=record, kind=kind, since=since, until=until, amount=amount, former_amount=record.amount, reason=reason, successor=successor,
        decision_id=decision_id, made_at=clock.now(), made_by=by,
    )  # fmt: skip
    save(row)
    name = "敏感项目" if record.program.is_sensitive else str(record.program)
    home = record.household or household_of(record.resident)
    whose = mask_name(record.resident.name) if record.resident else str(record.household)
    note(
        "assistance_record.changed", record, by=by, old=f"{record.amount}元" if record.amount else record.in_kind, new=_told(row),
        note=reason, household_id=home.pk if home else None, subject_text=f"{name}：{whose}",
        data={"name": name, "kind": row.get_kind_display(), "decision": str(decision_id)},
    )  # fmt: skip
    return row


def _told(row: RecordChange) -> str:
    much = f"，{row.amount}元" if row.amount is not None else ""
    return f"自{row.since:%Y年%m月}起{row.get_kind_display()}{much}"
