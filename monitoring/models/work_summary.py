from django.db import models
from django.db.models import Q

from ..summaries.querysets import WorkCellQuerySet, WorkMonthQuerySet


class WorkCell(models.Model):
    """How many steps that ended in a month took so many working days, of a township and a program, or of all of either: a snapshot of the
    night. Months and places add up, and a median is read from the numbers by days (PERFORMANCE 7).

    Without a township or a program: of all. What belongs to none of them is counted with all alone.
    """

    class Measure(models.TextChoices):
        KEPT = "kept", "环节时限"
        DISPATCH = "0", "受理→转出"
        SIGN = "1", "转出→签收"
        DECIDE = "2", "签收→审批"
        FEED_BACK = "3", "审批→反馈"
        TELL = "4", "反馈→告知"
        WHOLE = "5", "全程（受理→告知）"

    month = models.DateField("月份")
    measure = models.CharField("环节", max_length=4, choices=Measure.choices)
    township_code = models.CharField("乡镇（街道）代码", max_length=9, blank=True)
    program_code = models.CharField("救助项目代码", max_length=20, blank=True)
    days = models.PositiveSmallIntegerField("用时（工作日）")
    times = models.PositiveIntegerField("件数")
    late = models.PositiveIntegerField("超期件数", default=0)

    objects = WorkCellQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理用时汇总"
        ordering = ["month", "measure", "township_code", "program_code", "days"]
        constraints = [
            models.UniqueConstraint(
                name="one_work_cell_per_month_step_place_program_and_days",
                fields=["month", "measure", "program_code", "township_code", "days"],
                violation_error_message="这个月份、环节、地区、项目和用时已有汇总。",
            ),
            models.CheckConstraint(
                name="work_cell_names_a_month", condition=Q(month__day=1), violation_error_message="汇总的月份写当月1日。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.measure} {self.township_code or '全县'} {self.program_code or '全部'} {self.days}"


class WorkMonth(models.Model):
    """A month whose work is in cells, up to a midnight: what ended later is counted when it is asked for."""

    month = models.DateField("月份", unique=True)
    counted_until = models.DateTimeField("数据截至")

    objects = WorkMonthQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理用时汇总月份"
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(
                name="month_of_work_begins_with_its_first_day",
                condition=Q(month__day=1),
                violation_error_message="汇总的月份写当月1日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
