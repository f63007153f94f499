"""What every county begins with: the official working calendar 2004-2026, from the package `chinesecalendar` (holiday notices of the
State Council's general office), and how reminders are made until an administrator changes it."""

from datetime import date
from importlib.metadata import version

from chinese_calendar import Holiday
from chinese_calendar.constants import holidays, workdays

from config import clock
from organization.models import Post

from .models import ReminderRule, Stage
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
# The moments are this platform's own (“按时提醒”, ZX-48): the county may set others.
RULES_FROM = date(2021, 1, 1)
RULES_SOURCE = "平台暂定（忠府办发〔2021〕53号“限时办结”）"
RULES: dict[Stage, dict[str, object]] = {
    Stage.AMBER: {"holds_for_promises": True},
    Stage.DUE_TODAY: {},
    Stage.OVERDUE: {"holds_for_promises": True},
    Stage.TO_HEAD: {"working_days": 3, "full_days": 1},
    Stage.TO_PLATFORM: {"working_days": 5, "full_days": 2},
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
    """Enter the years that nobody has entered yet, and the rule of each stage that has none; what people changed stays theirs."""
    load_years(days=official_days(), years=YEARS, source=SOURCE, by=by)
    known = set(ReminderRule.objects.values_list("stage", flat=True))
    ReminderRule.objects.bulk_create(
        ReminderRule(stage=stage, valid_from=RULES_FROM, source=RULES_SOURCE, made_at=clock.now(), made_by=by, **figures)
        for stage, figures in RULES.items()
        if stage not in known
    )
