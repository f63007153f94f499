from django.db import models
from django.db.models import Q

from ..querysets import RescreeningQuerySet


class Rescreening(models.Model):
    """复筛: the family of an approval is screened again from the day on which what it wrote holds (issue 5).

    Written with the decision, done after its commit: a rule that cannot be asked stops no approval, and is tried again.
    """

    referral = models.OneToOneField("referrals.Referral", on_delete=models.PROTECT, related_name="rescreening", verbose_name="转办单")
    due_on = models.DateField("复筛日期")
    tries = models.PositiveSmallIntegerField("次数", default=0)
    next_try_at = models.DateTimeField("下次办理时间")
    done_at = models.DateTimeField("复筛时间", null=True, blank=True)
    screening = models.OneToOneField(
        "households.Screening", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="筛查"
    )

    objects = RescreeningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "复筛"
        ordering = ["due_on", "id"]
        indexes = [models.Index(name="rescreening_to_do", fields=["due_on", "next_try_at"], condition=Q(done_at=None))]
        constraints = [
            models.CheckConstraint(
                name="rescreening_is_done_with_its_screening",
                condition=Q(screening=None) | Q(done_at__isnull=False),
                violation_error_message="复筛的结果须与复筛时间一并记下。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.referral}（复筛）"
