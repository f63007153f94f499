"""A working calendar that is missed: this year's at once, next year's from 1 November, when its arrangement is published (RULES C1)."""

from datetime import date

from django.urls import reverse

from config import clock
from config.banners import Banner

from .models import CalendarYear, Duty

TOLD = frozenset({"AS", "B", "BA"})
FROM_MONTH = 11


def years_missed(today: date, entered: set[int]) -> list[int]:
    """The years that should have been entered by that day and are not."""
    wanted = [today.year, today.year + 1] if today.month >= FROM_MONTH else [today.year]
    return [year for year in wanted if year not in entered]


def banner(role: str) -> Banner | None:
    """To the system administrator, who enters it, and the platform, which waits for it. Everybody else sees the mark on each date."""
    if role not in TOLD:
        return None
    missed = years_missed(clock.today(), set(CalendarYear.objects.values_list("year", flat=True)))
    if not missed:
        return None
    guessed = Duty.objects.falling_back()
    text = f"{missed[0]}年工作日历未导入，涉及该年的到期日暂按周一至周五推算{f'，现有{guessed}件在办事项受影响' if guessed else ''}。"
    if role == "AS":
        return Banner(text, f"{reverse('deadlines:calendar_load')}?year={missed[0]}", "现在导入")
    return Banner(f"{text}请系统管理员导入。", reverse("deadlines:calendar"), "工作日历")
