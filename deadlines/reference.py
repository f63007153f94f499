"""The official working calendar 2004-2026, from the package `chinesecalendar` (holiday notices of the State Council's general office)."""

from datetime import date
from importlib.metadata import version

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays

from organization.models import Post

from .transitions import load_years
from .working_calendar import Entry, WorkingCalendar

YEARS = frozenset(range(min(holidays).year, max(holidays).year + 1))
SOURCE = f"国务院办公厅历年节假日安排通知（据公开的日历数据 {version('chinesecalendar')} 汇编）"
NAMES = {
    Holiday.new_years_day: "元旦",
    Holiday.spring_festival: "春节",
    Holiday.tomb_sweeping_day: "清明节",
    Holiday.labour_day: "劳动节",
    Holiday.dragon_boat_festival: "端午节",
    Holiday.national_day: "国庆节",
    Holiday.mid_autumn_festival: "中秋节",
    Holiday.anti_fascist_70th_day: "抗战胜利70周年纪念日",
}
_NAMES_BY_VALUE = {holiday.value: name for holiday, name in NAMES.items()}


def official_days() -> dict[date, Entry]:
    """Every named day: rest days of festivals, weekends among them too, and weekend days worked instead."""
    rest = {day: Entry(False, _NAMES_BY_VALUE[name]) for day, name in holidays.items()}
    return rest | {day: Entry(True, _NAMES_BY_VALUE[name]) for day, name in workdays.items()}


def official_calendar() -> WorkingCalendar:
    """The same as a value, for where there is no database."""
    return WorkingCalendar(official_days(), YEARS, 0)


def load(*, by: Post) -> None:
    """Enter the years that nobody has entered yet; a calendar that people changed stays theirs."""
    load_years(days=official_days(), years=YEARS, source=SOURCE, by=by)
