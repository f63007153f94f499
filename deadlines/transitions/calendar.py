"""The working calendar changed by people: a day, or a year's official arrangement. Open duties are counted anew in the same transaction."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from audit.transitions import record, together
from config import banners, clock
from config.navigation import address
from config.verbs import TransitionError
from organization.models import Post

from .. import counting
from ..calendar_lock import seize_calendar
from ..models import CalendarDay, CalendarYear, Duty
from ..permissions import can_change_calendar
from ..rules import due_on, end_of, start_of
from ..working_calendar import ONE_DAY, Entry, WorkingCalendar
from .duties import due_data
from .outbox import announce

# Guessed days reach this far beyond the last entered year, for joins over the ordinal.
GUESSED_YEARS = 10
BATCH = 2_000
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Move:
    """An open duty whose date a change of calendar moves."""

    duty: Duty
    old: datetime | None
    new: datetime | None


def moves(calendar: WorkingCalendar, first: date, last: date) -> Iterable[Move]:
    """Open duties that `calendar` dates otherwise, for a change between two days. The rows carry the new dates, unsaved."""
    rows = Duty.objects.touching(start_of(first), end_of(last)).select_related("unit").prefetch_related("pauses", "extensions")
    for duty in rows.order_by("pk").iterator(chunk_size=BATCH):
        old = (duty.due_at, duty.amber_at, duty.falls_back)
        counting.apply(duty, calendar)
        if (duty.due_at, duty.amber_at, duty.falls_back) != old:
            yield Move(duty, old[0], duty.due_at)


def earliest_start(first: date, last: date) -> date:
    """From which day the calendar is needed to count everything that a change between two days can touch."""
    starts = Duty.objects.touching(start_of(first), end_of(last)).order_by("starts_at").values_list("starts_at", flat=True).first()
    untils = Duty.objects.touching(start_of(first), end_of(last)).order_by("until").values_list("until", flat=True).first()
    return min(starts.date() - ONE_DAY if starts else first, untils or first, first)


def changed_calendar(days: Mapping[date, Entry], *, year: int | None = None) -> WorkingCalendar:
    """The calendar as it would stand with these days changed, and for a whole year with every other name of it gone."""
    first, last = (date(year, 1, 1), date(year, 12, 31)) if year else (min(days), max(days))
    now = counting.calendar_since(earliest_start(first, last))
    gone: dict[date, Entry | None] = {day: None for day in now.named if year and day.year == year}
    named = {day: entry if entry.name else None for day, entry in days.items()}
    return now.changed(gone | named, years=frozenset({year} if year else ()))


@transaction.atomic
def change_day(*, day: date, is_workday: bool, name: str, source: str, by: Post) -> list[Move]:
    """Change one day of an entered year, and every open date that hangs on it.

    Raises:
        TransitionError: the year is not entered yet, nothing changes, or a day that differs from its weekday has no name.
    """
    _allowed(by)
    seize_calendar()
    year = CalendarYear.objects.filter(year=day.year).first()
    if year is None:
        raise TransitionError(f"{day.year}年工作日历未导入，请先导入全年安排，再改个别日期。")
    row = CalendarDay.objects.get(date=day)
    if (row.is_workday, row.name) == (is_workday, name):
        raise TransitionError(f"{day:%Y-%m-%d} 本来就是这样安排的，没有改动。")
    if not name and is_workday != (day.weekday() < 5):
        raise TransitionError("与星期不同的安排（工作日放假、周末上班）必须写明节假日名称。")
    calendar = changed_calendar({day: Entry(is_workday, name)})
    old = str(row)
    row.is_workday, row.name = is_workday, name
    row.save(update_fields=["is_workday", "name"])
    year.version = calendar.version
    year.save(update_fields=["version"])
    _renumber()
    moved = _move(calendar, day, day, by=by)
    record(
        "calendar.day_changed", row, by=by, old=old, new=str(row), note=source, data={**_tally(moved, calendar), "is_workday": is_workday}
    )
    return moved


@transaction.atomic
def load_year(*, year: int, days: Mapping[date, Entry], source: str, by: Post) -> list[Move]:
    """Enter a year's official arrangement, anew if it was entered before, and count every open date again that hangs on it.

    Raises:
        TransitionError: no day, days of another year, or no source.
    """
    _allowed(by)
    if not days or not source:
        raise TransitionError("请填写放假安排的依据（文号）和至少一个日期。")
    if strange := sorted(day for day in days if day.year != year):
        raise TransitionError(f"{strange[0]:%Y-%m-%d} 不属于{year}年，请在该日所在年度单独修改。")
    seize_calendar()
    calendar = changed_calendar(days, year=year)
    row = _write_year(year, days, source, calendar.version, by)
    _guess_on()
    _renumber()
    moved = _move(calendar, date(year, 1, 1), date(year, 12, 31), by=by)
    record(
        "calendar.year_loaded",
        row,
        by=by,
        new=f"{len(days)}个安排日",
        note=source,
        data={**_tally(moved, calendar), "days": {f"{day}": entry.is_workday for day, entry in sorted(days.items())}},
    )
    transaction.on_commit(banners.forget)  # the year is there: nobody reads any more that it is missed
    return moved


@transaction.atomic
def load_years(*, days: Mapping[date, Entry], years: Iterable[int], source: str, by: Post) -> list[int]:
    """Fill years that nobody has entered yet, from reference data; those that people entered or changed stay as they are."""
    seize_calendar()
    entered = set(CalendarYear.objects.values_list("year", flat=True))
    missing = sorted(set(years) - entered)
    if not missing:
        return []
    version = CalendarYear.objects.version()
    rows = [
        _write_year(year, {day: entry for day, entry in days.items() if day.year == year}, source, number, by)
        for number, year in enumerate(missing, start=version + 1)
    ]
    _guess_on()
    _renumber()
    first, last = date(missing[0], 1, 1), date(missing[-1], 12, 31)
    calendar = counting.calendar_since(earliest_start(first, last))
    tally = _tally(_move(calendar, first, last, by=by), calendar)
    for place, row in enumerate(rows):  # what moved stands on the first line: all these years came at once
        record("calendar.year_loaded", row, by=by, note=source, data=tally if place == 0 and tally["moved"] else None)
    return missing


def rehearse(verb: Callable[[], R]) -> R:
    """What the verb would do: done and taken back, so that the preview cannot differ from the change, its refusals included."""
    with transaction.atomic():
        result = verb()
        transaction.set_rollback(True)
    return result


def _allowed(by: Post) -> None:
    if not can_change_calendar(by):
        raise PermissionDenied("只有系统管理员可以修改工作日历。")


def _write_year(year: int, days: Mapping[date, Entry], source: str, version: int, by: Post) -> CalendarYear:
    CalendarDay.objects.of_year(year).delete()
    first = date(year, 1, 1)
    every = [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]
    CalendarDay.objects.bulk_create(_row(day, days.get(day)) for day in every)
    row, _ = CalendarYear.objects.update_or_create(
        year=year, defaults={"source": source, "version": version, "loaded_at": clock.now(), "loaded_by": by}
    )
    return row


def _row(day: date, entry: Entry | None) -> CalendarDay:
    return CalendarDay(date=day, is_workday=entry.is_workday if entry else day.weekday() < 5, name=entry.name if entry else "")


def _guess_on() -> None:
    """Guessed days between the entered years and for some years beyond."""
    years = list(CalendarYear.objects.values_list("year", flat=True))
    first = date(min(years), 1, 1)
    span = (date(max(years) + GUESSED_YEARS + 1, 1, 1) - first).days
    CalendarDay.objects.bulk_create((_row(first + timedelta(n), None) for n in range(span)), ignore_conflicts=True, batch_size=BATCH)


def _renumber() -> None:
    """The running ordinal of every day, where it changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE deadlines_calendarday AS day SET ordinal = counted.ordinal
               FROM (SELECT date, count(*) FILTER (WHERE is_workday) OVER (ORDER BY date) AS ordinal FROM deadlines_calendarday) AS counted
               WHERE counted.date = day.date AND day.ordinal <> counted.ordinal"""
        )


def _move(calendar: WorkingCalendar, first: date, last: date, *, by: Post) -> list[Move]:
    """Save every moved date with its event, and tell each unit once. Nobody else holds a lock on them: the calendar is seized."""
    moved = list(moves(calendar, first, last))
    alike: dict[tuple[object, ...], list[UUID]] = {}
    tallies: dict[int, list[Move]] = {}
    for move in moved:
        alike.setdefault(tuple(getattr(move.duty, field) for field in counting.DATES), []).append(move.duty.pk)
        if move.old != move.new:
            tallies.setdefault(move.duty.unit_id, []).append(move)
    for dates, duties in alike.items():  # thousands of duties share some dozens of dates
        Duty.objects.filter(pk__in=duties).update(**dict(zip(counting.DATES, dates, strict=True)))
    with together():
        for move in moved:
            record("duty.moved", move.duty, by=by, old=date_text(move.old), new=date_text(move.new), data=due_data(move.duty))
    for group in tallies.values():
        announce(
            "calendar.dates_moved",
            CalendarYear(pk=first.year),
            to=group[0].duty.unit,
            title=f"工作日历有调整，本单位{len(group)}件事项的到期日随之改变",
            body="；".join(f"{move.duty.title}：{date_text(move.old)}→{date_text(move.new)}" for move in group[:5]),
            url=address("monitoring:workbench"),
        )
    return moved


def date_text(moment: datetime | None) -> str:
    return f"{due_on(moment):%Y-%m-%d}" if moment else "暂停计时"


def _tally(moved: list[Move], calendar: WorkingCalendar) -> dict[str, int]:
    return {"moved": len(moved), "version": calendar.version}
