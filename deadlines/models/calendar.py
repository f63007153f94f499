from django.db import models
from django.db.models import Q

from ..querysets import CalendarDayQuerySet, CalendarYearQuerySet

WEEKDAYS = range(1, 6)


class CalendarYear(models.Model):
    """A year whose official arrangement of rest days has been entered. A year without a row is guessed as Monday to Friday, and says so.

    `version` is the number of the last change to this year; the calendar's version is the greatest of all years.
    """

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    source = models.CharField("依据", max_length=200)
    version = models.PositiveIntegerField("版本", unique=True)
    loaded_at = models.DateTimeField("导入时间")
    loaded_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="导入人")

    objects = CalendarYearQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作日历年度"
        ordering = ["year"]
        constraints = [
            models.CheckConstraint(
                name="calendar_year_has_its_source", condition=~Q(source=""), violation_error_message="请填写放假安排的依据（文号）。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年"


class CalendarDay(models.Model):
    """A day, worked or not. `ordinal` counts the working days up to and including it, so that “3 working days before” is a join.

    Years that have not been entered hold guessed days, Monday to Friday, so that the join never runs out of calendar.
    """

    date = models.DateField("日期", primary_key=True)
    is_workday = models.BooleanField("工作日")
    name = models.CharField("节假日", max_length=30, blank=True)
    ordinal = models.PositiveIntegerField("工作日序号", default=0, editable=False)

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["date"]
        indexes = [models.Index(name="calendar_workday_ordinal", fields=["ordinal"], condition=Q(is_workday=True))]
        constraints = [
            models.CheckConstraint(
                name="day_that_differs_from_its_weekday_has_a_name",
                condition=~Q(name="")
                | Q(date__iso_week_day__in=WEEKDAYS, is_workday=True)
                | Q(date__iso_week_day__in=[6, 7], is_workday=False),
                violation_error_message="与星期不同的安排（工作日放假、周末上班）必须写明节假日名称。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {'上班' if self.is_workday else '休息'}{f'（{self.name}）' if self.name else ''}"
