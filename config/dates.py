"""Arithmetic of dates that every room may need; those of the clocks stand in `deadlines.rules`."""

import calendar
from datetime import date


def add_months(day: date, amount: int) -> date:
    """The same day of a later month, or its last day where it has no such day (民法典 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_in_month(month: date, day: int) -> date:
    """Day so many of a month, or its nearest where the month has no such day: the 30th of February is its last (LY-23)."""
    return month.replace(day=min(max(day, 1), calendar.monthrange(month.year, month.month)[1]))


def age_on(birth_on: date, on: date) -> int:
    """Full years. Somebody born on 29 February is a year older on 1 March of other years."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


def month_words(day: date) -> str:
    """2026年9月, as the office writes it: no zero before the month."""
    return f"{day.year}年{day.month}月"
