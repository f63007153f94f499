import uuid

from django.db import models
from django.db.models import F, Q

from ..querysets import PublicityQuerySet


class Publicity(models.Model):
    """公示: put up where, from when, how many days, what it said, and whether somebody objected (C-05, C-25; QJ-26).

    `ends_on` is the last day: the day of posting is not counted, it ends at 24:00. What is shown is masked by the version's words.
    """

    class ObjectionResult(models.TextChoices):
        UNFOUNDED = "unfounded", "异议不成立"
        FOUNDED = "founded", "异议成立"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey("referrals.Referral", on_delete=models.PROTECT, related_name="publicities", verbose_name="转办单")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="公示单位")
    place = models.CharField("公示地点", max_length=100)
    text = models.TextField("公示内容（已隐去）")
    starts_on = models.DateField("张贴日期")
    days = models.PositiveSmallIntegerField("公示天数")
    ends_on = models.DateField("截止日期")
    photo = models.ForeignKey(
        "documents.Attachment", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="张贴照片"
    )
    posted_at = models.DateTimeField("登记时间")
    posted_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="张贴登记人"
    )
    objection = models.CharField("异议内容", max_length=500, blank=True)
    objected_at = models.DateTimeField("异议登记时间", null=True, blank=True)
    objected_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="异议登记人"
    )
    objection_result = models.CharField("异议处理", max_length=10, choices=ObjectionResult.choices, blank=True)
    objection_note = models.CharField("异议处理说明", max_length=300, blank=True)
    ended_at = models.DateTimeField("结束登记时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="结束登记人"
    )

    objects = PublicityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        ordering = ["referral", "posted_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_running_publicity_per_referral",
                fields=["referral"],
                condition=Q(ended_at=None),
                violation_error_message="该转办单已有一项没有结束的公示。",
            ),
            models.CheckConstraint(
                name="publicity_ends_its_days_after_posting",
                condition=Q(ends_on=F("starts_on") + F("days")),
                violation_error_message="截止日期须为张贴日期加公示天数。",
            ),
            models.CheckConstraint(
                name="objection_says_who_when_and_what",
                condition=Q(objection="", objected_at=None, objected_by=None)
                | (Q(objected_at__isnull=False, objected_by__isnull=False) & ~Q(objection="")),
                violation_error_message="异议必须同时记明内容、时间和登记人。",
            ),
            models.CheckConstraint(
                name="publicity_with_an_objection_ends_with_its_result",
                condition=Q(ended_at=None) | Q(objection="") | (~Q(objection_result="") & ~Q(objection_note="")),
                violation_error_message="有异议的公示，结束前须写明处理结果。",
            ),
            models.CheckConstraint(
                name="ended_publicity_has_its_ender",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"公示 {self.starts_on} 至 {self.ends_on}"

    @property
    def is_confidential(self) -> bool:
        """What the record says of it is told to those who work on it alone (DESIGN 2)."""
        return self.referral.program.is_sensitive
