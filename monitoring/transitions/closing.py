"""日清月结 (XX-20): a window confirms its day, a township its month, and what is confirmed goes to the county platform on time or late."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.transitions import record
from config import clock
from config.dates import add_months, day_in_month
from config.verbs import AlreadyHandled, ConstraintBroken, TransitionError, lock, recheck, save
from config.words import without_numbers
from deadlines.counting import calendar_since
from deadlines.models import Duty
from deadlines.rules import Limit, Rule
from deadlines.transitions import announce, close_duty, open_duty
from organization.figures import figure
from organization.models import Post, Unit

from .. import day_rules, month_page
from ..closing_permissions import can_close_day, can_close_month, can_supplement
from ..day_page import Day
from ..models import DayClose, DaySupplement, MonthClose

WORDS, NOTE = 200, 500
MONTH_CLOSE = "month_close"
BASIS = "西秀区试点方案：管理跟进实行日清月结，按时报送（XX-20）"


@transaction.atomic
def close_day(*, day: date, said: Mapping[str, str], by: Post) -> DayClose:
    """Confirm a day of one's own window: its numbers, and every open thing with its reason. `said`: words by the key of the thing.

    Once: a closed day is never opened again. A late one is taken too, for some working days, and says that it is late.

    Raises:
        AlreadyHandled: closed, by whom and when.
        TransitionError: no working day, not yet, too long ago, or something that nobody touched lacks its words.
    """
    if not can_close_day(by):
        raise PermissionDenied("日清由窗口经办人、村（社区）协理员办理。")
    refuse_day(day)
    if standing := DayClose.objects.filter(unit_id=by.unit_id, day=day).select_related("closed_by__unit", "closed_by__staff").first():
        raise _closed(standing)
    found = Day(by, day, clock.now())
    if lacking := day_rules.unsaid([line.key for line in found.lines if line.asks], said):
        raise TransitionError(f"还有{len(lacking)}件当天没有人动过的事项没有写明原因，请逐件写明后再确认日清。")
    lines = [line.kept() | {"said": _words(said[line.key]) if line.asks else ""} for line in found.lines]
    row = DayClose(unit=by.unit, day=day, counts=found.counts, lines=lines, closed_at=clock.now(), closed_by=by)
    try:
        save(row)
    except ConstraintBroken as clash:
        raise AlreadyHandled("这个窗口当日刚刚由同事日清，不用再办。") from clash
    data: dict[str, Any] = {name: found.counts[name] for name in ("open", "untouched")}
    record("day.closed", row, by=by, new=f"{day:%Y-%m-%d}", note="补登" if row.is_late else "", data={"unit": by.unit_id, **data})
    return row


def refuse_day(day: date) -> None:
    """Which days are closed: working days up to today, back to `day_close_back` working days.

    Raises:
        TransitionError: why not this one.
    """
    today = clock.today()
    if day > today:
        raise TransitionError("还没到这一天，不能日清。")
    earliest = calendar_since(add_months(today, -2)).workday_before(today, int(figure("day_close_back")))
    if day < earliest:
        raise TransitionError(f"只能补登{earliest:%Y-%m-%d}以后的日清，更早的不再补登。")
    if not calendar_since(day).is_workday(day):
        raise TransitionError("休息日不需要日清。")


@transaction.atomic
def supplement_day(*, day_close_id: Any, text: str, by: Post) -> DaySupplement:
    """Add a line to a closed day: what was found out afterwards. The day itself stays as it was confirmed.

    Raises:
        TransitionError: no words, too many, or a number in them.
    """
    row: DayClose = DayClose.objects.visible_to(by).get_or_404(day_close_id)
    row = lock(row)
    recheck(row, can_supplement, by)
    if not text.strip():
        raise TransitionError("请写明补充的内容。")
    added = DaySupplement(day_close=row, text=_words(text, 300), added_at=clock.now(), added_by=by)
    save(added)
    record("day.supplemented", row, by=by, note=added.text)
    return added


@transaction.atomic
def open_months(*, month: date, by: Post) -> int:
    """月结 of that month for every township's window: a row and the township's duty for each; how many. Done again it finds them there."""
    due = due_day(month)
    windows = Unit.objects.current(clock.today()).filter(kind=Unit.Kind.TOWNSHIP_WINDOW).order_by("pk")
    standing = set(MonthClose.objects.filter(month=month).values_list("unit_id", flat=True))
    opened = 0
    for window in windows:
        if window.pk in standing:
            continue
        row = MonthClose(unit=window, month=month, opened_at=clock.now(), opened_by=by)
        save(row)
        open_duty(
            subject=row, kind=MONTH_CLOSE, kind_name="月结", unit=desk_of(window),
            title=f"{row.label}月结（{window.short_name}）", limit=Limit(Rule.FIXED_DATE, until=due, shifts=True), by=by,
            url=row.get_absolute_url(), region_code=str(window.region_id), basis=BASIS,
        )  # fmt: skip
        record("month.opened", row, by=by, new=row.label, data={"unit": window.pk})
        opened += 1
    return opened


def desk_of(window: Unit) -> Unit:
    """Whose work it is: the township's 社会事务办, whose head confirms; the window's own where that office is not set up."""
    offices = Unit.objects.current(clock.today()).filter(kind=Unit.Kind.TOWNSHIP_OFFICE, region_id=window.region_id)
    return offices.filter(office=Unit.Office.SOCIAL_AFFAIRS).first() or window


def due_day(month: date) -> date:
    """The day of the next month by which a month is closed (县参数); the clock shifts it off a rest day."""
    return day_in_month(add_months(month, 1), int(figure("month_close_due_day")))


@transaction.atomic
def close_month(*, month_close_id: Any, note: str, by: Post) -> MonthClose:
    """Confirm a month's figures as they are now, and so send them to the platform.

    Raises:
        AlreadyHandled: confirmed, by whom and when.
    """
    row: MonthClose = MonthClose.objects.visible_to(by).select_related("unit").get_or_404(month_close_id)
    row = lock(row)
    if row.closed_at and row.closed_by:
        raise AlreadyHandled(f"{row.label}月结已由{row.closed_by.label}于{clock.local(row.closed_at):%Y-%m-%d %H:%M}确认。")
    recheck(row, can_close_month, by)
    row.counts, row.note = month_page.counts(row.unit, row.month), _words(note, NOTE)
    row.closed_at, row.closed_by = clock.now(), by
    save(row, "counts", "note", "closed_at", "closed_by")
    duty = close_duty(subject=row, kind=MONTH_CLOSE, by=by, outcome=Duty.Outcome.DONE)
    is_late = bool(duty.due_at and duty.closed_at and duty.closed_at >= duty.due_at)
    record("month.closed", row, by=by, new=row.label, note="超期报送" if is_late else "按时报送", data={"unit": row.unit_id})
    platform = Unit.objects.current(clock.today()).get(kind=Unit.Kind.PLATFORM)
    announce(
        "month.closed", row, to=platform, title=f"{row.unit.short_name}{row.label}月结已报送", body="超期报送" if is_late else "按时报送",
        url=row.get_absolute_url(),
    )  # fmt: skip
    return row


def _closed(row: DayClose) -> AlreadyHandled:
    return AlreadyHandled(
        f"{row.day:%Y-%m-%d}已由{row.closed_by.label}于{clock.local(row.closed_at):%Y-%m-%d %H:%M}日清。有补充的，请写“补充说明”。"
    )


def _words(text: str, most: int = WORDS) -> str:
    """What somebody wrote.

    Raises:
        TransitionError: too long, or with somebody's number in it.
    """
    if len(text.strip()) > most:
        raise TransitionError(f"最多填写{most}个字，请精简。")
    return without_numbers(text)
