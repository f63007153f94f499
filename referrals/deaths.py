"""What regular aid still reaches somebody who died, and what keeps it from being stopped at once (C-19, XX-34). Reads alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from config import clock
from config.dates import add_months
from households.models import AssistanceRecord, Coverage, RecordChange, Resident
from households.transitions.lookup import last_household_of

from .models import Change, ChangeReport, Referral


@dataclass(frozen=True, slots=True)
class Left:
    """One record that still reaches the dead. `is_alone`: nobody alive has it besides, so that it is stopped; else it is adjusted."""

    record: AssistanceRecord
    person: Resident
    month: date
    is_alone: bool
    running: Referral | None
    obstacle: str

    @property
    def can_begin(self) -> bool:
        return self.running is None and not self.obstacle

    @property
    def verb(self) -> str:
        return "停止" if self.is_alone else "调整"

    @property
    def deed(self) -> str:
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


def left_of(person: Resident) -> list[Left]:
    """Every regular record that goes on behind the first month due, with how it stands. A handful of statements, whatever the number."""
    if person.died_on is None:
        return []
    today, after = clock.today(), add_months(person.died_on.replace(day=1), 1)
    reached = Coverage.objects.filter(resident=person).regular_from(today).values_list("record_id", flat=True)
    own = AssistanceRecord.objects.filter(resident=person).values_list("pk", flat=True)
    rows = AssistanceRecord.objects.filter(pk__in={*reached, *own}).regular().select_related("program", "household", "resident", "version")
    records = [(row, max(after, add_months(row.since.replace(day=1), 1))) for row in rows.order_by("pk")]
    going_on = [(row, month) for row, month in records if row.until is None or row.until >= max(month, today)]
    return _judged(going_on, person, today) if going_on else []


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


KIND_OF = {True: Change.Kind.STOP, False: Change.Kind.ADJUST}
