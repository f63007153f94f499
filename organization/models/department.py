from django.db import models

from ..querysets import DepartmentQuerySet


class Department(models.Model):
    """A county department or body: the 17 with programs, conference members, data suppliers, supervision (ZX-04, ZX-56).

    Dated with a successor, since institutional reforms merge departments (RULES F7).
    """

    class Kind(models.TextChoices):
        GOVERNMENT = "government", "政府部门"
        MASS_ORGANIZATION = "mass_organization", "群团组织"
        CHARITY = "charity", "社会组织"

    code = models.CharField("代码", max_length=4, unique=True)
    name = models.CharField("名称", max_length=30)
    number = models.PositiveSmallIntegerField("清单序号", null=True, blank=True, unique=True)
    declared_programs = models.PositiveSmallIntegerField("清单申报项目数", default=0)
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    is_conference_member = models.BooleanField("联席会议成员单位", default=False)
    is_data_supplier = models.BooleanField("数据提供单位", default=False)
    has_own_system = models.BooleanField("已有审批系统", default=False)
    remark = models.CharField("备注", max_length=200, blank=True)
    valid_from = models.DateField("启用日期")
    valid_until = models.DateField("停用日期", null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, verbose_name="承接单位")

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门"
        ordering = [models.F("number").asc(nulls_last=True), "code"]
        constraints = [
            models.CheckConstraint(
                name="department_with_successor_has_ended",
                condition=models.Q(successor=None) | models.Q(valid_until__isnull=False),
                violation_error_message="填写承接单位时必须填写停用日期。",
            ),
            models.CheckConstraint(
                name="department_ends_after_it_begins",
                condition=models.Q(valid_until=None) | models.Q(valid_until__gte=models.F("valid_from")),
                violation_error_message="停用日期不能早于启用日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
