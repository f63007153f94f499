import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from ..querysets import VisitQuerySet


class Visit(models.Model):
    """Somebody came with a need (求助登记): who received them first, when, and when they had a right answer (XX-22, TZ-14).

    The clock starts when the ID number is read or 登记 is pressed and ends at the printed answer. It counts for 坐诊 alone, and blocks
    nothing.
    """

    class Mode(models.TextChoices):
        """XX-29; 代办: somebody comes for another."""

        SEATED = "seated", "坐诊（窗口）"
        OUTREACH = "outreach", "出诊（上门）"
        PHONE = "phone", "电话"
        ON_BEHALF = "on_behalf", "代办"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("登记号", max_length=40, unique=True)
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="窗口")
    mode = models.CharField("服务方式", max_length=10, choices=Mode.choices)
    arrived_at = models.DateTimeField("到达时间")
    arrived_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="首问责任人"
    )
    arrived_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    resident = models.ForeignKey(
        "households.Resident", on_delete=models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="求助人"
    )
    household = models.ForeignKey(
        "households.Household", on_delete=models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="家庭"
    )
    matter = models.CharField("求助事由", max_length=300, blank=True)
    answer = models.TextField("答复", blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="答复人"
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "求助登记"
        ordering = ["-arrived_at", "-id"]
        indexes = [
            models.Index(name="visit_of_unit", fields=["unit", "-arrived_at", "-id"]),
            models.Index(name="visit_of_county", fields=["-arrived_at", "-id"]),
            models.Index(name="visit_unanswered_of_unit", fields=["unit", "arrived_at", "id"], condition=Q(answered_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                name="answered_visit_has_answer_and_answerer",
                condition=Q(answered_at=None, answered_by=None)
                | (Q(answered_at__isnull=False, answered_by__isnull=False, answered_at__gte=F("arrived_at")) & ~Q(answer="")),
                violation_error_message="答复须写明内容、时间和答复人，时间不早于到达。",
            ),
        ]

    def __str__(self) -> str:
        return f"求助登记 {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("intake:visit_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.answered_at is None
