import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ..household_ledger.querysets import LedgerMonthQuerySet, OfLedgerQuerySet


class LedgerMonth(models.Model):
    """台账月结: the 按户 ledger of a month as it stood when it was closed (ZX-25). Neither it nor a line of it ever changes.

    What is put right later stands in the ledger of the month after, as a correction. `names` are those of places, departments, programs
    and units as they were: the lines hold codes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    month = models.DateField("月份")
    lines = models.PositiveIntegerField("行数", default=0)
    households = models.PositiveIntegerField("户数", default=0)
    people = models.PositiveIntegerField("人数", default=0)
    corrections = models.PositiveIntegerField("对上月的更正", default=0)
    names = models.JSONField("当月名称", default=dict, blank=True)
    closed_at = models.DateTimeField("月结时间")
    closed_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="月结人")

    objects = LedgerMonthQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账月结"
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(name="a_ledger_is_closed_once", fields=["month"], violation_error_message="这个月的台账已经月结。"),
            models.CheckConstraint(
                name="ledger_month_names_a_month", condition=Q(month__day=1), violation_error_message="台账月结的月份写当月1日。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}按户统计台账"

    @property
    def label(self) -> str:
        return f"{self.month.year}年{self.month.month}月"


class LedgerLine(models.Model):
    """台账行: one person and one assistance, with what the ledger said of the household, that month.

    A copy, not a reference: the rows it was made of are named by their ids alone, since they may be undone or merged, and values are codes
    as they were.
    """

    class Holder(models.TextChoices):
        HOUSEHOLD = "household", "家庭"
        RESIDENT = "resident", "个人"

    ledger = models.ForeignKey(LedgerMonth, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="台账")
    place = models.PositiveIntegerField("行号")
    record_id = models.UUIDField("救助记录", editable=False)
    resident_id = models.UUIDField("人员", null=True, blank=True, editable=False)
    household_id = models.UUIDField("家庭", null=True, blank=True, editable=False)
    head_id = models.UUIDField("户主（人员）", null=True, blank=True, editable=False)
    household_number = models.CharField("户编号", max_length=24, blank=True)
    head_name = models.CharField("户主", max_length=60, blank=True)
    head_number = models.CharField("户主证件号码（脱敏）", max_length=40, blank=True)
    region_code = models.CharField("所在区划", max_length=12)
    setting = models.CharField("城乡类别", max_length=5, blank=True)
    size = models.PositiveSmallIntegerField("家庭人口", default=0)
    household_tags = ArrayField(models.CharField(max_length=24), verbose_name="家庭身份标签", default=list)
    name = models.CharField("成员姓名", max_length=60, blank=True)
    number = models.CharField("成员证件号码（脱敏）", max_length=40, blank=True)
    sex = models.CharField("性别", max_length=1, blank=True)
    relation = models.CharField("与户主关系", max_length=2, blank=True)
    tags = ArrayField(models.CharField(max_length=24), verbose_name="个人身份标签", default=list)
    department_id = models.IntegerField("主管部门")
    program_code = models.CharField("救助项目", max_length=4)
    is_sensitive = models.BooleanField("敏感项目", default=False)
    unit_id = models.IntegerField("救助单位")
    holder = models.CharField("救助对象", max_length=9, choices=Holder.choices)
    cadence = models.CharField("发放方式", max_length=8)
    amount = models.DecimalField("标准/金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    counted = models.DecimalField("计入合计（元）", max_digits=12, decimal_places=2, default=0)
    in_kind = models.CharField("实物或服务", max_length=100, blank=True)
    since = models.DateField("起始日期")
    until = models.DateField("终止日期", null=True, blank=True)
    source = models.CharField("数据来源", max_length=8)
    updated_on = models.DateField("更新日期")
    doubts = ArrayField(models.CharField(max_length=12), verbose_name="疑点", default=list)

    objects = OfLedgerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账行"
        ordering = ["ledger", "place"]
        indexes = [
            models.Index(
                name="ledger_line_of_region", fields=["ledger", "region_code", "place"],
                opclasses=["uuid_ops", "varchar_pattern_ops", "int4_ops"],
            ),
            models.Index(name="ledger_line_of_program", fields=["ledger", "program_code", "place"]),
            models.Index(name="ledger_line_of_record", fields=["record_id"]),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(name="one_ledger_line_per_place", fields=["ledger", "place"]),
            models.UniqueConstraint(
                name="a_ledger_holds_a_person_of_a_record_once", fields=["ledger", "record_id", "resident_id"], nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.place}行"


class LedgerCorrection(models.Model):
    """对上月的更正: what the month before would say otherwise by now, as it stood when this month was closed."""

    class Kind(models.TextChoices):
        ADDED = "added", "补记"
        REMOVED = "removed", "减除"
        CHANGED = "changed", "变更"

    ledger = models.ForeignKey(LedgerMonth, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="台账")
    place = models.PositiveIntegerField("行号")
    kind = models.CharField("更正", max_length=7, choices=Kind.choices)
    record_id = models.UUIDField("救助记录", editable=False)
    resident_id = models.UUIDField("人员", null=True, blank=True, editable=False)
    household_number = models.CharField("户编号", max_length=24, blank=True)
    name = models.CharField("成员姓名", max_length=60, blank=True)
    number = models.CharField("成员证件号码（脱敏）", max_length=40, blank=True)
    region_code = models.CharField("所在区划", max_length=12)
    department_id = models.IntegerField("主管部门")
    program_code = models.CharField("救助项目", max_length=4)
    is_sensitive = models.BooleanField("敏感项目", default=False)
    unit_id = models.IntegerField("救助单位")
    cadence = models.CharField("发放方式", max_length=8)
    former_amount = models.DecimalField("原金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField("现金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    former_in_kind = models.CharField("原实物或服务", max_length=100, blank=True)
    in_kind = models.CharField("现实物或服务", max_length=100, blank=True)
    former_since = models.DateField("原起始日期", null=True, blank=True)
    since = models.DateField("现起始日期", null=True, blank=True)
    until = models.DateField("现终止日期", null=True, blank=True)
    difference = models.DecimalField("合计差额（元）", max_digits=12, decimal_places=2, default=0)

    objects = OfLedgerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "对上月的更正"
        ordering = ["ledger", "place"]
        constraints = [
            models.UniqueConstraint(name="one_ledger_correction_per_place", fields=["ledger", "place"]),
        ]

    def __str__(self) -> str:
        return f"第{self.place}行（{self.get_kind_display()}）"
