"""The month's periodic work: 月结 of the month before begins on the first working day (XX-20)."""

from datetime import date, datetime

from config.dates import add_months
from deadlines.counting import calendar_since
from deadlines.periods import Period
from deadlines.rules import start_of
from deadlines.working_calendar import ONE_DAY
from organization.models import Post


def first_workday(first: date) -> datetime:
    calendar = calendar_since(first)
    day = first
    while not calendar.is_workday(day):
        day += ONE_DAY
    return start_of(day)


def open_last_month(period: Period) -> str:
    from .transitions.closing import open_months

    month = add_months(period.first.replace(day=1), -1)
    opened = open_months(month=month, by=Post.objects.the_system())
    return f"{month:%Y-%m}月结开始，{opened}个乡镇（街道）"
