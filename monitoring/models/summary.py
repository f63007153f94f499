from django.db import models
from django.db.models import Q

from ..summaries.querysets import SummaryCellQuerySet, SummaryMarkQuerySet, SummaryMonthQuerySet


class SummaryCell(models.Model):
    """What aid stood at a month's end in one place, of one program, of one department or of all: a snapshot that is counted anew when its
    records change (PERFORMANCE 7).

    Without a township: the county. With a program: that program, beside its department. With a department alone: that department's.
    With neither: all aid. Sums of several programs leave sensitive ones out; a department that has such has one cell more, with them,
    for itself. Households and people stand once in each cell, so that cells do not add up; records and sums do.
    """

    FIGURES = (
        "records", "households", "people", "amount", "new_households", "new_people", "stopped_households", "stopped_people", "paid",
        "once_records", "once_households", "once_people", "once_amount",
    )  # fmt: skip

    month = models.DateField("月份")
    township_code = models.CharField("乡镇（街道）代码", max_length=9, blank=True)
    program = models.ForeignKey(
        "programs.Program", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="救助项目"
    )
    department = models.ForeignKey(
        "organization.Department", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="部门"
    )
    with_sensitive = models.BooleanField("含敏感项目", default=False)
    records = models.PositiveIntegerField("月末在享救助（项）", default=0)
    households = models.PositiveIntegerField("月末在享户数", default=0)
    people = models.PositiveIntegerField("月末在享人数", default=0)
    amount = models.DecimalField("月末月标准合计（元）", max_digits=16, decimal_places=2, default=0)
    new_households = models.PositiveIntegerField("本月新增户数", default=0)
    new_people = models.PositiveIntegerField("本月新增人数", default=0)
    stopped_households = models.PositiveIntegerField("本月停发户数", default=0)
    stopped_people = models.PositiveIntegerField("本月停发人数", default=0)
    paid = models.DecimalField("当月应发金额（元）", max_digits=16, decimal_places=2, default=0)
    once_records = models.PositiveIntegerField("本月一次性救助（项）", default=0)
    once_households = models.PositiveIntegerField("本月一次性救助户数", default=0)
    once_people = models.PositiveIntegerField("本月一次性救助人数", default=0)
    once_amount = models.DecimalField("本月一次性救助金额（元）", max_digits=16, decimal_places=2, default=0)

    objects = SummaryCellQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "汇总单元"
        ordering = ["month", "township_code", "department", "program"]
        constraints = [
            models.UniqueConstraint(
                name="one_cell_per_month_place_and_program",
                fields=["month", "township_code", "department", "program", "with_sensitive"],
                nulls_distinct=False,
                violation_error_message="这个月份、地区和项目已有汇总。",
            ),
            models.CheckConstraint(
                name="cell_names_a_month",
                condition=Q(month__day=1),
                violation_error_message="汇总的月份写当月1日。",
            ),
            models.CheckConstraint(
                name="cell_of_a_program_names_its_department",
                condition=Q(program=None) | Q(department__isnull=False),
                violation_error_message="项目的汇总须写明部门。",
            ),
            models.CheckConstraint(
                name="sensitive_cell_names_its_department",
                condition=Q(with_sensitive=False) | Q(department__isnull=False),
                violation_error_message="含敏感项目的汇总须写明部门。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.township_code or '全县'} {self.program_id or self.department_id or '全部'}"


class SummaryMonth(models.Model):
    """A month whose cells stand: as of when, and what the last count of everything found that the marks had not told."""

    month = models.DateField("月份", unique=True)
    computed_at = models.DateTimeField("数据截至")
    checked_at = models.DateTimeField("最近全量核对", null=True, blank=True)
    mended = models.PositiveIntegerField("核对更正的单元", default=0)

    objects = SummaryMonthQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "汇总月份"
        ordering = ["-month"]
        constraints = [
            models.CheckConstraint(
                name="counted_month_begins_with_its_first_day",
                condition=Q(month__day=1),
                violation_error_message="汇总的月份写当月1日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class SummaryMark(models.Model):
    """Aid of a township changed, as it stands from one day to another: its months are to be counted again.

    Written by the tables themselves, one row for a statement and township, in the transaction that changes them (see the migration).
    """

    township_code = models.CharField("乡镇（街道）代码", max_length=9, blank=True)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    # Whom the aid reaches is as it was: its sums alone are added up again.
    is_sums = models.BooleanField("只有金额变动", default=False, db_default=False)

    objects = SummaryMarkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待重新汇总"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.township_code} {self.since}"
