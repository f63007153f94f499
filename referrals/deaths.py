"""What regular aid still reaches somebody who died, what was paid after the death that no stop takes back any more, and what keeps
either from being begun at once (C-19, XX-34). Reads alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from config import clock
from config.dates import add_months
from households.models import AssistanceRecord, Coverage, RecordChange, Resident
from households.payments.entitlement import due_of
from households.transitions.lookup import last_household_of

from .models import Change, ChangeReport, Referral


@dataclass(frozen=True, slots=True)
class Left:
    """One record that still reaches the dead. `is_alone`: nobody alive has it besides, so that it is stopped; else it is adjusted.

    With `overpaid` it is the sum that was due after the death in months before the first that a stop can reach, from `month` on: this is
    recovered, and what is left of the record is another row."""

    record: AssistanceRecord
    person: Resident
    month: date
    is_alone: bool
    running: Referral | None
    obstacle: str
    overpaid: Decimal | None = None

    @property
    def can_begin(self) -> bool:
        return self.running is None and not self.obstacle

    @property
    def kind(self) -> RecordChange.Kind:
        if self.overpaid is not None:
            return RecordChange.Kind.RECOVER
        return RecordChange.Kind.STOP if self.is_alone else RecordChange.Kind.ADJUST

    @property
    def verb(self) -> str:
        return str(self.kind.label)

    @property
    def deed(self) -> str:
        if self.overpaid is not None:
            return f"{self.verb}（{months_text(self.month, self.record.since)}多发{self.overpaid}元）"
        return self.verb if self.is_alone else f"{self.verb}（不再包括此人）"

    @property
    def name(self) -> str:
        """For whoever reads the duty: a sensitive program is not named."""
        return "敏感项目" if self.record.program.is_sensitive else str(self.record.program)

    @property
    def state(self) -> str:
        if self.running is not None:
            return f"已提出{self.running.deed}（转办单{self.running.number}），正在办理"
        return self.obstacle or f"还没有提出{self.deed}"


def months_text(first: date, last: date) -> str:
    """2026年8月至9月."""
    begin = f"{first.year}年{first.month}月"
    if (first.year, first.month) == (last.year, last.month):
        return begin
    return f"{begin}至{last.month}月" if first.year == last.year else f"{begin}至{last.year}年{last.month}月"


def left_of(person: Resident) -> list[Left]:
    """Every regular record that goes on behind the first month due, and what was paid in months that no stop reaches, with how each
    stands. A handful of statements, whatever the number; one more for each sum."""
    if person.died_on is None:
        return []
    today, after = clock.today(), add_months(person.died_on.replace(day=1), 1)
    reached = Coverage.objects.filter(resident=person).regular_from(min(after, today)).values_list("record_id", flat=True)
    own = AssistanceRecord.objects.filter(resident=person).values_list("pk", flat=True)
    rows = AssistanceRecord.objects.filter(pk__in={*reached, *own}).regular().select_related("program", "household", "resident", "version")
    records = [(row, max(after, add_months(row.since.replace(day=1), 1))) for row in rows.order_by("pk")]
    going_on = [(row, month) for row, month in records if row.until is None or row.until >= max(month, today)]
    found = _judged(going_on, person, today) if going_on else []
    later = [row for row, month in records if month > after]
    return [*found, *_overpaid(later, [row for row, _ in records], found, person)] if later else found


def _judged(rows: list[tuple[AssistanceRecord, date]], person: Resident, today: date) -> list[Left]:
    keys = [row.pk for row, _ in rows]
    covered = list(Coverage.objects.filter(record__in=keys).select_related("resident"))
    running = list(Referral.objects.filter(record__in=keys).open().select_related("change").order_by("dispatched_at"))
    held = set(RecordChange.objects.filter(record__in=keys).holding().values_list("record_id", flat=True))
    found = []
    for row, month in rows:
        reach = [each.resident for each in covered if each.record_id == row.pk and _lasts(each.until, max(month, today))]
        if row.resident_id != person.pk and person not in reach:
            continue
        is_alone = row.resident_id == person.pk or not any(other.died_on is None for other in reach if other.pk != person.pk)
        others = [each for each in running if each.record_id == row.pk]
        own = next((each for each in others if _ends_for(each, person)), None)
        obstacle = "" if own else _obstacle(others, is_alone=is_alone, is_held=row.pk in held)
        found.append(Left(row, person, month, is_alone, own, obstacle))
    return found


def _overpaid(later: list[AssistanceRecord], rows: list[AssistanceRecord], found: list[Left], person: Resident) -> Iterator[Left]:
    """Of records that began after the death, by an adjustment, a standard or a roll: their first month and those before it cannot be
    stopped any more. Where nobody alive is left it is all that was due, from when such a record ends; where others are, what was due
    beyond the sum without the dead, once that is decided. What a decision has recovered, or said not to recover, is over."""
    ended = {left.record.pk: Decimal(0) for left in found if left.is_alone} | _kept_after(later, person)
    asked = _asked_back(rows)
    covered = list(Coverage.objects.filter(record__in=[row.pk for row in rows]).select_related("resident"))
    for row in later:
        if row.pk not in ended:
            continue
        chain = [each.pk for each in rows if _holder(each) == _holder(row)]
        last = row.since.replace(day=1)
        is_alone = ended[row.pk] == 0
        first = _alone_from([each for each in covered if each.record_id in chain], row, person) if is_alone else _after(person)
        mine = asked[_holder(row)]
        first = max([date.max if first is None else first, *(_next(each.record.since) for each in mine if each.decided_at and each.record)])
        if first > last:
            continue
        overpaid = sum((max(much - ended[row.pk], Decimal(0)) for much in due_of(row, first, last).values()), Decimal(0))
        if overpaid:
            own = next((each for each in mine if each.status in Referral.UNDECIDED), None)
            yield Left(row, person, first, is_alone, own, "" if own else _other_change(row), overpaid)


def _holder(row: AssistanceRecord) -> tuple[Any, ...]:
    return row.program_id, row.household_id, row.resident_id


def _next(day: date) -> date:
    return add_months(day.replace(day=1), 1)


def _after(person: Resident) -> date:
    return _next(person.died_on) if person.died_on else date.max


def _alone_from(covered: list[Coverage], row: AssistanceRecord, person: Resident) -> date | None:
    """The first month in which nobody alive was reached; None where somebody is."""
    if row.resident_id == person.pk:
        return _after(person)
    found = [_after(person)]
    for each in covered:
        ends = [day for day in (each.until, each.resident.died_on) if day is not None]
        if not ends:
            return None
        found.append(_next(min(ends)))
    return max(found)


def _kept_after(rows: list[AssistanceRecord], person: Resident) -> dict[Any, Decimal]:
    """Records that a decision has stopped, or adjusted for those without this person, with what is given since."""
    changes = list(RecordChange.objects.filter(record__in=[row.pk for row in rows], kind__in=["stop", "adjust"]))
    without = Referral.objects.filter(pk__in=[row.decision_id for row in changes], change__leaver=person.pk)
    leaving = set(without.values_list("pk", flat=True)) if changes else set()
    stopped = {row.record_id: Decimal(0) for row in changes if row.kind == RecordChange.Kind.STOP}
    adjusted = {row.record_id: row.amount for row in changes if row.decision_id in leaving and row.amount}
    return stopped | adjusted


def _asked_back(rows: list[AssistanceRecord]) -> dict[tuple[Any, ...], list[Referral]]:
    """What is or was to be recovered on account of a death, by holder. Refused in words it is over; ended undecided it is not."""
    asked = Referral.objects.filter(
        record__in=[row.pk for row in rows], change__kind=Change.Kind.RECOVER, change__reason_code=Change.Reason.DEATH
    )
    found: dict[tuple[Any, ...], list[Referral]] = defaultdict(list)
    for referral in asked.select_related("record", "change").order_by("dispatched_at"):
        if referral.record is not None:
            found[_holder(referral.record)].append(referral)
    return found


def _other_change(row: AssistanceRecord) -> str:
    running = Referral.objects.filter(record=row, purpose=Referral.Purpose.CHANGE).open().select_related("change")
    return _obstacle(running, is_alone=False, is_held=False)


def _lasts(until: date | None, day: date) -> bool:
    return until is None or until >= day


def _ends_for(referral: Referral, person: Resident) -> bool:
    """On its way, and what it asks ends the aid for that person."""
    if referral.status not in Referral.UNDECIDED:
        return False
    return referral.purpose == Referral.Purpose.STOP or referral.change.leaver_id == person.pk


def _obstacle(others: Iterable[Referral], *, is_alone: bool, is_held: bool) -> str:
    """Two of one purpose are never under way together; what is held is resumed before somebody is taken out of it."""
    purpose = Referral.Purpose.STOP if is_alone else Referral.Purpose.CHANGE
    other = next((each for each in others if each.purpose == purpose), None)
    if other is not None:
        return f"另一项{other.deed}（转办单{other.number}）正在办理，办结后即可提出"
    return "正在暂缓发放，家庭其他人的恢复办结后即可提出" if is_held and not is_alone else ""


def dead_of(record: AssistanceRecord) -> list[Resident]:
    """Who of those it was given for has died."""
    dead = Resident.objects.filter(died_on__isnull=False)
    found = {person.pk: person for person in dead.filter(coverage__record=record)}
    found |= {person.pk: person for person in dead.filter(pk=record.resident_id)}
    return list(found.values())


def left_on(record: AssistanceRecord) -> list[Left]:
    """The same for one record: who died and is still reached by it."""
    return [left for person in dead_of(record) for left in left_of(person) if left.record.pk == record.pk]


def homes_of(person: Resident) -> set[Any]:
    """The person's family, and those whose aid reaches or reached them: all that a death may touch, to be locked first."""
    rows = AssistanceRecord.objects.filter(coverage__resident=person).exclude(household=None)
    home = last_household_of(person)
    return {*rows.values_list("household_id", flat=True), *([home.pk] if home else [])}


def report_of(person: Resident) -> ChangeReport | None:
    """The confirmed report of the death, by which it is followed."""
    rows = ChangeReport.objects.filter(resident=person, kind=ChangeReport.Kind.DEATH, status=ChangeReport.Status.CONFIRMED)
    return rows.order_by("-answered_at").first()


def still_reached(today: date) -> set[Any]:
    """Everybody dead whom regular aid reaches today or later, for the job: two statements over the county."""
    dead = Resident.objects.filter(died_on__isnull=False)
    covered = Coverage.objects.regular_from(today).filter(resident__in=dead).values_list("resident_id", flat=True)
    own = AssistanceRecord.objects.regular().filter(resident__in=dead).exclude(until__lt=today).values_list("resident_id", flat=True)
    return {*covered, *own}
