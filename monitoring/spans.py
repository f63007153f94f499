"""Spans of days by which figures are asked for: month, quarter, year, or any days."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """Both days counted."""

    label: str
    since: date
    until: date


def usual(today: date) -> list[Span]:
    """What is asked for most: this month and the last, this quarter, this year and the last, each whole."""
    month = today.replace(day=1)
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    last = (month - timedelta(days=1)).replace(day=1)
    return [
        Span("本月", month, _end(month, 1)),
        Span("上月", last, _end(last, 1)),
        Span("本季度", quarter, _end(quarter, 3)),
        Span("本年", date(today.year, 1, 1), date(today.year, 12, 31)),
        Span("上年", date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    ]


def _end(first: date, months: int) -> date:
    """The last day of so many months from a first day of a month on."""
    later = first.month - 1 + months
    return date(first.year + later // 12, later % 12 + 1, 1) - timedelta(days=1)
