from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from deadlines import counting, reference, rules
from deadlines.explanation import explain
from deadlines.models import CalendarYear
from deadlines.rules import Limit, Rule
from deadlines.working_calendar import WorkingCalendar

LONGEST = 3650
FIRST, LAST = date(1949, 10, 1), date(2199, 12, 31)


def iso_date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}”不是日期，请写成 2026-09-24 这样。", returncode=2) from None
    if not FIRST <= day <= LAST:
        raise CommandError(f"起算日须在 {FIRST} 至 {LAST} 之间。", returncode=2)
    return day


def days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > LONGEST:
        raise CommandError(f"“{text}”不是天数，请写 0 至 {LONGEST} 的整数。", returncode=2)
    return int(text)


class Command(BaseCommand):
    help = "推算到期日：第一行是到期日，其后逐日说明哪天计入、哪天不计、为什么（起算次日为第1日）"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("start", help="起算日，如 2026-09-24")
        parser.add_argument("amount", help="时限天数，如 10")
        parser.add_argument("--calendar-days", action="store_true", help="按自然日（默认按工作日）")
        parser.add_argument("--shift", action="store_true", help="末日逢休息日顺延至下一工作日")

    def handle(self, *args: Any, start: str, amount: str, calendar_days: bool, shift: bool, **options: Any) -> None:
        first = iso_date(start)
        limit = Limit(Rule.CALENDAR_DAYS if calendar_days else Rule.WORKING_DAYS, days(amount), shifts=shift)
        calendar, remark = self._calendar(first)
        starts_at = rules.start_of(first)
        counted = rules.count(starts_at, limit, [], calendar)
        if counted.due_at is None:
            raise CommandError("推算不出到期日。")
        explanation = explain(starts_at, limit, counted, calendar)
        self.stdout.write(f"{rules.due_on(counted.due_at):%Y-%m-%d}")
        for line in [explanation.summary, *map(str, explanation.lines), *explanation.notes, *remark]:
            self.stdout.write(line)

    def _calendar(self, start: date) -> tuple[WorkingCalendar, list[str]]:
        """The calendar people edit; before there is one, the official one it will be filled from."""
        try:
            if CalendarYear.objects.exists():
                return counting.calendar_since(start), []
        except DatabaseError:
            pass
        return reference.official_calendar(), ["数据库中尚无工作日历，以上按内置的官方日历推算。"]
