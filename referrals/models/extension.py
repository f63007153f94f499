from django.db import models
from django.db.models import F, Q

from ..querysets import ExtensionRequestQuerySet


class ExtensionRequest(models.Model):
    """延期: the handling unit asks for the extended whole limit, the county platform's approver answers (C-01; SECURITY 延期批准)."""

    referral = models.ForeignKey("referrals.Referral", on_delete=models.PROTECT, related_name="extensions", verbose_name="转办单")
    reason = models.CharField("延期理由", max_length=200)
    limit = models.PositiveSmallIntegerField("延长后的全部时限")
    requested_at = models.DateTimeField("申请时间")
    requested_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="申请人")
    requested_by_staff = models.ForeignKey("organization.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="答复人"
    )
    answered_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    is_granted = models.BooleanField("同意延期", null=True, blank=True)
    answer_note = models.CharField("答复意见", max_length=200, blank=True)
    # The stay whose own limit was lengthened with the promise; empty until a stage that can carry the days has begun.
    stay = models.ForeignKey(
        "referrals.ReferralStage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="延长的环节",
    )

    objects = ExtensionRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_extension_request_per_referral",
                fields=["referral"],
                condition=Q(answered_at=None),
                violation_error_message="该转办单已有一项等待答复的延期申请。",
            ),
            models.CheckConstraint(
                name="extension_request_has_its_reason", condition=~Q(reason=""), violation_error_message="申请延期必须写明理由。"
            ),
            models.CheckConstraint(
                name="answered_extension_request_is_whole",
                condition=Q(answered_at=None, answered_by=None, answered_by_staff=None, is_granted=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False, answered_by_staff__isnull=False, is_granted__isnull=False),
                violation_error_message="答复延期必须同时记明结果、时间和答复人。",
            ),
            models.CheckConstraint(
                name="nobody_answers_an_extension_request_of_their_own",
                condition=Q(answered_by_staff=None) | ~Q(answered_by_staff=F("requested_by_staff")),
                violation_error_message="延期的申请人和批准人不能是同一人。",
            ),
            models.CheckConstraint(
                name="only_a_granted_extension_lengthens_a_stage",
                condition=Q(stay=None) | Q(is_granted=True, is_granted__isnull=False),
                violation_error_message="没有同意的延期不能延长环节时限。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral} 延期至{self.limit}"

    @property
    def is_confidential(self) -> bool:
        """What the record says of it is told to those who work on it alone (DESIGN 2)."""
        return self.referral.program.is_sensitive
