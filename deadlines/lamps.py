"""Lamps: what a clerk sees of a date. Always colour, word and shape (UI.md)."""

from datetime import datetime, timedelta
from math import ceil
from typing import TypedDict

from .rules import Rule, date_of, due_on
from .working_calendar import WorkingCalendar

SHAPES = {"green": "circle", "amber": "triangle", "red": "square", "grey": "pause", "blue": "check"}
NAMES = {"green": "在期", "amber": "临期", "red": "超期", "grey": "暂停", "blue": "办结"}
HOUR = timedelta(hours=1)


class Lamp(TypedDict):
    colour: str
    word: str
    shape: str
    url: str


def colour(*, now: datetime, due_at: datetime | None, amber_at: datetime | None, is_closed: bool) -> str:
    """Grey without a date (the clock stands), red from the due moment on, amber from its own moment on, else green."""
    if is_closed:
        return "blue"
    if due_at is None or amber_at is None:
        return "grey"
    return "red" if due_at <= now else "amber" if amber_at <= now else "green"


def word(*, now: datetime, due_at: datetime | None, rule: str, calendar: WorkingCalendar) -> str:
    """剩2个工作日, 今日到期, 超期1日, 已暂停; hours and minutes for a limit of hours. Lateness is in calendar days."""
    if due_at is None:
        return "已暂停"
    if rule == Rule.HOURS:
        return _word_of_hours(due_at - now)
    today, last = date_of(now), due_on(due_at)
    if today > last:
        return f"超期{(today - last).days}日"
    if today == last:
        return "今日到期"
    if rule == Rule.WORKING_DAYS:
        return f"剩{calendar.workdays_between(today, last)}个工作日"
    return f"剩{(last - today).days}日"


def _word_of_hours(left: timedelta) -> str:
    size = abs(left)
    span = f"{ceil(size.total_seconds() / 60)}分钟" if size < HOUR else f"{size // HOUR}小时" if size < 48 * HOUR else f"{size.days}日"
    return f"剩{span}" if left > timedelta(0) else f"超期{span}" if left else "已到期"


def closed_word(*, closed_at: datetime, due_at: datetime | None, outcome: str, outcome_label: str) -> str:
    """按期办结 or 超期办结; for a duty that ended without being done, how it ended."""
    if outcome != "done":
        return outcome_label
    return "按期办结" if due_at and closed_at < due_at else "超期办结"


TENTATIVE = "（暂定）"


def tentative(text: str, *, falls_back: bool) -> str:
    """A word or date counted with a year whose working calendar is not entered yet says so wherever it stands (RULES C1)."""
    return f"{text}{TENTATIVE}" if falls_back else text


def lamp(colour_name: str, text: str, url: str = "") -> Lamp:
    return {"colour": colour_name, "word": text, "shape": SHAPES[colour_name], "url": url}
