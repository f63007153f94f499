from django.db import models

from ..querysets import ParameterQuerySet
from ..wording import shown


class Parameter(models.Model):
    """A dated figure of RULES P, or one that RULES leave open, for the county, one region or one department.

    `value` is JSON so that numbers stay exact. Never edited in place: a change is a new row with a later `valid_from`.
    """

    class Origin(models.TextChoices):
        SEED = "seed", "来源文件"
        NATIONAL = "national", "国家或市级规定"
        COUNTY = "county", "本县规定"
        ASSUMED = "assumed", "暂定"

    key = models.CharField("参数", max_length=60)
    name = models.CharField("名称", max_length=80)
    region = models.ForeignKey("organization.Region", on_delete=models.PROTECT, null=True, blank=True, verbose_name="适用区划")
    department = models.ForeignKey("organization.Department", on_delete=models.PROTECT, null=True, blank=True, verbose_name="适用部门")
    value = models.JSONField("值")
    unit = models.CharField("单位", max_length=20, blank=True)
    valid_from = models.DateField("生效日期")
    origin = models.CharField("来源", max_length=10, choices=Origin.choices)
    source = models.CharField("依据", max_length=200, blank=True)
    is_demo = models.BooleanField("演示值", default=False)
    set_at = models.DateTimeField("设定时间")
    set_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", verbose_name="设定人")

    objects = ParameterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参数"
        ordering = ["key", "region", "department", "-valid_from"]
        constraints = [
            models.UniqueConstraint(
                name="one_value_per_parameter_scope_and_day",
                fields=["key", "region", "department", "valid_from"],
                nulls_distinct=False,
                violation_error_message="该参数在同一天已有一个值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}：{self.shown_value}{self.measure}"

    @property
    def shown_value(self) -> str:
        """The value as people read it."""
        return shown(self.value)

    @property
    def measure(self) -> str:
        """The unit as it follows a number: 3个工作日."""
        return f"个{self.unit}" if self.unit.startswith("工作日") else self.unit

    @property
    def scope(self) -> str:
        """For whom it holds: 全县, a region, a department."""
        names = [str(part) for part in (self.region, self.department) if part]
        return " · ".join(names) or "全县"
