from django.db import models
from django.db.models import F, Q

from ..querysets import ReferralStageQuerySet


class ReferralStage(models.Model):
    """One stay of a referral at one unit for one stage of its track: arrived, signed for, proposed, decided, gone on.

    Who proposes does not decide (SECURITY #4): the constraint compares persons, not posts. A referral that is sent back gets a new row.
    """

    class Result(models.TextChoices):
        FORWARDED = "forwarded", "同意并送下一环节"
        SENT_BACK = "sent_back", "退回上一环节"
        RETURNED = "returned", "退回窗口补正"
        DISPUTED = "disputed", "提出非本单位职责"
        DECIDED = "decided", "已决定"
        REROUTED = "rerouted", "超过限额，改由县级审批"
        RERULED = "reruled", "重新裁定，改由别的单位承办"
        ENDED = "ended", "撤回或终止"
        SUCCEEDED = "succeeded", "单位撤并，由承接单位接办"

    referral = models.ForeignKey("referrals.Referral", on_delete=models.PROTECT, related_name="walked", verbose_name="转办单")
    stage = models.ForeignKey("programs.Stage", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="环节")
    unit = models.ForeignKey("organization.Unit", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="单位")
    arrived_at = models.DateTimeField("到达时间")
    arrived_by = models.ForeignKey("organization.Post", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name="送来人")
    received_at = models.DateTimeField("签收时间", null=True, blank=True)
    received_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="签收人"
    )
    received_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    proposed_at = models.DateTimeField("拟办时间", null=True, blank=True)
    proposed_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="拟办人"
    )
    proposed_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    proposal = models.CharField("拟办意见", max_length=500, blank=True)
    proposed_outcome = models.CharField("拟办结果", max_length=10, blank=True)
    proposed_amount = models.DecimalField("拟办金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    decided_at = models.DateTimeField("审定时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="审定人"
    )
    decided_by_staff = models.ForeignKey(
        "organization.Staff", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    opinion = models.CharField("审定意见", max_length=500, blank=True)
    left_at = models.DateTimeField("离开时间", null=True, blank=True)
    left_by = models.ForeignKey(
        "organization.Post", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name="送走人"
    )
    result = models.CharField("结果", max_length=10, choices=Result.choices, blank=True)

    objects = ReferralStageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理环节记录"
        ordering = ["referral", "arrived_at", "id"]
        indexes = [
            models.Index(name="stage_rows_of_unit", fields=["unit", "referral"]),
            models.Index(name="stage_rows_by_signing", fields=["received_at"], include=["referral"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="a_referral_stands_at_one_place",
                fields=["referral"],
                condition=Q(left_at=None),
                violation_error_message="转办单同时只能在一个单位。",
            ),
            models.CheckConstraint(
                name="signing_for_has_its_signer",
                condition=Q(received_at=None, received_by=None, received_by_staff=None)
                | Q(received_at__isnull=False, received_by__isnull=False, received_by_staff__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_has_its_proposer_and_words",
                condition=Q(proposed_at=None, proposed_by=None, proposed_by_staff=None, proposal="")
                | (Q(proposed_at__isnull=False, proposed_by__isnull=False, proposed_by_staff__isnull=False) & ~Q(proposal="")),
                violation_error_message="拟办必须同时记明意见、时间和拟办人。",
            ),
            models.CheckConstraint(
                name="ruling_of_a_stage_has_its_ruler",
                condition=Q(decided_at=None, decided_by=None, decided_by_staff=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, decided_by_staff__isnull=False),
            ),
            models.CheckConstraint(
                name="who_proposes_does_not_decide",
                condition=Q(proposed_by_staff=None) | Q(decided_by_staff=None) | ~Q(proposed_by_staff=F("decided_by_staff")),
                violation_error_message="拟办人和审定人不能是同一人。",
            ),
            models.CheckConstraint(
                name="left_stage_says_who_when_and_how",
                condition=Q(left_at=None, left_by=None, result="")
                | (Q(left_at__isnull=False, left_by__isnull=False) & ~Q(result="")),
                violation_error_message="离开环节必须同时记明时间、人员和结果。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.referral} {self.stage.name}"
