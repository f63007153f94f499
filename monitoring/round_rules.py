"""The days of a data round, and how a delivery stands on a day: pure, every date and the calendar come in."""

from dataclasses import dataclass
from datetime import date, datetime

from config.dates import day_in_month
from deadlines.rules import date_of, due_on
from deadlines.working_calendar import ONE_DAY, WorkingCalendar


@dataclass(frozen=True, slots=True)
class Days:
    """Of one round: from 0:00 of `opens_on` to 24:00 of `due_on`; the lists speak of `cut_off_on`."""

    opens_on: date
    due_on: date
    cut_off_on: date
    paper_due_on: date | None = None

    def open_on(self, today: date) -> "Days":
        """Opened after its last day (an outage), it gives as many days as it should have; the cut-off stays."""
        if today <= self.due_on:
            return self
        later = today - self.opens_on
        return Days(today, self.due_on + later, self.cut_off_on, self.paper_due_on + later if self.paper_due_on else None)


def days_of_departments(month: date, *, due_day: int, shifts: bool, lead: int, calendar: WorkingCalendar) -> Days:
    """From the 1st to the due day (ZX-28), which moves off a rest day only where the county says so.

    Where no working day lies between them the round opens `lead` working days before the 1st, and the lists speak of the day before that
    (RULES corrections 4).
    """
    due = day_in_month(month, due_day)
    opens = month
    if not any(calendar.is_workday(month + ONE_DAY * n) for n in range(due.day)):
        opens = calendar.workday_before(month, lead)
    cut_off = opens - ONE_DAY
    while shifts and not calendar.is_workday(due):
        due += ONE_DAY
    return Days(opens, due, cut_off)


def days_of_townships(month: date, *, from_day: int, to_day: int, paper_day: int) -> Days:
    """Electronic from the 15th to the 20th, reviewed paper by the 25th (XX-26); no day of them moves."""
    opens = day_in_month(month, from_day)
    return Days(opens, day_in_month(month, to_day), opens - ONE_DAY, day_in_month(month, paper_day))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a delivery is called at a moment. `late_days`: from the day after the due one, to the handing in or to now."""

    word: str
    tone: str
    late_days: int = 0
    is_missing: bool = False


def standing(
    status: str, *, handed_in_at: datetime | None, opens_from: datetime, due_until: datetime, is_begun: bool, now: datetime
) -> Standing:
    """未开始, 填报中, 已报送, 提前报送, 超期报送, 缺报, 已退回, 已确认: the state, and the days against it (RULES B2)."""
    if handed_in_at is None:
        if now >= due_until:
            return Standing("缺报", "red", late_days(due_until, now), is_missing=True)
        if now < opens_from:
            return Standing("未到报送期", "grey")
        return Standing("填报中", "amber") if is_begun else Standing("未开始", "grey")
    late = late_days(due_until, handed_in_at)
    if status == "returned":
        return Standing("已退回", "red", late)
    if status == "accepted":
        return Standing("已确认（超期报送）", "amber", late) if late else Standing("已确认", "green")
    if late:
        return Standing("超期报送", "amber", late)
    return Standing("提前报送", "green") if handed_in_at < opens_from else Standing("已报送", "green")


def late_days(due_until: datetime, moment: datetime) -> int:
    """0 in time; 1 on the day after the due one."""
    return (date_of(moment) - due_on(due_until)).days if moment >= due_until else 0


def paper_word(received_on: date | None, paper_due_on: date | None, today: date) -> tuple[str, str]:
    """Whether the reviewed paper came, and in time."""
    if paper_due_on is None:
        return "", "grey"
    if received_on is None:
        return ("未交（已超期）", "red") if today > paper_due_on else ("未交", "grey")
    return ("按时交", "green") if received_on <= paper_due_on else ("超期交", "amber")


def share(now: int, before: int) -> str:
    """By how much a list grew or shrank since the one before: "+12.5%"; a dash where nothing stood."""
    if not before:
        return "—"
    tenths = round((now - before) * 1000 / before)
    return f"{tenths / 10:+.1f}%" if tenths else "0%"
