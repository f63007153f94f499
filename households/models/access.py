from django.db import models
from django.db.models import Q

from ..querysets import AccessQuerySet


class Access(models.Model):
    """A unit may see a household beyond its own region: why, since when, until when (DESIGN 2, SECURITY #10).

    Opened by dispatch, by acceptance of somebody registered elsewhere, by a question about a fact. Closing or answering sets `until` some
    days ahead.
    """

    class Reason(models.TextChoices):
        REFERRAL = "referral", "转办"
        ACCEPTED = "accepted", "异地受理"
        ROLL = "roll", "本单位名册"
        RULING = "ruling", "裁定指派"
        FACT = "fact", "请单位核实"
        VISIT = "visit", "协助入户"
        CHANGE = "change", "家庭变动"

    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, related_name="accesses", db_index=False, db_constraint=False, verbose_name="家庭"
    )  # found by `one_access_per_unit_and_subject`, which begins with it
    unit = models.ForeignKey(
        "organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="单位"
    )
    # Of a window or an office: the township accepts as one, and its gate asks by this code without a join (docs/benchmarks.md).
    township_code = models.CharField("乡镇（街道）代码", max_length=9, blank=True, editable=False)
    reason = models.CharField("事由", max_length=10, choices=Reason.choices)
    program = models.ForeignKey(
        "programs.Program",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="救助项目",
    )
    subject_label = models.CharField("对象类型", max_length=60)
    subject_id = models.CharField("对象编号", max_length=40)
    opened_at = models.DateTimeField("开放时间")
    opened_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name="开放人"
    )
    until = models.DateField("可查看至", null=True, blank=True)
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        "organization.Post",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name="关闭人",
    )

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "查看权限"
        ordering = ["-opened_at", "-id"]
        indexes = [
            models.Index(name="access_of_unit", fields=["unit", "household", "until"]),
            models.Index(name="access_of_township", fields=["township_code", "household", "until"], condition=~Q(township_code="")),
            models.Index(name="access_by_subject", fields=["subject_label", "subject_id"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_access_per_unit_and_subject",
                fields=["household", "unit", "subject_label", "subject_id"],
                violation_error_message="该单位已因同一事项取得查看权限。",
            ),
            models.CheckConstraint(
                name="closed_access_has_its_end",
                condition=Q(closed_at=None, closed_by=None, until=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, until__isnull=False),
                violation_error_message="关闭查看权限必须同时记明时间、人员和截止日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_reason_display()}"

    @property
    def is_confidential(self) -> bool:
        """Which unit was let in for a sensitive program would tell it."""
        return bool(self.program and self.program.is_sensitive)
